"""Rows are held out by group, near-copies of held-out rows leave train, and evaluation sets stay out."""

import json

import numpy as np
import pytest

from curation.choices import ContaminationMethod, Split
from curation.decontamination import registering
from curation.decontamination.reading import EvaluationFile
from curation.models import ContaminatedEvent, CuratedSet
from curation.sets import building, requesting
from curation.sets.why import explain
from tests.curation.voting import phrase, voted
from tests.factories import DeploymentFactory

pytestmark = pytest.mark.django_db
QUESTION = "A farmer has seventeen sheep and all but nine run away; how many sheep does the farmer have left?"


@pytest.fixture(autouse=True)
def _helpdesk(embedding):
    DeploymentFactory(id="helpdesk")


def curate(**wanted):
    wanted = {"strategies": ("high_quality",), **wanted}
    return building.build(requesting.create("helpdesk", name="x", by=None, **wanted).pk)


def splits(curated_set):
    return dict(curated_set.examples.values_list("event_id", "split"))


def test_without_shares_every_row_is_train_and_has_its_group():
    for number in range(4):
        voted(up=3, number=number, session_hash="a" * 64 if number < 2 else "")

    rows = curate().examples.in_order()

    assert {row.split for row in rows} == {Split.TRAIN}
    assert len({row.group_id for row in rows}) == 3
    assert all(len(row.group_id) == 32 for row in rows)


def test_a_row_never_changes_its_split_and_a_group_has_one():
    held_out = {"validation": 0.3, "test": 0.3}
    for number in range(30):
        voted(up=3, number=number, session_hash=f"{number // 3:064d}")
    first = curate(splits=held_out)
    for number in range(30, 40):
        voted(up=3, number=number)

    before, after = splits(first), splits(curate(splits=held_out))

    assert set(before.values()) == set(Split.values)
    assert before.items() <= after.items()
    groups = first.examples.order_by("group_id").values_list("group_id", "split").distinct()
    assert len(groups) == len(dict(groups)) == 10


def test_near_copies_of_held_out_rows_leave_train():
    for number in range(40):
        voted(
            up=3,
            number=number,
            prompt=f"{QUESTION} {number}",
            response=f"It is {phrase(number)}.",
            user_hash=f"{number}",
        )

    curated_set = curate(splits={"validation": 0.2, "test": 0.2}, parameters={"high_quality": {"max_cosine": 1.0}})

    kept = splits(curated_set)
    leaked = curated_set.funnel["high_quality"]["leaked"]
    assert Split.TRAIN not in kept.values()
    assert len(kept) + leaked == 40
    assert curated_set.total == len(kept)


def test_events_of_an_evaluation_set_stay_out_and_the_set_says_what_matched(tmp_path):
    file = tmp_path / "sheep.jsonl"
    questions = [QUESTION, "What is two and two, in words, please, today?"]
    file.write_text("".join(json.dumps({"question": question}) + "\n" for question in questions))
    registering.register("sheep", EvaluationFile(file), by=None)
    same = voted(up=3, number=1, prompt=QUESTION.upper())
    quoted = voted(
        up=3, number=2, prompt=f"My teacher asked: all but nine run away; how many sheep does he have? {phrase(9)}"
    )
    clean = voted(up=3, number=3)

    curated_set = curate()

    assert list(splits(curated_set)) == [clean.id]
    found = ContaminatedEvent.objects.filter(curated_set=curated_set)
    assert {one.event_id: one.method for one in found} == {
        same.id: ContaminationMethod.NORMALISED,
        quoted.id: ContaminationMethod.NGRAM,
    }
    reason = explain(quoted.id, CuratedSet.objects.all()).reasons[-1]
    assert reason.sentence == "It is in an evaluation set: sheep, row 1: “all but nine run away how many sheep”."
    assert curated_set.funnel["high_quality"] == {"contaminated": 2, "accepted": 1}


class Weather:
    """Texts about the weather are alike."""

    name = "weather"
    version = "1"

    def embed(self, texts):
        return np.array([[1, 0] if "weather" in text else [0, 1] for text in texts], np.float32)


def test_a_short_prompt_that_asks_what_an_evaluation_set_asks_stays_out(tmp_path, embedding):
    embedding(Weather)
    file = tmp_path / "small-talk.jsonl"
    file.write_text(json.dumps({"question": "Will the weather be fine?"}) + "\n")
    registering.register("small talk", EvaluationFile(file), by=None)
    asked = voted(up=3, prompt="Is the weather getting better?", response="Yes, from Thursday on it is dry and warm.")
    voted(up=3, prompt="Do 3 sheep make a flock?", response="Most dictionaries ask for no number at all.")

    curated_set = curate()

    assert curated_set.funnel["high_quality"] == {"contaminated": 1, "accepted": 1}
    assert curated_set.contaminated.get().event_id == asked.id
    reason = explain(asked.id, CuratedSet.objects.all()).reasons[-1]
    assert reason.sentence == "It is in an evaluation set: small talk, row 1: cosine 1.00."


def test_pairs_of_an_evaluation_set_stay_out_too(tmp_path):
    file = tmp_path / "sheep.jsonl"
    file.write_text(json.dumps({"question": QUESTION}) + "\n")
    registering.register("sheep", EvaluationFile(file), by=None)
    for prompt in (QUESTION, "Which sheep are white?"):
        voted(up=2, prompt=prompt, response="Nine of them, if I count well.")
        voted(down=2, prompt=prompt, response="Seventeen, since none of them has gone anywhere.")

    curated_set = curate()

    assert [pair.prompt for pair in curated_set.pair_rows.all()] == ["Which sheep are white?"]

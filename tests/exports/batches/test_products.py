"""What the products keep of a whole set: each record once, and no answer with two labels."""

import json

import pytest

from curation.choices import CuratedSetStatus, Strategy
from exports.choices import ExportFormat
from feedback.hashing import hash_person
from feedback.removal import objections
from tests.curation.factories import CuratedExampleFactory, CuratedPairFactory, CuratedSetFactory

pytestmark = pytest.mark.django_db


def set_with(examples, pairs=()):
    """An approved set with these examples, rows of the queue and pairs."""
    curated_set = CuratedSetFactory(funnel={"gates": {"passed": 1}})
    for position, fields in enumerate(examples):
        CuratedExampleFactory(curated_set=curated_set, position=position, **fields)
    for position, fields in enumerate(pairs):
        CuratedPairFactory(curated_set=curated_set, position=position, **fields)
    curated_set.status = CuratedSetStatus.APPROVED
    curated_set.save(update_fields=["status"])
    return curated_set


@pytest.fixture
def rows(export, folder):
    """Export a set; the batch and the rows of its file."""

    def read(curated_set, format=ExportFormat.JSONL, **options):
        batch = export(curated_set, format, **options)
        return batch, [json.loads(line) for line in (folder / batch.files[0]["path"]).open()]

    return read


def labels(rows):
    return [(row["prompt"][-1]["content"], row["completion"][0]["content"], row["label"]) for row in rows]


@pytest.mark.parametrize(("format", "options"), [(ExportFormat.JSONL, {"product": "kto"}), (ExportFormat.KTO, {})])
def test_labelled_answers_come_from_examples_and_from_rejected_sides(rows, format, options):
    edit = {"strategy": Strategy.USER_EDIT, "response": "Four?", "edited_response": "Four.", "prompt": "2+2"}
    hard = {"strategy": Strategy.HARD_EXAMPLE, "prompt": "9+9", "response": "Nine."}
    pair = {"prompt": "2+2", "chosen": "Four.", "rejected": "Four?"}
    votes = {"prompt": "3+3", "chosen": "Six.", "rejected": "Five."}
    queued = {"queue_reason": "Doubtful.", "prompt": "1+1", "response": "Two."}

    batch, found = rows(set_with([edit, hard, queued], [pair, votes]), format, **options)

    assert labels(found) == [("2+2", "Four.", True), ("2+2", "Four?", False), ("3+3", "Five.", False)]
    assert list(found[0]) == ["prompt", "completion", "label"]
    assert (batch.rows, batch.excluded) == (3, {"hard_example": 1})
    assert batch.items.filter(pair=None).count() == 1
    assert batch.files[0]["path"].endswith(".kto.jsonl")


def test_labelled_answers_are_turns_of_sharegpt_each_once_and_none_with_both_labels(rows):
    good = {"strategy": Strategy.HIGH_QUALITY, "prompt": "2+2", "response": "Four."}
    both = {"strategy": Strategy.HIGH_QUALITY, "prompt": "3+3", "response": "Five."}
    pair = {"prompt": "3+3", "chosen": "Six.", "rejected": "Five."}

    batch, found = rows(set_with([good, good, both], [pair]), ExportFormat.SHAREGPT, product="kto")

    turns = [{"from": "human", "value": "2+2"}, {"from": "gpt", "value": "Four."}]
    assert found == [{"conversations": turns, "kto_tag": True}]
    assert batch.excluded == {"repeated": 1, "both_labels": 2}


def test_each_answer_to_a_prompt_is_labelled_once(rows):
    good = {"prompt": "2+2", "response": "Four."}
    bad = {"prompt": "2+2", "rejected": "Five."}

    batch, found = rows(set_with([good, good], [bad, bad]), ExportFormat.KTO)

    assert labels(found) == [("2+2", "Four.", True), ("2+2", "Five.", False)]
    assert batch.excluded == {"repeated": 2}


def test_an_answer_with_both_labels_is_left_out_entirely(rows):
    good = {"prompt": "2+2", "response": "Four."}
    bad = {"prompt": "2+2", "chosen": "4", "rejected": "Four."}

    batch, found = rows(set_with([good, {**good, "response": "4"}], [bad]), ExportFormat.KTO)

    assert labels(found) == [("2+2", "4", True)]
    assert batch.excluded == {"both_labels": 2}


def test_a_row_that_may_not_be_trained_on_disputes_no_label(rows, operator):
    good = {"prompt": "2+2", "response": "Four."}
    bad = {"prompt": "2+2", "chosen": "4", "rejected": "Four.", "rejected_user_hash": hash_person("nora")}
    objections.record("nora", by=operator)

    batch, found = rows(set_with([good], [bad]), ExportFormat.KTO)

    assert labels(found) == [("2+2", "Four.", True)]
    assert batch.excluded == {"training_not_allowed": 1}


def test_prompts_of_hard_examples_and_of_the_queue_are_written_once(rows):
    hard = {"strategy": Strategy.HARD_EXAMPLE, "prompt": "How do I pay?"}
    queued = [{"queue_reason": "Doubtful.", "prompt": prompt} for prompt in ("how do i pay", "And where?")]

    batch, found = rows(set_with([{}, hard, *queued]), product="prompt_only")

    assert found == [{"prompt": [{"role": "user", "content": text}]} for text in ("How do I pay?", "And where?")]
    assert batch.excluded == {"good_answer": 1, "repeated": 1}
    assert batch.files[0]["path"].endswith(".prompts.jsonl")

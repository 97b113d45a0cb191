"""Preference files of a set with pair rows hold its pairs; those of sets from before hold its edits."""

import json
import uuid

import pytest

from curation.choices import CuratedSetStatus
from exports.batches import requesting, writing
from exports.batches.review import approval
from exports.choices import ExportFormat, LeftOut
from feedback.hashing import hash_person
from feedback.removal import objections
from tests.curation.factories import CuratedExampleFactory, CuratedPairFactory, CuratedSetFactory
from tests.factories import EventFactory

pytestmark = pytest.mark.django_db
CALL = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": "{}"}}


def set_with(*pairs, **fields):
    """An approved set with one example and these pairs."""
    curated_set = CuratedSetFactory(funnel={"gates": {"passed": 1}}, **fields)
    CuratedExampleFactory(curated_set=curated_set, position=0, strategy="user_edit", edited_response="An edit.")
    for position, pair in enumerate(pairs):
        CuratedPairFactory(curated_set=curated_set, position=position, **pair)
    curated_set.status = CuratedSetStatus.APPROVED
    curated_set.save(update_fields=["status"])
    return curated_set


@pytest.fixture
def write(operator, folder):
    def written(curated_set, export_format=ExportFormat.PREFERENCE_PAIRS, **options):
        batch, _ = requesting.request(curated_set.pk, format=export_format, by=operator, **options)
        approval.approve(batch.pk, by=operator, queue=False)
        batch = writing.write(batch.pk)
        return batch, [json.loads(line) for line in (folder / batch.files[0]["path"]).read_text().splitlines()]

    return written


def turn(content):
    return {"role": "assistant", "content": content}


def test_a_preference_file_holds_the_pairs_of_the_set_in_order(write):
    messages = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi"}]
    curated_set = set_with({"prompt": "One?"}, {"prompt": "Hi", "messages": messages, "chosen": "Hello!"})

    batch, rows = write(curated_set)

    assert (batch.rows, batch.excluded) == (2, {})
    assert [row["prompt"] for row in rows] == [[{"role": "user", "content": "One?"}], messages]
    assert rows[1]["chosen"] == [turn("Hello!")]
    assert rows[0]["rejected"] == [turn("Please wait.")]
    assert set(rows[0]) == {"prompt", "chosen", "rejected"}
    assert {item.pair_id for item in batch.items.all()} == set(curated_set.pair_rows.values_list("pk", flat=True))
    assert not batch.items.filter(example__isnull=False).exists()


def test_other_products_of_the_same_set_hold_its_examples(write):
    batch, rows = write(set_with({}), ExportFormat.JSONL)

    assert [row["messages"][-1] for row in rows] == [turn("An edit.")]
    assert not batch.items.filter(pair__isnull=False).exists()


def test_a_call_is_a_side_of_a_pair_and_strings_have_no_place_for_it(write):
    call = {"role": "assistant", "content": None, "tool_calls": [CALL]}
    curated_set = set_with({"chosen": "", "chosen_message": call}, {})

    _, rows = write(curated_set)
    crucible, strings = write(curated_set, profile="crucible")

    assert rows[0]["chosen"] == [call]
    assert strings == [
        {
            "prompt": "How do I reset my password?",
            "chosen": "Open the settings page, choose Security and follow the link.",
            "rejected": "Please wait.",
        }
    ]
    assert crucible.excluded == {"empty_answer": 1}


def test_empty_and_equal_sides_are_left_out_with_the_reason(write):
    curated_set = set_with({}, {"rejected": " "}, {"chosen": "Please  wait."})

    batch, rows = write(curated_set)

    left = curated_set.pair_rows.in_order()[1:]
    assert (len(rows), batch.excluded) == (1, {"empty_answer": 1, "unchanged": 1})
    assert batch.left_out == [
        [str(left[0].chosen_event_id), LeftOut.EMPTY_ANSWER],
        [str(left[1].chosen_event_id), LeftOut.UNCHANGED],
    ]


@pytest.mark.parametrize("column", ["user_hash", "rejected_user_hash", "editor_hash"])
def test_a_pair_of_a_user_who_objects_is_left_out(write, operator, column):
    curated_set = set_with({"prompt": "One?", column: hash_person("nora")}, {"prompt": "Two?"})
    objections.record("nora", by=operator)

    batch, rows = write(curated_set)

    assert [row["prompt"][0]["content"] for row in rows] == ["Two?"]
    assert batch.excluded == {"training_not_allowed": 1}


def test_a_pair_with_an_event_that_allows_no_training_is_left_out(write):
    event = EventFactory(training_allowed=False)
    curated_set = set_with({"rejected_event_id": event.pk}, {})

    batch, rows = write(curated_set)

    assert (len(rows), batch.excluded) == (1, {"training_not_allowed": 1})


def test_two_sets_with_equal_pairs_give_equal_bytes(write):
    ids = {"chosen_event_id": uuid.UUID(int=1), "rejected_event_id": uuid.UUID(int=2)}

    first, _ = write(set_with(ids, name="a", content_hash="a" * 64))
    second, _ = write(set_with(ids, name="b", content_hash="b" * 64))

    assert first.sha256 == second.sha256

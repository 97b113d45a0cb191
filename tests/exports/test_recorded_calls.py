"""Recorded tool calls with former names: from ingestion to the file of an export."""

import json
from collections import Counter

import pytest

from benchmarks import labelled_data, tool_names
from benchmarks.loop import recorded_calls
from exports.models import ExportBatch

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.realdata,
    pytest.mark.skipif(
        not (labelled_data.data_folder() / recorded_calls.DATA).is_dir(), reason="the labelled data is absent"
    ),
]
CONVERSATIONS = 60


@pytest.fixture
def recorded(write_all):
    """The turns of some conversations with former names, and of some of today, sent as events."""
    former = recorded_calls.turns(recorded_calls.conversations("schema_drift")[:CONVERSATIONS])
    today = recorded_calls.turns(recorded_calls.conversations("test"))
    recorded_calls.send("agents", former)
    recorded_calls.send("agents", today, day=recorded_calls.TODAY, tools=recorded_calls.declared_tools())
    return former


def names(rows):
    """How often each tool is called, in answers and in the conversations before them."""
    messages = [message for row in rows for message in row["messages"] if message.get("tool_calls")]
    return Counter(map(recorded_calls.name_of, messages))


def test_an_export_has_the_names_that_a_person_confirmed_in_the_place_of_former_ones(recorded):
    curated_set = recorded_calls.build("agents")
    recorded_calls.approve(curated_set)
    before = recorded_calls.exported(curated_set)

    confirmed = recorded_calls.confirm_renames("agents")
    after = recorded_calls.exported(curated_set)

    assert confirmed == {old: tool_names.TODAY[old] for old in {turn.tool for turn in recorded}}
    assert names(before).keys() <= tool_names.TODAY.keys()
    assert names(after) == _renamed(names(before))
    assert len(after) == len(before) > len(recorded) / 2
    # Nothing but names differs.
    assert [_without_names(row) for row in after] == [_without_names(row) for row in before]
    assert [batch.options.get("renames", {}) for batch in ExportBatch.objects.order_by("pk")] == [{}, confirmed]


def _renamed(counts):
    found = Counter()
    for name, count in counts.items():
        found[tool_names.TODAY[name]] += count
    return found


def _without_names(row):
    found = json.loads(json.dumps(row))
    for message in found["messages"]:
        for call in message.get("tool_calls", ()):
            del call["function"]["name"]
        message.pop("name", None)
    return found

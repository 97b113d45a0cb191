"""Data sets whose results of tools stand as messages of the user."""

import gzip
import json

import pytest

from benchmarks import labelled_data
from feedback.models import Event
from tests.feedback.ingestion.loading.files import load, write

DATA = labelled_data.data_folder() / "tool_traces_tft"
CALLED = {
    "role": "assistant",
    "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "find", "arguments": {"day": "Sunday"}}}],
}
ASKED = {"role": "user", "content": "Open on Sundays?"}
FOUND = {"role": "user", "content": '[{"from": 10, "to": 16}]'}
ANSWER = {"name": "say", "parameters": {"text": "From ten to four."}}


def test_json_right_after_a_call_is_its_result(api, write_all, tmp_path):
    said = load(write(tmp_path, ".jsonl", [{"messages": [ASKED, CALLED, FOUND], "answer": ANSWER}]), "answer=response")
    write_all()

    assert "In 1 rows JSON of the user right after a tool call was read as the result of the tool." in said
    event = api.get(f"/api/v1/events/{Event.objects.get().pk}").json()
    assert event["messages"][2] == {"role": "tool", "content": FOUND["content"], "tool_call_id": "c1"}
    assert event["prompt"] == ASKED["content"]
    assert event["response_message"]["tool_calls"][0]["function"] == {
        "name": "say",
        "arguments": '{"text":"From ten to four."}',
    }


@pytest.mark.parametrize(
    "after", [ASKED, FOUND | {"content": "{not json}"}, {"role": "tool", "tool_call_id": "c1", "content": "[]"}]
)
def test_anything_else_stays_what_it_is(api, write_all, tmp_path, after):
    messages = [ASKED, CALLED, after]

    said = load(write(tmp_path, ".jsonl", [{"messages": messages, "response": "Yes."}]))
    write_all()

    assert "was read as the result" not in said
    event = api.get(f"/api/v1/events/{Event.objects.get().pk}").json()
    assert [message["role"] for message in event["messages"]] == ["user", "assistant", after["role"]]


@pytest.mark.realdata
@pytest.mark.skipif(not DATA.is_dir(), reason="the labelled data is absent")
@pytest.mark.parametrize("name", ["clean", "noisy", "schema_drift", "test"])
def test_recorded_traces_of_tool_calls_are_loaded_and_scored(write_all, name):
    with gzip.open(DATA / f"{name}.jsonl.gz", "rt") as lines:
        rows = [json.loads(line) for line in lines]

    said = load(DATA / f"{name}.jsonl.gz", "answer=response")
    write_all()

    assert f"accepted {len(rows)}, rejected 0" in said
    events = Event.objects.all()
    assert sorted(event.tools_called[0] for event in events) == sorted(row["answer"]["name"] for row in rows)
    assert [event for event in events if event.quality_score is None] == []

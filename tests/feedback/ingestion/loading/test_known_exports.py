"""Exports that are recognised by their columns, each as its program writes it."""

import json

import pytest

from feedback.ingestion import loading
from feedback.models import Event
from tests.feedback.ingestion.loading.files import TALK, load, write

CALL = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": '{"day":"Sunday"}'}}


def chain(kind, content, **fields):
    """A message as LangChain serialises it."""
    path = ["langchain", "schema", "messages", kind]
    return {"lc": 1, "type": "constructor", "id": path, "kwargs": {"content": content, **fields}}


RUN = {
    "id": "0193c1a2-7a44-7a1c-9d0e-0d3f6f1f9a10",
    "run_type": "llm",
    "session_id": "project",
    "start_time": "2025-06-02T12:00:00.250000",
    "end_time": "2025-06-02T12:00:01.500000",
    "inputs": {"messages": [[chain("SystemMessage", "Be brief."), chain("HumanMessage", "Open on Sundays?")]]},
    "outputs": {
        "generations": [
            [
                {
                    "text": "",
                    "message": chain(
                        "AIMessage", "", tool_calls=[{"id": "c1", "name": "find", "args": {"day": "Sunday"}}]
                    ),
                }
            ]
        ]
    },
    "prompt_tokens": 12,
    "total_cost": 0.01,
}
GENERATION = {
    "id": "generation-1",
    "traceId": "trace-1",
    "sessionId": "chat-1",
    "startTime": "2025-06-02T12:00:00.250Z",
    "latency": 1.25,
    "model": "m1",
    "promptVersion": 3,
    "input": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Open on Sundays?"}],
    "output": {"role": "assistant", "content": "", "tool_calls": [CALL]},
    "usageDetails": {"input": 12, "output": 3, "total": 15},
    "metadata": {"shop": "north"},
}


def loaded(api, write_all, path, name):
    said = load(path)
    write_all()

    assert f"recognised as {name}" in said
    assert "accepted 1, rejected 0" in said
    return api.get(f"/api/v1/events/{Event.objects.get().pk}").json()


@pytest.mark.parametrize("suffix", [".csv", ".json", ".jsonl", ".parquet"])
def test_runs_of_langsmith_are_recognised(api, write_all, tmp_path, suffix):
    row = RUN if suffix != ".parquet" else RUN | {name: json.dumps(RUN[name]) for name in ("inputs", "outputs")}

    event = loaded(api, write_all, write(tmp_path, suffix, [row]), "LangSmith")

    assert event["id"] == RUN["id"]
    assert event["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Open on Sundays?"},
    ]
    assert event["response_message"] == {"role": "assistant", "content": "", "tool_calls": [CALL]}
    assert (event["occurred_at"], event["latency_ms"]) == ("2025-06-02T12:00:00.250000Z", 1250)
    assert (event["prompt_tokens"], event["cost_usd"], event["session_hash"]) == (12, 0.01, "")
    assert event["metadata"] == {"run_type": "llm"}


@pytest.mark.parametrize("suffix", [".csv", ".json", ".jsonl", ".parquet"])
def test_generations_of_langfuse_are_recognised(api, write_all, tmp_path, suffix):
    event = loaded(api, write_all, write(tmp_path, suffix, [GENERATION]), "Langfuse")

    assert [message["content"] for message in event["messages"]] == ["Be brief.", "Open on Sundays?"]
    assert event["response_message"]["tool_calls"] == [CALL]
    assert (event["occurred_at"], event["latency_ms"]) == ("2025-06-02T12:00:00.250000Z", 1250)
    assert (event["prompt_tokens"], event["completion_tokens"], event["token_count"]) == (12, 3, 15)
    assert (event["external_id"], event["trace_id"], event["model_version_id"]) == ("generation-1", "trace-1", "m1")
    assert (event["prompt_version"], event["metadata"]) == ("3", {"shop": "north"})
    assert event["session_hash"]


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        ({"question": "Open?"}, {"answer": "Yes."}),
        ({"input": "Open?", "shop": 3}, {"output": "Yes."}),
        (
            {"messages": [{"role": "user", "content": "Open?"}]},
            {"choices": [{"message": {"role": "assistant", "content": "Yes."}}]},
        ),
        (
            {"messages": [{"type": "human", "content": "Open?"}]},
            {"messages": [{"type": "human", "content": "Open?"}, {"type": "ai", "content": "Yes."}]},
        ),
        ({"messages": [{"type": "human", "data": {"content": "Open?"}}]}, {"generations": [[{"text": "Yes."}]]}),
        ("Open?", "Yes."),
    ],
    ids=["texts", "usual names", "completion", "types", "data", "plain"],
)
@pytest.mark.parametrize("kind", ["LangSmith", "Langfuse"])
def test_inputs_and_outputs_have_the_forms_of_many_clients(api, write_all, tmp_path, inputs, outputs, kind):
    columns = ("inputs", "outputs", "run_type") if kind == "LangSmith" else ("input", "output", "traceId")
    row = dict(zip(columns, (inputs, outputs, "x"), strict=True))

    event = loaded(api, write_all, write(tmp_path, ".jsonl", [row]), kind)

    assert (event["prompt"], event["response"]) == ("Open?", "Yes.")


@pytest.mark.parametrize("suffix", [".csv", ".json", ".jsonl", ".parquet"])
@pytest.mark.parametrize("kind", ["ShareGPT", "OpenAI fine-tuning"])
def test_training_files_are_recognised(api, write_all, tmp_path, suffix, kind):
    turns = [{"from": "human", "value": TALK[0]["content"]}, {"from": "gpt", "value": TALK[1]["content"]}]
    row = (
        {"id": "identity_7", "conversations": turns}
        if kind == "ShareGPT"
        else {"messages": TALK, "parallel_tool_calls": True}
    )

    event = loaded(api, write_all, write(tmp_path, suffix, [row]), kind)

    assert (event["messages"], event["response"]) == (TALK[:1], TALK[1]["content"])
    assert event["external_id"] == ("identity_7" if kind == "ShareGPT" else "")


@pytest.mark.parametrize(
    "names",
    [
        ["inputs", "outputs"],
        ["input", "output", "session_id"],
        ["conversations", "messages"],
        ["inputs", "outputs", "run_type", "input", "output", "traceId"],
        ["messages", "colour"],
    ],
)
def test_what_may_be_something_else_is_not_recognised(tmp_path, names):
    prepared = loading.prepare(write(tmp_path, ".jsonl", [dict.fromkeys(names, "x")]), "files")

    assert prepared.known is None


def test_a_column_that_is_mapped_goes_where_it_is_sent(write_all, tmp_path):
    load(write(tmp_path, ".jsonl", [GENERATION]), "model=metadata.engine", "id=")
    write_all()

    event = Event.objects.get()
    assert (event.model_version_id, event.external_id) == ("", "")
    assert event.metadata == {"shop": "north", "engine": "m1"}

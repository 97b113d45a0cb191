"""Conversations of every dialect through the API, every store, masking and dropping."""

import base64
import hashlib
import json

import pytest

from feedback.models import Event, ToolList
from feedback.removal import removing
from tests.factories import DeploymentFactory

EVENTS = "/api/v1/events"
CALL = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Oslo"}'}}
ASKED = {"role": "user", "content": "What is the weather in Oslo?"}
CALLED = {"role": "assistant", "content": None, "tool_calls": [CALL]}
EMAIL, CARD = "ann.lee@example.org", "4111 1111 1111 1111"


def sent(api, write_all, **fields):
    """The event as it is read back, and the receipt."""
    receipt = api.post(EVENTS, {"deployment_id": "agents"} | fields, format="json")
    assert receipt.status_code == 202, receipt.json()
    write_all()
    return api.get(f"{EVENTS}/{receipt.json()['ids'][0]}").json(), receipt.json()


def test_an_answer_may_be_a_tool_call(api, write_all, any_store):
    event, _ = sent(api, write_all, messages=[ASKED], response=CALLED, finish_reason="tool_calls")

    assert (event["response"], event["response_message"]) == ("", CALLED)
    assert (event["prompt"], event["messages"]) == (ASKED["content"], [ASKED])
    assert (event["dialect"], event["tools_called"]) == ("openai_chat", ["weather"])


@pytest.mark.parametrize("response", [{}, {"response": ""}, {"response": CALLED}], ids=["left out", "empty", "twice"])
def test_messages_may_end_with_the_answer(api, write_all, response):
    event, _ = sent(api, write_all, messages=[ASKED, CALLED], **response)

    assert (event["messages"], event["response_message"]) == ([ASKED], CALLED)


def test_an_answer_that_is_text_is_a_message_too(api, write_all):
    event, _ = sent(api, write_all, prompt="Hi?", response="Hello.")

    assert event["response_message"] == {"role": "assistant", "content": "Hello."}
    assert (event["messages"], event["dialect"]) == (None, "")
    assert Event.objects.get().response_message is None


def test_without_an_answer_an_event_is_refused(api):
    answer = api.post(EVENTS, {"deployment_id": "agents", "messages": [ASKED]}, format="json")

    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("response", "required")]


def test_what_sdks_dump_is_read(api, write_all, any_store):
    dumped = {
        "role": "assistant",
        "content": "Let me look.",
        "refusal": None,
        "audio": None,
        "annotations": [],
        "function_call": None,
        "tool_calls": None,
        "reasoning_content": "I need the city.",
        "logprobs": {"tokens": 3},
    }

    event, _ = sent(api, write_all, messages=[ASKED, dumped, ASKED], response="Rain.")

    assert event["messages"][1] == {
        "role": "assistant",
        "content": "Let me look.",
        "reasoning_content": "I need the city.",
        "extra": {"logprobs": {"tokens": 3}},
    }


def test_messages_of_anthropic_are_read(api, write_all, any_store):
    said = [
        {"role": "user", "content": [{"type": "text", "text": "Weather?"}]},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "weather", "input": {"n": 10**30}}]},
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "no such city", "is_error": True}],
        },
    ]
    answer = {
        "role": "assistant",
        "content": [{"type": "thinking", "thinking": "An error."}, {"type": "text", "text": "Sorry."}],
    }

    event, _ = sent(api, write_all, system="Be brief.", messages=said, response=answer)

    assert event["dialect"] == "anthropic"
    assert [message["role"] for message in event["messages"]] == ["system", "user", "assistant", "tool"]
    (call,) = event["messages"][2]["tool_calls"]
    assert call["function"] == {"name": "weather", "arguments": json.dumps({"n": 10**30}, separators=(",", ":"))}
    assert event["messages"][3]["is_error"] is True
    assert (event["response"], event["response_message"]["reasoning_content"]) == ("Sorry.", "An error.")


def test_a_system_text_stands_before_the_prompt(api, write_all):
    event, _ = sent(api, write_all, system="Be brief.", prompt="Hi?", response="Hello.")

    assert event["prompt"] == "Hi?"
    assert event["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi?"}]


def test_reasoning_in_the_text_is_no_part_of_the_answer(api, write_all):
    event, _ = sent(api, write_all, prompt="2 + 2?", response="<think>Two and two.</think>\n\nFour.")

    assert (event["response"], event["response_length"]) == ("Four.", 5)
    assert event["response_message"]["reasoning_content"] == "Two and two."


def test_a_deployment_that_keeps_no_reasoning_stores_none(api, write_all, any_store):
    DeploymentFactory(id="agents", keep_reasoning=False)

    event, _ = sent(
        api,
        write_all,
        messages=[ASKED, {"role": "assistant", "content": "Hm.", "reasoning": "Secret plan"}, ASKED],
        response="<think>Secret plan</think>Rain.",
    )

    assert event["response"] == "Rain."
    assert "ecret plan" not in json.dumps(event)


def test_the_bytes_of_an_image_cost_their_hash(api, write_all, any_store):
    data = b"\x89PNG" + bytes(200_000)
    url = f"data:image/png;base64,{base64.b64encode(data).decode()}"
    content = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": url}}]

    event, _ = sent(api, write_all, messages=[{"role": "user", "content": content}], response="A cat.")

    (block,) = [block for block in event["messages"][0]["blocks"] if block["type"] == "media"]
    assert (block["sha256"], block["size"]) == (hashlib.sha256(data).hexdigest(), len(data))
    assert event["prompt"] == "What is it?"
    assert len(json.dumps(event)) < 5_000


@pytest.mark.parametrize("canary", [EMAIL, CARD])
def test_every_part_of_a_message_is_masked(api, write_all, any_store, canary):
    call = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": json.dumps({"who": canary})}}
    messages = [
        {"role": "system", "content": canary, "name": canary},
        {"role": "user", "content": [{"type": "text", "text": canary}, {"type": "odd", "odd": [canary]}]},
        {"role": "assistant", "content": None, "tool_calls": [call], "note": {canary: canary}},
        {"role": "tool", "tool_call_id": "c1", "content": json.dumps([canary])},
    ]
    answer = {"role": "assistant", "content": "Done.", "reasoning": canary, "refusal": canary, "tool_calls": [call]}
    extra = {"tool_choice": {"name": canary}, "response_format": {"schema": {"description": canary}}}

    event, receipt = sent(api, write_all, messages=messages, response=answer, user_id="u", **extra)

    assert canary not in json.dumps(event)
    assert event["messages"][0]["content"] == "[EMAIL]" if canary == EMAIL else "[CREDIT_CARD]"


def test_texts_of_messages_are_not_kept_under_drop(api, write_all, any_store):
    DeploymentFactory(id="agents", content_policy="drop")

    event, _ = sent(api, write_all, messages=[ASKED], response=CALLED, tool_choice="auto")

    assert (event["messages"], event["response_message"], event["tool_choice"]) == (None, None, None)
    assert event["tools_called"] == ["weather"]


@pytest.mark.parametrize(
    ("label", "kept"),
    [("1.0.0.12", True), ("2024-08-06", True), ("4111111111111111", True), (EMAIL, False), ("tel 0171 5556677", False)],
)
@pytest.mark.parametrize("field", ["model_version_id", "model", "prompt_version", "experiment", "trace_id", "span_id"])
def test_labels_are_identifiers(api, write_all, field, label, kept):
    event, _ = sent(api, write_all, prompt="Hi?", response="Hello.", **{field: label})

    stored = event["model_version_id" if field == "model" else field]
    assert (stored == label) is kept


def test_the_model_stands_for_a_version_that_is_not_given(api, write_all):
    event, _ = sent(api, write_all, prompt="Hi?", response="Hello.", model="m-2", model_version_id="m-2-a")

    assert event["model_version_id"] == "m-2-a"


def test_persons_in_unknown_keys_are_hashed(api, write_all):
    event, _ = sent(api, write_all, messages=[ASKED | {"meta": {"user_id": "ann-7"}}], response="Hello.")

    (value,) = event["messages"][0]["extra"]["meta"].values()
    assert (value != "ann-7", len(value)) == (True, 64)


def test_what_is_dropped_from_a_message_is_in_the_receipt(api, write_all):
    _, receipt = sent(api, write_all, messages=[ASKED | {"blob": ["word"] * 5_000}], response="Hello.")

    (warning,) = receipt["warnings"]
    assert (warning["field"], warning["code"]) == ("messages[0].blob", "extra_dropped")


def test_training_is_allowed_unless_an_event_says_no(api, write_all, any_store):
    first, _ = sent(api, write_all, prompt="Hi?", response="Hello.", feedback_shown=True)
    second, _ = sent(api, write_all, prompt="Hi?", response="Hello.", training_allowed=False)

    assert (first["training_allowed"], first["feedback_shown"]) == (True, True)
    assert (second["training_allowed"], second["feedback_shown"]) == (False, None)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"messages": [], "response": "Yes."}, ("messages", "invalid")),
        ({"messages": "hello", "response": "Yes."}, ("messages", "invalid")),
        ({"messages": [{"role": "boss", "content": "x"}], "response": "Yes."}, ("messages[0].role", "invalid")),
        ({"messages": [ASKED], "response": 7}, ("response", "invalid")),
        ({"messages": [ASKED], "response": {"role": "user", "content": "x"}}, ("response.role", "invalid")),
        ({"messages": [ASKED], "response": "x" * 1_000_001}, ("response", "out_of_range")),
        ({"response": "Yes."}, ("prompt", "required")),
    ],
)
def test_what_is_no_conversation_is_named(api, fields, error):
    answer = api.post(EVENTS, {"deployment_id": "agents"} | fields, format="json")

    assert answer.status_code == 400
    (only,) = answer.json()["errors"]
    assert (only["field"], only["code"]) == error


WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": f"Ask {EMAIL}.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def test_a_list_of_tools_is_kept_once_and_judges_the_calls(api, write_all, any_store):
    anthropic = {"name": "weather", "input_schema": WEATHER["function"]["parameters"]}
    wrong = CALLED | {"tool_calls": [CALL | {"function": {"name": "weather", "arguments": "{}"}}]}
    events = [
        {"deployment_id": "agents", "messages": [ASKED], "response": answer, "tools": tools}
        for answer, tools in ((CALLED, [WEATHER]), (wrong, [WEATHER]), (CALLED, [anthropic]))
    ]

    ids = api.post(EVENTS, {"events": events}, format="json").json()["ids"]
    write_all()

    right, invalid, other = [api.get(f"{EVENTS}/{event_id}").json() for event_id in ids]
    assert right["tools"][0]["function"]["description"] == "Ask [EMAIL]."
    assert right["tools_hash"] == invalid["tools_hash"] != other["tools_hash"]
    assert ToolList.objects.count() == 2
    assert (right["quality"]["score"], invalid["quality"]["score"] < 0.6) == (1.0, True)


def test_a_list_of_tools_goes_with_its_last_event(api, write_all, any_store):
    ids = [
        sent(api, write_all, messages=[ASKED], response=CALLED, tools=[WEATHER], user_id=user)[0]["id"]
        for user in ("ann", "bob")
    ]

    removing.remove_events(ids[:1])
    assert ToolList.objects.count() == 1

    removing.remove_events(ids[1:])
    assert not ToolList.objects.exists()


def test_of_dropped_texts_only_the_names_of_tools_are_kept(api, write_all, any_store):
    DeploymentFactory(id="agents", content_policy="drop")

    event, _ = sent(api, write_all, messages=[ASKED], response=CALLED, tools=[WEATHER])

    assert event["tools"] == [{"type": "function", "function": {"name": "weather"}}]
    assert event["quality"]["score"] == 1.0


@pytest.mark.parametrize("tools", ["weather", [{"type": "function"}], [{"type": "function", "function": {"name": 7}}]])
def test_what_is_no_list_of_tools_is_named(api, tools):
    answer = api.post(
        EVENTS, {"deployment_id": "a", "prompt": "Hi?", "response": "Yes.", "tools": tools}, format="json"
    )

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"].startswith("tools")

"""Hostile conversations are read with notes or rejected, in linear time."""

import json

import pytest

from feedback.conversations import ConversationError, decode, encode, read
from feedback.conversations.dialects.openai import to_openai
from feedback.conversations.messages import OtherBlock

CALL = {"type": "function", "function": {"name": "add", "arguments": "{}"}}


def _read(*messages):
    return read(json.dumps(messages).encode())


def test_a_thousand_calls_of_one_message_are_joined_in_order():
    results = [{"role": "tool", "content": str(index)} for index in range(1_000)]

    conversation = _read({"role": "assistant", "content": None, "tool_calls": [CALL] * 1_000}, *results)

    ids = [f"call_{index}" for index in range(1, 1_001)]
    assert [call.id for call in conversation.messages[0].calls] == ids
    assert [message.tool_call_id for message in conversation.messages[1:]] == ids
    assert conversation.notes == []


def test_results_are_joined_by_name_before_order():
    calls = [{"type": "function", "function": {"name": name, "arguments": "{}"}} for name in ("add", "halve")]

    messages = _read(
        {"role": "assistant", "content": None, "tool_calls": calls},
        {"role": "function", "name": "halve", "content": "1"},
        {"role": "function", "name": "add", "content": "2"},
    ).messages

    assert [message.tool_call_id for message in messages] == [None, "call_2", "call_1"]


def test_made_ids_differ_from_sent_ones():
    calls = [CALL, CALL | {"id": "call_1"}]

    messages = _read({"role": "assistant", "content": None, "tool_calls": calls}).messages

    assert [call.id for call in messages[0].calls] == ["call_1_", "call_1"]


def test_results_without_calls_are_noted():
    conversation = _read({"role": "tool", "tool_call_id": "c7", "content": "3"}, {"role": "tool", "content": "4"})

    assert [message.tool_call_id for message in conversation.messages] == ["c7", "call_1"]
    assert [(note.path, note.code) for note in conversation.notes] == [
        ("[0]", "result_without_call"),
        ("[1]", "result_without_call"),
    ]


def test_calls_without_results_are_noted_when_the_conversation_goes_on():
    conversation = _read(
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "user", "content": "Never mind"},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
    )

    assert [(note.path, note.code) for note in conversation.notes] == [("[1]", "call_without_result")]


def test_notes_are_bounded():
    conversation = _read(*[{"role": "tool", "tool_call_id": "c7", "content": "3"}] * 100)

    assert len(conversation.notes) == 20


def test_ten_thousand_messages_are_read_and_one_more_is_rejected():
    messages = [{"role": "user", "content": "Hi", "n": 1}] * 10_000

    assert len(_read(*messages).messages) == 10_000
    with pytest.raises(ConversationError) as caught:
        _read(*messages, messages[0])
    assert caught.value.message == "a conversation has 1 to 10000 messages"


def test_arguments_of_five_megabytes_are_rejected_with_their_path():
    call = {"type": "function", "function": {"name": "add", "arguments": "x" * 5_000_000}}

    with pytest.raises(ConversationError) as caught:
        _read({"role": "assistant", "content": None, "tool_calls": [call]})

    assert caught.value.path == "[0].tool_calls[0].function.arguments"


def test_results_within_results_are_read_to_a_depth():
    part = {"type": "text", "text": "deep"}
    for _ in range(50):
        part = {"type": "tool_result", "tool_use_id": "t1", "content": [part]}

    block = _read({"role": "user", "content": [part]}).messages[0].blocks[0]
    for _ in range(8):
        block = block.blocks[0]

    assert isinstance(block, OtherBlock)


def test_unknown_keys_are_kept_to_a_depth():
    nested = "[" * 400 + "]" * 400

    messages = read(f'[{{"role": "user", "content": "Hi", "a": {nested}}}]'.encode()).messages

    assert encode(messages).count("[") == 17
    assert decode(encode(messages)) == messages


@pytest.mark.parametrize("arguments", ["", "no JSON", "[1]", '{"a": ', "\u0000", "null"])
def test_arguments_that_are_no_object_are_kept_as_text(arguments):
    call = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": arguments}}
    sent = {"role": "assistant", "content": None, "tool_calls": [call]}

    assert to_openai(_read(sent).messages) == [sent]


BIG_TURNS = {
    "plain": {"role": "user", "content": "Hi"},
    "unknown": {"role": "user", "content": "Hi", "key": "value" * 10},
    "calls": {"role": "assistant", "content": None, "tool_calls": [CALL]},
    "results": {"role": "tool", "content": "3"},
    "items": {"type": "function_call", "name": "add", "arguments": "{}", "id": "fc_1"},
    "parts": {"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "other"}]},
    "gemini": {"role": "model", "parts": [{"functionCall": {"name": "add", "args": {}}}]},
    "sharegpt": {"from": "gpt", "value": "<think>a</think>b"},
}


@pytest.mark.parametrize("turn", BIG_TURNS)
def test_many_messages_take_linear_time(turn, assert_linear):
    assert_linear(lambda size: _read(*[BIG_TURNS[turn]] * size), 400)


@pytest.mark.parametrize("part", [{"type": "text", "text": "Hi"}, {"type": "image"}, {"type": "x", "y": 1}])
def test_many_parts_take_linear_time(part, assert_linear):
    assert_linear(lambda size: _read({"role": "user", "content": [part] * size}), 400)

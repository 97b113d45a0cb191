"""Conversations of every dialect are read into one form."""

import json

import pytest

from feedback.conversations import ConversationError, decode, encode, read, read_response
from feedback.conversations.messages import (
    MediaBlock,
    Message,
    ReasoningBlock,
    RefusalBlock,
    TextBlock,
    ToolCallBlock,
    ToolResultBlock,
)

ADD = '{"a": 12345678901234567890123, "b": 1.10}'


def _read(value, **options):
    return read(json.dumps(value).encode(), **options)


def test_plain_messages_are_read_as_openai_chat():
    conversation = _read([{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi", "name": "ann"}])

    assert conversation.dialect == "openai_chat"
    assert conversation.messages == [
        Message("system", [TextBlock("Be brief.")]),
        Message("user", [TextBlock("Hi")], "ann"),
    ]
    assert conversation.notes == []


def test_content_that_is_absent_null_or_empty_stays_so():
    sent = [{"role": "assistant"}, {"role": "assistant", "content": None}, {"role": "assistant", "content": ""}]

    messages = _read(sent).messages

    assert [message.content_state for message in messages] == ["absent", "null", "present"]
    assert decode(encode(messages)) == messages
    assert json.loads(encode(messages)) == sent


def test_what_a_sdk_dumps_beside_the_content_is_read_or_dropped():
    sent = {
        "role": "assistant",
        "content": "Rome",
        "refusal": None,
        "audio": None,
        "annotations": [],
        "tool_calls": None,
        "reasoning_content": "A capital.",
        "logprobs": {"n": 1},
    }

    message = _read([sent]).messages[0]

    assert message.blocks == [ReasoningBlock("A capital."), TextBlock("Rome")]
    assert message.extra == {"logprobs": {"n": 1}}


def test_calls_and_results_of_openai_are_joined():
    conversation = _read(
        [
            {"role": "user", "content": "Add"},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "c9", "type": "function", "function": {"name": "add", "arguments": ADD}}],
            },
            {"role": "tool", "tool_call_id": "c9", "content": "3"},
        ]
    )

    assert conversation.messages[1] == Message("assistant", [ToolCallBlock("c9", "add", ADD)], content_state="null")
    assert conversation.messages[2] == Message("tool", [ToolResultBlock("c9", blocks=[TextBlock("3")])])
    assert conversation.messages[2].content == "3"


def test_function_calls_without_ids_get_some():
    conversation = _read(
        [
            {"role": "assistant", "content": None, "function_call": {"name": "add", "arguments": ADD}},
            {"role": "function", "name": "add", "content": "3"},
        ]
    )

    assert conversation.messages[0].tool_calls[0]["id"] == "call_1"
    assert conversation.messages[1].tool_call_id == "call_1"
    assert conversation.messages[1].role == "tool"


def test_blocks_of_anthropic_are_read():
    raw = f"""[
        {{"role": "assistant", "content": [
            {{"type": "thinking", "thinking": "Sum.", "signature": "c2ln"}},
            {{"type": "tool_use", "id": "t1", "name": "add", "input": {ADD}}}]}},
        {{"role": "user", "content": [
            {{"type": "tool_result", "tool_use_id": "t1", "is_error": true, "content": "overflow"}},
            {{"type": "text", "text": "Again"}}]}}]"""

    conversation = read(raw.encode(), system=b'"Be brief."')

    assert conversation.dialect == "anthropic"
    assert conversation.messages == [
        Message("system", [TextBlock("Be brief.")]),
        Message(
            "assistant",
            [ReasoningBlock("Sum.", {"signature": "c2ln"}), ToolCallBlock("t1", "add", ADD)],
            content_state="null",
        ),
        Message("tool", [ToolResultBlock("t1", is_error=True, blocks=[TextBlock("overflow")])]),
        Message("user", [TextBlock("Again")]),
    ]


def test_items_of_responses_are_read_and_those_of_one_answer_merged():
    conversation = _read(
        [
            {"role": "user", "content": [{"type": "input_text", "text": "Add"}]},
            {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Sum."}]},
            {"type": "function_call", "call_id": "c1", "name": "add", "arguments": ADD},
            {"type": "function_call_output", "call_id": "c1", "output": "3"},
            {"type": "message", "role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
        ]
    )

    assert conversation.dialect == "openai_responses"
    assert conversation.messages == [
        Message("user", [TextBlock("Add")]),
        Message(
            "assistant",
            [ReasoningBlock("Sum.", {"id": "rs_1"}), ToolCallBlock("c1", "add", ADD)],
            content_state="absent",
        ),
        Message("tool", [ToolResultBlock("c1", blocks=[TextBlock("3")])]),
        Message("assistant", [RefusalBlock("No.")]),
    ]


def test_contents_of_gemini_are_read():
    raw = f"""[
        {{"role": "user", "parts": [{{"text": "Add"}},
            {{"inline_data": {{"mime_type": "image/gif", "data": "R0lG"}}}}]}},
        {{"role": "model", "parts": [{{"functionCall": {{"name": "add", "args": {ADD}}}}}]}},
        {{"role": "function", "parts": [{{"functionResponse": {{"name": "add", "response": {{"sum": 3}}}}}}]}}]"""

    conversation = read(raw.encode(), system=b'{"parts": [{"text": "Be brief."}]}')

    assert conversation.dialect == "gemini"
    assert conversation.messages == [
        Message("system", [TextBlock("Be brief.")]),
        Message(
            "user",
            [
                TextBlock("Add"),
                MediaBlock("image", "image/gif", "76c664ef152e065922fed4727315d065b8fb1aed61015cdaef7bcfea3c58d5ab", 3),
            ],
        ),
        Message("assistant", [ToolCallBlock("call_1", "add", ADD)], content_state="absent"),
        Message("tool", [ToolResultBlock("call_1", "add", blocks=[TextBlock('{"sum": 3}')])]),
    ]


def test_turns_of_sharegpt_are_read():
    conversation = _read(
        [
            {"from": "human", "value": "Add"},
            {"from": "function_call", "value": f'{{"name": "add", "arguments": {ADD}}}'},
            {"from": "observation", "value": "3"},
            {"from": "gpt", "value": "<think>Sum.</think>3"},
        ]
    )

    assert conversation.dialect == "sharegpt"
    assert conversation.messages == [
        Message("user", [TextBlock("Add")]),
        Message("assistant", [ToolCallBlock("call_1", "add", ADD)], content_state="absent"),
        Message("tool", [ToolResultBlock("call_1", blocks=[TextBlock("3")])]),
        Message("assistant", [ReasoningBlock("Sum."), TextBlock("3")]),
    ]


def test_messages_of_two_dialects_are_mixed():
    conversation = _read([{"from": "human", "value": "Hi"}, {"role": "model", "parts": [{"text": "Hello"}]}])

    assert conversation.dialect == "mixed"


ANSWER = Message("assistant", [TextBlock("Rome")])


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ("Rome", ANSWER),
        ("", Message("assistant")),
        (None, Message("assistant", content_state="null")),
        ({"role": "assistant", "content": "Rome"}, ANSWER),
        ({"content": "Rome"}, ANSWER),
        ({"choices": []}, Message("assistant", content_state="null")),
        ([{"type": "text", "text": "Rome"}], ANSWER),
        ([{"text": "Rome"}], ANSWER),
        ({"role": "model", "parts": [{"text": "Rome"}]}, ANSWER),
        ({"from": "gpt", "value": "Rome"}, ANSWER),
        ({"choices": [{"index": 0, "message": {"role": "assistant", "content": "Rome"}}]}, ANSWER),
        ({"candidates": [{"content": {"role": "model", "parts": [{"text": "Rome"}]}}]}, ANSWER),
        ({"message": {"role": "assistant", "content": "Rome"}, "done": True}, ANSWER),
        (
            {
                "output": [
                    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Rome"}]}
                ]
            },
            ANSWER,
        ),
        (
            [{"type": "function_call", "call_id": "c1", "name": "add", "arguments": ADD}],
            Message("assistant", [ToolCallBlock("c1", "add", ADD)], content_state="absent"),
        ),
        (
            {"name": "add", "parameters": {"a": 1}},
            Message("assistant", [ToolCallBlock("call_1", "add", '{"a": 1}')], content_state="absent"),
        ),
        (
            [{"id": "c1", "type": "function", "function": {"name": "add", "arguments": ADD}}],
            Message("assistant", [ToolCallBlock("c1", "add", ADD)], content_state="absent"),
        ),
        (
            [{"type": "tool_use", "name": "add", "input": {"a": 1}}],
            Message("assistant", [ToolCallBlock("call_1", "add", '{"a": 1}')], content_state="absent"),
        ),
    ],
)
def test_an_answer_is_read_from_text_a_message_parts_or_a_whole_body(sent, message):
    assert read_response(json.dumps(sent).encode()) == message


@pytest.mark.parametrize(
    ("raw", "path", "code"),
    [
        (b"{}", "", "invalid"),
        (b"[]", "", "invalid"),
        (b"[{", "", "malformed"),
        (b"", "", "malformed"),
        (b"\xef\xbb\xbf[]", "", "malformed"),
        (b'[{"role": "user", "content": "\xff"}]', "", "malformed"),
        (b'[{"role": "user", "content": "Hi", "n": NaN}]', "", "malformed"),
        (b'["hi"]', "[0]", "invalid"),
        (b'[{"content": "Hi"}]', "[0].role", "required"),
        (b'[{"type": "text", "text": "Hi"}]', "[0].role", "required"),
        (b'[{"role": "oracle", "content": "Hi"}]', "[0].role", "invalid"),
        (b'[{"role": "user", "content": 7}]', "[0].content", "invalid"),
        (b'[{"role": "user", "content": "%b"}]' % (b"x" * 1_000_001), "[0].content", "out_of_range"),
        (b'[{"role": "assistant", "tool_calls": 7}]', "[0].tool_calls", "invalid"),
        (b'[{"from": "oracle", "value": "Hi"}]', "[0].from", "invalid"),
        (b"[" * 5_000 + b"]" * 5_000, "", "too_deep"),
    ],
)
def test_what_is_no_conversation_is_rejected_with_its_path(raw, path, code):
    with pytest.raises(ConversationError) as caught:
        read(raw)

    assert (caught.value.path, caught.value.code) == (path, code)


@pytest.mark.parametrize("raw", [b"", b" ", b"Rome", b'"Rome', b"12", b"true", b"{}", b'{"city": "Rome"}'])
def test_what_is_no_answer_is_rejected(raw):
    with pytest.raises(ConversationError):
        read_response(raw)


@pytest.mark.parametrize("system", [b"null", b'""', b"[]", b"{}"])
def test_empty_instructions_are_no_message(system):
    assert read(b'[{"role": "user", "content": "Hi"}]', system=system).messages == [Message("user", [TextBlock("Hi")])]

"""Messages of libraries that spell the dialects in their own way."""

import json

import pytest

from feedback.conversations import read, read_response
from feedback.conversations.messages import (
    MediaBlock,
    Message,
    OtherBlock,
    ReasoningBlock,
    TextBlock,
    ToolCallBlock,
    ToolResultBlock,
)

ASKED = Message("user", [TextBlock("Add 1 and 2")])
CALLED = Message("assistant", [ToolCallBlock("c1", "add", '{"a": 1}')], content_state="null")


def _read(*messages):
    return read(json.dumps(messages).encode()).messages


def test_messages_of_langchain():
    messages = _read(
        {"type": "human", "content": "Add 1 and 2"},
        {
            "type": "ai",
            "content": "",
            "tool_calls": [{"name": "add", "args": {"a": 1}, "id": "c1", "type": "tool_call"}],
            "invalid_tool_calls": [],
        },
        {"type": "tool", "data": {"content": "overflow", "tool_call_id": "c1", "status": "error"}},
    )

    assert messages[0] == ASKED
    assert messages[1].blocks == CALLED.blocks
    assert messages[2].results == [ToolResultBlock("c1", is_error=True, blocks=[TextBlock("overflow")])]


def test_messages_of_the_vercel_ai_sdk():
    messages = _read(
        {"role": "user", "content": [{"type": "text", "text": "Add 1 and 2"}]},
        {
            "role": "assistant",
            "content": [{"type": "tool-call", "toolCallId": "c1", "toolName": "add", "input": {"a": 1}}],
        },
        {
            "role": "tool",
            "content": [
                {
                    "type": "tool-result",
                    "toolCallId": "c1",
                    "toolName": "add",
                    "output": {"type": "json", "value": {"sum": 3}},
                }
            ],
        },
    )

    assert messages == [
        ASKED,
        CALLED,
        Message("tool", [ToolResultBlock("c1", "add", blocks=[TextBlock('{"sum": 3}')])]),
    ]


def test_messages_of_opentelemetry():
    messages = _read(
        {
            "role": "user",
            "parts": [
                {"type": "text", "content": "Add 1 and 2"},
                {"type": "uri", "modality": "image", "mime_type": "image/png", "uri": "https://x.example/a.png"},
                {"type": "blob", "modality": "audio", "mime_type": "audio/wav", "content": "QUJD"},
            ],
        },
        {
            "role": "assistant",
            "parts": [
                {"type": "reasoning", "content": "Sum."},
                {"type": "tool_call", "id": "c1", "name": "add", "arguments": {"a": 1}},
            ],
            "finish_reason": "tool_call",
        },
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": {"sum": 3}}]},
    )

    assert messages[0].blocks[:2] == [
        TextBlock("Add 1 and 2"),
        MediaBlock("image", "image/png", url="https://x.example/a.png"),
    ]
    assert (messages[0].blocks[2].kind, messages[0].blocks[2].size) == ("audio", 3)
    assert messages[1].blocks == [ReasoningBlock("Sum."), ToolCallBlock("c1", "add", '{"a": 1}')]
    assert messages[2].results == [ToolResultBlock("c1", blocks=[TextBlock('{"sum": 3}')])]


def test_parts_of_data_frames_with_a_null_for_each_missing_key():
    parts = [
        {"type": "text", "text": "Hi", "index": None},
        {"type": "image", "text": None},
        {"type": "text", "text": None},
    ]

    assert _read({"role": "user", "content": parts})[0].blocks == [TextBlock("Hi"), MediaBlock("image")]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"sum": 3.0}, '{"sum": 3.0}'),
        ([{"type": "Feature", "id": 1}], '[{"type": "Feature", "id": 1}]'),
        ([1, 2], "[1, 2]"),
        (3.5, "3.5"),
        (True, "true"),
        ([], ""),
        ([{"type": "text", "text": "3"}], "3"),
        (["3", "4"], "34"),
    ],
)
def test_what_a_tool_returns_is_its_text_or_else_its_json(content, text):
    assert _read({"role": "tool", "tool_call_id": "c1", "content": content})[0].content == text


@pytest.mark.parametrize("kind", ["json", "Feature"])
def test_an_answer_of_an_unknown_part_keeps_it(kind):
    part = {"type": kind, "value": 3}

    assert read_response(json.dumps([part]).encode()).blocks == [OtherBlock(kind, {"value": 3})]

"""What changes when a conversation comes back in its dialect, as docs/conversations.md lists it."""

import json

import msgspec
import pytest

from feedback.conversations import read
from feedback.conversations.dialects.anthropic import to_anthropic
from feedback.conversations.dialects.gemini import to_gemini
from feedback.conversations.dialects.openai import to_openai
from feedback.conversations.dialects.responses import to_responses
from feedback.conversations.dialects.sharegpt import to_sharegpt

HASH = "b5d4045c3f466fa91fe2cc6abe79232a1a57cdf104f7a26e716e0a1e2789df78"
REFERENCE = f"data:image/png;sha256={HASH};size=3,"
CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
USE = {"type": "tool_use", "id": "t1", "name": "add", "input": {"a": 1}}


def _again(write, sent, system=None):
    raw = None if system is None else json.dumps(system).encode()
    written = msgspec.json.encode(write(read(json.dumps(sent).encode(), system=raw).messages))
    return json.loads(written)


@pytest.mark.parametrize(
    ("sent", "normal"),
    [
        (
            {"role": "user", "content": [{"type": "text", "text": "Hi "}, {"type": "text", "text": "you"}]},
            {"role": "user", "content": "Hi you"},
        ),
        (
            {"role": "assistant", "content": [USE]},
            {"role": "assistant", "content": None, "tool_calls": [CALL | {"id": "t1"}]},
        ),
        (
            {
                "role": "assistant",
                "content": "Hi",
                "refusal": None,
                "audio": None,
                "function_call": None,
                "annotations": [],
            },
            {"role": "assistant", "content": "Hi"},
        ),
        (
            {"role": "assistant", "content": None, "function_call": {"name": "add", "arguments": '{"a": 1}'}},
            {"role": "assistant", "content": None, "tool_calls": [CALL | {"id": "call_1"}]},
        ),
        (
            {"role": "assistant", "tool_calls": [{"id": "c1", "function": {"name": "add", "arguments": {"a": 1}}}]},
            {"role": "assistant", "tool_calls": [CALL]},
        ),
        (
            {"role": "assistant", "content": "3", "reasoning": "Sum.", "thinking": "Another"},
            {"role": "assistant", "content": "3", "reasoning_content": "Sum."},
        ),
        (
            {
                "role": "assistant",
                "content": "3",
                "reasoning_details": [{"type": "reasoning.summary", "summary": "Sum."}],
            },
            {"role": "assistant", "content": "3", "reasoning_content": "Sum."},
        ),
        (
            {"role": "assistant", "content": "<think>Sum.</think>3"},
            {"role": "assistant", "content": "3", "reasoning_content": "Sum."},
        ),
        (
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}}]},
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": REFERENCE}}]},
        ),
        ({"role": "user", "content": "Hi", "key": 7}, {"role": "user", "content": "Hi"}),
    ],
)
def test_chat_completions(sent, normal):
    assert _again(to_openai, [sent]) == [normal]


def test_absent_content_becomes_null_on_request():
    messages = read(json.dumps([{"role": "assistant", "tool_calls": [CALL]}]).encode()).messages

    assert to_openai(messages, fill_content=True) == [{"role": "assistant", "content": None, "tool_calls": [CALL]}]


def test_reasoning_is_left_out_on_request():
    messages = read(b'[{"role": "assistant", "content": "<think>Sum.</think>3"}]').messages

    assert to_openai(messages, reasoning=False) == [{"role": "assistant", "content": "3"}]
    assert to_sharegpt(messages, reasoning=False) == [{"from": "gpt", "value": "3"}]


SUMMARY = [{"type": "summary_text", "text": "Sum."}]


@pytest.mark.parametrize(
    ("sent", "normal"),
    [
        (
            [{"role": "user", "content": "Hi"}, {"type": "item_reference", "id": "i1"}],
            [
                {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
                {"type": "item_reference", "id": "i1"},
            ],
        ),
        (
            [{"type": "reasoning", "id": "r1", "summary": [], "content": [{"type": "reasoning_text", "text": "Sum."}]}],
            [{"type": "reasoning", "id": "r1", "summary": SUMMARY}],
        ),
        (
            [
                {"type": "function_call", "name": "add", "arguments": "{}"},
                {"type": "function_call_output", "output": "3"},
            ],
            [
                {"type": "function_call", "call_id": "call_1", "name": "add", "arguments": "{}"},
                {"type": "function_call_output", "call_id": "call_1", "output": "3"},
            ],
        ),
    ],
)
def test_responses(sent, normal):
    assert _again(to_responses, sent) == normal


RESULT = {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "3"}]}


@pytest.mark.parametrize(
    ("sent", "normal"),
    [
        (
            [{"role": "assistant", "content": [USE]}, {"role": "user", "content": [RESULT | {"content": "3"}]}],
            [{"role": "assistant", "content": [USE]}, {"role": "user", "content": [RESULT]}],
        ),
        (
            [
                {"role": "assistant", "content": [USE]},
                {"role": "user", "content": [{"type": "text", "text": "Here"}, RESULT]},
                {"role": "user", "content": "Thanks"},
            ],
            [
                {"role": "assistant", "content": [USE]},
                {"role": "user", "content": [RESULT, {"type": "text", "text": "Here"}]},
                {"role": "user", "content": [{"type": "text", "text": "Thanks"}]},
            ],
        ),
        (
            [
                {
                    "role": "user",
                    "content": [
                        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "QUJD"}}
                    ],
                }
            ],
            [{"role": "user", "content": [{"type": "image", "source": {"type": "url", "url": REFERENCE}}]}],
        ),
        (
            [
                {
                    "role": "user",
                    "content": [
                        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "Plan"}}
                    ],
                }
            ],
            [{"role": "user", "content": [{"type": "text", "text": "Plan"}]}],
        ),
    ],
)
def test_anthropic(sent, normal):
    assert _again(to_anthropic, sent, system="Be brief.") == {
        "system": [{"type": "text", "text": "Be brief."}],
        "messages": normal,
    }


@pytest.mark.parametrize(
    ("sent", "normal"),
    [
        ([{"parts": {"text": "Hi"}}], [{"role": "user", "parts": [{"text": "Hi"}]}]),
        (
            [
                {"role": "model", "parts": [{"function_call": {"name": "add", "args": {"a": 1}}}]},
                {"role": "function", "parts": [{"function_response": {"name": "add", "response": {"sum": 3}}}]},
                {"role": "user", "parts": [{"text": "Thanks"}]},
            ],
            [
                {"role": "model", "parts": [{"functionCall": {"id": "call_1", "name": "add", "args": {"a": 1}}}]},
                {
                    "role": "user",
                    "parts": [
                        {"functionResponse": {"id": "call_1", "name": "add", "response": {"sum": 3}}},
                        {"text": "Thanks"},
                    ],
                },
            ],
        ),
        (
            [{"role": "user", "parts": [{"inline_data": {"mime_type": "image/png", "data": "QUJD"}}]}],
            [{"role": "user", "parts": [{"fileData": {"fileUri": REFERENCE, "mimeType": "image/png"}}]}],
        ),
    ],
)
def test_gemini(sent, normal):
    assert _again(to_gemini, sent, system={"parts": [{"text": "Be brief."}]}) == {
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "contents": normal,
    }


@pytest.mark.parametrize(
    ("sent", "normal"),
    [
        ({"from": "user", "value": "Hi", "weight": 1}, {"from": "human", "value": "Hi"}),
        ({"from": "chatgpt", "value": None}, {"from": "gpt", "value": ""}),
        (
            {"from": "gpt", "value": "<think>Sum.</think>3"},
            {"from": "gpt", "value": "<think>\nSum.\n</think>\n\n3"},
        ),
        (
            {"from": "function_call", "value": '{"arguments": "{\\"a\\": 1.0}", "name": "add"}'},
            {"from": "function_call", "value": '{"name": "add", "arguments": {"a": 1.0}}'},
        ),
        ({"from": "function_call", "value": "add(1)"}, {"from": "gpt", "value": "add(1)"}),
    ],
)
def test_sharegpt(sent, normal):
    assert _again(to_sharegpt, [sent]) == [normal]


def test_media_are_marks_in_sharegpt():
    part = {"type": "image_url", "image_url": {"url": "https://x.example/a.png"}}

    assert _again(to_sharegpt, [{"role": "user", "content": [part, {"type": "text", "text": " What?"}]}]) == [
        {"from": "human", "value": "<image> What?"}
    ]

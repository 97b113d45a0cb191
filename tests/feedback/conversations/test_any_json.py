"""Whatever JSON is sent, reading it succeeds or names what is wrong, and what was read can be stored and written."""

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.conversations import ConversationError, decode, encode, read, read_response
from feedback.conversations.dialects.anthropic import to_anthropic
from feedback.conversations.dialects.gemini import to_gemini
from feedback.conversations.dialects.openai import to_openai
from feedback.conversations.dialects.responses import to_responses
from feedback.conversations.dialects.sharegpt import to_sharegpt

_NAMES = st.sampled_from(
    sorted(
        {"role", "content", "name", "tool_calls", "tool_call_id", "function_call", "refusal", "audio", "thinking"}
        | {
            "reasoning_content",
            "type",
            "text",
            "parts",
            "from",
            "value",
            "id",
            "call_id",
            "arguments",
            "output",
            "input",
        }
        | {"function", "custom", "image_url", "url", "data", "source", "media_type", "format", "file", "inlineData"}
        | {"functionCall", "functionResponse", "args", "response", "thought", "summary", "tool_use_id", "is_error"}
        | {"user_id", "message", "choices", "candidates", "transcript", "toolCallId", "toolName", "title", "modality"}
    )
)
_WORDS = st.sampled_from(
    sorted(
        {"user", "assistant", "tool", "function", "model", "system", "human", "gpt", "observation", "message", "text"}
        | {"image", "image_url", "input_audio", "file", "document", "tool_use", "tool_result", "thinking", "reasoning"}
        | {"function_call", "function_call_output", "custom_tool_call", "input_text", "output_text", "refusal", "json"}
        | {"web_search_call", "tool-call", "tool-result", "tool_call", "tool_call_response", "blob", "base64", "url"}
    )
)
_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), _WORDS)
_VALUES = st.recursive(
    st.one_of(_SCALARS, st.text(st.characters(exclude_categories=["Cs"]), max_size=5), st.just("data:a/b;base64,QUJD")),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_NAMES, inner, max_size=5)),
    max_leaves=12,
)
_MESSAGES = st.lists(st.dictionaries(_NAMES, _VALUES, min_size=1, max_size=6), min_size=1, max_size=3)
_ROLES = st.sampled_from(["user", "assistant", "tool"])


@given(st.lists(st.tuples(_ROLES, st.dictionaries(_NAMES, _VALUES, max_size=6)), min_size=1, max_size=3), _VALUES)
@settings(max_examples=60)
def test_any_message_with_a_role_is_read_or_rejected(messages, system):
    _check([{"role": role} | message for role, message in messages], system)


@given(_MESSAGES, st.none())
@settings(max_examples=60)
def test_any_object_is_read_or_rejected(messages, system):
    _check(messages, system)


def _check(messages, system):
    try:
        conversation = read(json.dumps(messages).encode(), system=json.dumps(system).encode(), hash_person=str.upper)
    except ConversationError:
        return
    assert decode(encode(conversation.messages)) == conversation.messages
    for write in (to_openai, to_responses, to_anthropic, to_gemini, to_sharegpt):
        msgspec.json.encode(write(conversation.messages))


@given(_VALUES)
@settings(max_examples=60)
def test_any_response_is_read_or_rejected(value):
    try:
        message = read_response(json.dumps(value).encode())
    except ConversationError:
        return
    assert message.role == "assistant"
    assert decode(encode([message])) == [message]


@pytest.mark.parametrize("write", [to_openai, to_sharegpt])
@given(messages=st.lists(st.tuples(_ROLES, st.dictionaries(_NAMES, _VALUES, max_size=6)), min_size=1, max_size=3))
@settings(max_examples=40)
def test_what_is_written_for_trainers_reads_back_as_the_same(write, messages):
    try:
        conversation = read(json.dumps([{"role": role} | message for role, message in messages]).encode())
    except ConversationError:
        return

    written = msgspec.json.encode(write(conversation.messages))

    assert msgspec.json.encode(write(read(written).messages)) == written

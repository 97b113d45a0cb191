"""Each dialect comes back to itself from the canonical form, and so does what is stored."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.conversations import decode, encode, read
from feedback.conversations.dialects.anthropic import to_anthropic
from feedback.conversations.dialects.gemini import to_gemini
from feedback.conversations.dialects.openai import to_openai
from feedback.conversations.dialects.responses import to_responses
from feedback.conversations.dialects.sharegpt import to_sharegpt
from tests.feedback.conversations import strategies
from tests.feedback.conversations.strategies import Verbatim, dump

DIALECTS = {
    "openai_chat": (strategies.OPENAI_CHAT, to_openai),
    "openai_responses": (strategies.OPENAI_RESPONSES, to_responses),
    "anthropic": (strategies.ANTHROPIC, lambda messages: to_anthropic(messages)["messages"]),
    "gemini": (strategies.GEMINI, lambda messages: to_gemini(messages)["contents"]),
    "sharegpt": (strategies.SHAREGPT, to_sharegpt),
}


def _comparable(value):
    """The written form with JSON texts in place of raw JSON."""
    if isinstance(value, msgspec.Raw):
        return Verbatim(bytes(value).decode())
    if isinstance(value, dict):
        return {name: _comparable(inner) for name, inner in value.items()}
    return [_comparable(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("dialect", DIALECTS)
@given(data=st.data())
@settings(max_examples=40)
def test_a_conversation_in_normal_form_comes_back_as_it_was_sent(dialect, data):
    strategy, write = DIALECTS[dialect]
    sent = data.draw(strategy)

    conversation = read(dump(sent).encode())

    assert _comparable(write(conversation.messages)) == sent
    assert conversation.dialect in {dialect, "openai_chat"}


@pytest.mark.parametrize("dialect", DIALECTS)
@given(data=st.data())
@settings(max_examples=30)
def test_what_is_stored_is_read_back(dialect, data):
    messages = read(dump(data.draw(DIALECTS[dialect][0])).encode()).messages

    assert decode(encode(messages)) == messages


@pytest.mark.parametrize("dialect", DIALECTS)
@given(data=st.data())
@settings(max_examples=30)
def test_what_is_written_for_trainers_reads_back_as_the_same(dialect, data):
    messages = read(dump(data.draw(DIALECTS[dialect][0])).encode()).messages

    written = to_openai(messages)
    again = to_openai(read(dump(written).encode()).messages)

    assert again == written


@given(content=strategies.OBJECT)
def test_unknown_keys_keep_every_number(content):
    messages = read(f'[{{"role": "user", "content": "Hi", "sent": {content}}}]'.encode()).messages

    assert decode(encode(messages)) == messages

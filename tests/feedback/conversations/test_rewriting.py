"""Every string of a message can be listed and replaced, so that none escapes masking."""

import json

import pytest

from feedback.conversations import encode, read
from feedback.conversations.messages import rewritten, strings

CANARY = "canary"
SENT = [
    {"role": "user", "name": "canary1", "content": [{"type": "text", "text": "canary2", "key": "canary3"}]},
    {
        "role": "user",
        "key": {"deep": ["canary4"]},
        "content": [
            {"type": "file", "file": {"filename": "canary5", "file_id": "canary6"}},
            {"type": "image_url", "image_url": {"url": "https://x.example/canary7"}},
            {"type": "canary8", "key": "canary9"},
        ],
    },
    {
        "role": "assistant",
        "reasoning_content": "canary10",
        "refusal": "canary11",
        "tool_calls": [
            {"id": "canary12", "type": "function", "function": {"name": "canary13", "arguments": "canary14"}}
        ],
    },
    {"role": "tool", "tool_call_id": "canary12", "name": "canary15", "content": "canary16"},
    {
        "role": "tool",
        "tool_call_id": "canary12",
        "content": [
            {"type": "text", "text": "canary17"},
            {"type": "image", "media_type": "canary18", "key": "canary19"},
        ],
    },
]


@pytest.fixture
def messages():
    return read(json.dumps(SENT).encode()).messages


def test_every_string_is_replaced(messages):
    replaced = [
        rewritten(message, text=lambda text: text.replace(CANARY, "mask"), value=lambda value: "mask")
        for message in messages
    ]

    assert CANARY in encode(messages)
    assert CANARY not in encode(replaced)


def test_every_string_outside_unknown_keys_is_listed(messages):
    listed = " ".join(strings(messages)).split()

    numbers = (1, 2, 5, 7, 8, 10, 11, 12, 13, 14, 12, 15, 16, 12, 17, 18)
    assert [text.rpartition("/")[2] for text in listed] == [f"canary{number}" for number in numbers]


def test_nothing_changes_where_nothing_is_replaced(messages):
    assert [rewritten(message, text=str, value=dict) for message in messages] == messages

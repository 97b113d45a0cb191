"""Rows that a trainer would fail on are left out."""

import json
from types import SimpleNamespace

import pytest

from curation.choices import Strategy
from exports.batches.encodings import ENCODINGS
from exports.choices import ExportFormat, LeftOut, Profile, Turns
from exports.products import PRODUCTS
from exports.products.base import Options
from feedback.conversations import read
from feedback.conversations.dialects.openai import to_openai

HI = {"role": "user", "content": "Hi"}
CALL = {"id": "1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
WHOLE = {"role": "assistant", "content": "Yes."}
SOUND = "data:audio/wav;base64,UklGRg=="


def found(messages, *, product="sft", profile=Profile.DEFAULT, turns=Turns.ALL, **fields):
    row = {
        "prompt": "Hi",
        "response": "Hello",
        "response_message": None,
        "edited_response": "",
        "tools": None,
        **fields,
    }
    strategy = Strategy.HARD_EXAMPLE if product == "prompt_only" else Strategy.HIGH_QUALITY
    given = SimpleNamespace(
        strategy=strategy,
        messages=messages,
        score=3.9,
        event_id="e",
        is_queued=False,
        decision="",
        reviewed_response="",
        curated_set=SimpleNamespace(has_pair_rows=True),
        **row,
    )
    made = ENCODINGS[ExportFormat.JSONL].records(PRODUCTS[product], given, Options(profile, turns=turns))
    return [entry.record for entry in made] if isinstance(made, list) else made


def sent(*messages):
    """Messages as rows hold them after they were sent."""
    return to_openai(read(json.dumps(messages).encode()).messages)


@pytest.mark.parametrize("product", ["sft", "kto", "prompt_only"])
@pytest.mark.parametrize(
    ("messages", "is_left_out"),
    [
        ([HI], False),
        ([{"role": "system", "content": ""}, HI], False),
        ([HI, {"role": "assistant", "tool_calls": [CALL]}, {"role": "tool", "content": ""}], False),
        ([HI, {"role": "assistant", "content": None, "tool_calls": [CALL]}, {"role": "tool", "content": "4"}], False),
        ([{"role": "critic", "content": "No."}, HI], True),
        ([{"role": "user", "content": " \n"}], True),
        ([{"role": "user", "content": []}], True),
        ([{"role": "user", "content": ["Hi"]}], True),
        ([{"role": "user"}], True),
        ([HI, {"role": "assistant", "content": ""}, HI], True),
        ([HI, {"role": "assistant", "content": None}, HI], True),
        ([HI, {"role": "assistant", "tool_calls": [CALL]}, {"role": "tool"}], True),
    ],
)
def test_messages_that_a_trainer_rejects_are_left_out(messages, is_left_out, product):
    records = found(messages, product=product)

    assert (records == LeftOut.INVALID_MESSAGES) == is_left_out
    assert is_left_out or len(records) == 1


def test_a_row_without_a_prompt_is_left_out():
    assert found(None, prompt="") == LeftOut.INVALID_MESSAGES
    assert found(None, prompt="", turns=Turns.LAST) == LeftOut.INVALID_MESSAGES


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": "data:image/gif;base64,R0lGODlh"}},
        {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
        {"type": "audio_url", "audio_url": {"url": SOUND}},
        {"type": "file", "file": {"file_data": "data:text/plain;base64,SGk=", "filename": "a.txt"}},
        {"type": "file", "file": {"file_id": "file-1"}},
    ],
)
@pytest.mark.parametrize("product", ["sft", "kto", "prompt_only"])
def test_a_row_with_media_of_which_a_hash_is_left_is_left_out(part, product):
    messages = sent({"role": "user", "content": [{"type": "text", "text": "What is it?"}, part]})

    assert found(messages, product=product) == LeftOut.MEDIA_ABSENT
    assert found(messages, product="sft", profile=Profile.CRUCIBLE) == [
        {"prompt": "Hi", "response": "Hello", "source": "high_quality", "score": 3.9}
    ]


@pytest.mark.parametrize("messages", [["Hi"], [{"content": "Hi"}], {"role": "user"}])
def test_messages_of_another_shape_cost_one_row(messages):
    assert found(messages) == LeftOut.UNWRITABLE


def test_media_with_a_url_stays_as_it_is():
    picture = {"type": "image_url", "image_url": {"url": "https://x.example/a.png"}}
    asked = {"role": "user", "content": [{"type": "text", "text": "What is it?"}, picture]}

    (record,) = found(sent(asked))

    assert record["messages"] == [asked, {"role": "assistant", "content": "Hello"}]

"""Keys and parts that are not known never reject a conversation; they are kept within bounds."""

import hashlib
import json

import pytest

from feedback.conversations import decode, encode, read, read_response
from feedback.conversations.intake import Intake
from feedback.conversations.messages import OtherBlock, TextBlock


def _read(*messages, **options):
    return read(json.dumps(messages).encode(), **options)


def _hashed(person):
    return f"hash of {person}"


def test_unknown_keys_are_kept_where_they_were():
    conversation = _read({"role": "user", "content": [{"type": "text", "text": "Hi", "lang": "en"}], "seed": 7})

    assert conversation.messages[0].extra == {"seed": 7}
    assert conversation.messages[0].blocks == [TextBlock("Hi", {"lang": "en"})]
    assert decode(encode(conversation.messages)) == conversation.messages


def test_null_and_empty_ones_are_dropped():
    sent = {"role": "user", "content": "Hi", "a": None, "b": [], "c": {}, "d": "", "e": False, "f": 0}

    assert _read(sent).messages[0].extra == {"d": "", "e": False, "f": 0}


def test_unknown_parts_are_kept():
    part = {"type": "hologram", "shape": {"sides": 6}}

    assert _read({"role": "user", "content": [part]}).messages[0].blocks == [
        OtherBlock("hologram", {"shape": {"sides": 6}})
    ]


def test_persons_are_hashed_wherever_they_are():
    sent = {"role": "user", "content": "Hi", "user": "ann", "meta": [{"user_id": 7, "safety_identifier": ""}]}

    message = _read(sent, hash_person=_hashed).messages[0]

    assert message.extra == {"user": "hash of ann", "meta": [{"user_id": "hash of 7"}]}


@pytest.mark.parametrize("person", ["ann", {"name": "ann"}, ["ann"], True])
def test_persons_are_never_kept_as_they_are(person):
    assert _read({"role": "user", "content": "Hi", "user": person}).messages[0].extra == {}


def test_long_base64_becomes_its_hash():
    data = "QUJD" * 300

    extra = _read({"role": "user", "content": "Hi", "blob": data, "short": data[:1_000]}).messages[0].extra

    assert extra == {
        "blob": {"sha256": hashlib.sha256(data.encode()).hexdigest(), "bytes": 1_200},
        "short": data[:1_000],
    }


def test_long_words_are_kept_as_they_are():
    prose = "lorem ipsum dolor sit amet " * 50

    assert _read({"role": "user", "content": "Hi", "note": prose}).messages[0].extra == {"note": prose}


def test_unknown_keys_of_an_event_have_one_bound():
    intake = Intake()
    note = "a note, in words. " * 500

    messages = _read({"role": "user", "content": "Hi", "one": note}, intake=intake).messages
    answer = read_response(
        json.dumps({"role": "assistant", "content": "Yes", "two": note, "three": 3}).encode(), intake=intake
    )

    assert messages[0].extra == {"one": note}
    assert answer.extra == {"three": 3}
    assert [(one.path, one.code) for one in intake.notes] == [("two", "extra_dropped")]


def test_a_copy_of_the_reasoning_is_not_kept():
    sent = {
        "role": "assistant",
        "content": "Blue",
        "reasoning": "Weigh it.",
        "reasoning_details": [{"type": "reasoning.text", "text": "Weigh it."}],
        "provider": {"reasoning_content": "Weigh it.", "name": "x"},
    }

    message = _read(sent).messages[0]

    assert message.reasoning == "Weigh it."
    assert message.extra == {"provider": {"name": "x"}}


@pytest.mark.parametrize("number", ["123456789012345678901234567890", "1e400", "0.10000000000000000000000001"])
def test_numbers_of_any_size_are_kept(number):
    raw = f'[{{"role": "user", "content": "Hi", "n": {number}}}]'.encode()

    stored = encode(read(raw).messages)

    assert decode(stored) == read(raw).messages
    assert number.upper().replace("E", "E+") in stored or number in stored

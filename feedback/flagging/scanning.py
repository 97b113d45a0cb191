"""Finds the flags of events and edits, many at a time."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from msgspec import UNSET

from feedback.choices import FlagField
from feedback.conversations import Message, canonical
from feedback.quality.assessment import answer_of_row
from feedback.quality.flags import INJECTION, Flag, flags_of_many
from feedback.quality.flags.finding import may_match
from feedback.quality.flags.leakage import leaks_of
from feedback.stores.schema import Row

COLUMNS = ("id", "deployment_id", "occurred_at", "prompt", "messages", "response", "response_message")
_SYSTEM = ("system", "developer")
# Whose messages may hold what tries to steer the model: system messages are the application's own.
_OUTSIDERS = ("user", "tool")
_HAS_SYSTEM = ('"role":"system"', '"role":"developer"')
# Most conversations begin with their system message, a plain text, and have no other.
_FIRST_SYSTEM = re.compile(r'\[\{"role":"(?:system|developer)","content":("(?:[^"\\]++|\\.)*+")[,}]')


@dataclass(frozen=True, slots=True)
class Found:
    """A flag and the text that it is in. message_index: of `messages`; signal_id: of an edit."""

    field: FlagField
    flag: Flag
    message_index: int | None = None
    signal_id: str | None = None


def scan_events(rows: Sequence[Row], *, whole: bool = True) -> list[list[Found]]:
    """The flags of the prompt, messages and answer of each event; rows have `COLUMNS`.

    whole: search answers for injection and abuse too, not for leaks alone.
    """
    found: list[list[Found]] = [[] for _ in rows]
    texts = [row["prompt"] for row in rows]
    for index, flags in enumerate(flags_of_many(texts, kinds=[INJECTION])):
        found[index] += [Found(FlagField.PROMPT, flag) for flag in flags]
    _scan_messages(rows, found)
    for index, row in enumerate(rows):
        found[index] += [Found(FlagField.RESPONSE, flag) for flag in _leaks(row)]
    if whole:
        answers = [answer_of_row(row).text for row in rows]
        for index, flags in enumerate(flags_of_many(answers)):
            found[index] += [Found(FlagField.RESPONSE, flag) for flag in flags]
    return found


def scan_edits(texts: Sequence[str], signal_ids: Sequence[str]) -> list[list[Found]]:
    """The flags of edited texts, in their order."""
    return [
        [Found(FlagField.EDIT, flag, signal_id=signal_id) for flag in flags]
        for signal_id, flags in zip(signal_ids, flags_of_many(texts), strict=True)
    ]


def text_of(row: Row, found_in: FlagField, message_index: int | None) -> str:
    """The text of an event that a span counts in; '' where it is not kept. Edits are texts of their signals."""
    if found_in == FlagField.PROMPT:
        return row["prompt"]
    if found_in == FlagField.RESPONSE:
        return answer_of_row(row).text
    messages = canonical.decode(row["messages"]) if row["messages"] else []
    is_there = message_index is not None and message_index < len(messages)
    return _content(messages[message_index]) if is_there else ""


def _scan_messages(rows: Sequence[Row], found: list[list[Found]]) -> None:
    """Flags of messages; the last message of the user is the prompt."""
    held = [index for index, row in enumerate(rows) if row["messages"]]
    # The words are the same in JSON, where a first system message is passed over.
    may_have = may_match([_after_system(rows[index]["messages"]) for index in held], INJECTION)
    for index in (index for index, may in zip(held, may_have, strict=True) if may):
        messages = canonical.decode(rows[index]["messages"])
        prompt = next((at for at in reversed(range(len(messages))) if messages[at].role == "user"), None)
        is_asked = prompt is not None and _content(messages[prompt]) == rows[index]["prompt"]
        places = [
            at for at, message in enumerate(messages) if message.role in _OUTSIDERS and not (is_asked and at == prompt)
        ]
        seen: set[str] = set()
        flags_of_messages = flags_of_many([_content(messages[at]) for at in places], kinds=[INJECTION])
        for at, flags in zip(places, flags_of_messages, strict=True):
            new = [flag for flag in flags if flag.name not in seen]
            seen.update(flag.name for flag in new)
            found[index] += [Found(FlagField.MESSAGES, flag, at) for flag in new]


def _leaks(row: Row) -> Sequence[Flag]:
    messages = row["messages"]
    if not messages or not any(sign in messages for sign in _HAS_SYSTEM):
        return ()
    text = answer_of_row(row).text
    return leaks_of(_system(messages), text) if text else ()


def _after_system(messages: str) -> str:
    first = _FIRST_SYSTEM.match(messages)
    return messages[first.end() :] if first else messages


def _system(messages: str) -> str:
    first = _FIRST_SYSTEM.match(messages)
    if first and not any(sign in messages[first.end() :] for sign in _HAS_SYSTEM):
        return msgspec.json.decode(first[1], type=str)
    return "\n".join(_content(message) for message in canonical.decode(messages) if message.role in _SYSTEM)


def _content(message: Message) -> str:
    content = message.content
    return "" if content is None or content is UNSET else content

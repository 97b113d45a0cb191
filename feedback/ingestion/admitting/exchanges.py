"""What a model was asked and what it said, from the fields of an event in whatever dialect they came."""

from dataclasses import dataclass, replace
from typing import Any

import msgspec
from msgspec import Raw

from feedback.conversations import reading
from feedback.conversations.intake import MAX_TEXT_CHARACTERS, Intake, kind_of
from feedback.conversations.messages import ConversationError, Message, Note, TextBlock, without_reasoning
from feedback.conversations.reasoning import may_hold_reasoning
from feedback.field_errors import FieldError, printable
from feedback.hashing import hash_person
from feedback.ingestion.items import EventItem, InvalidItem, is_left_out

_TEXT = msgspec.json.Decoder(str)


@dataclass(frozen=True)
class Exchange:
    """The context of an answer and the answer, in the canonical form. messages is None where only a prompt was sent."""

    prompt: str
    messages: list[Message] | None
    response: Message
    dialect: str
    notes: tuple[FieldError, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether the answer is a text and nothing else."""
        message = self.response
        if message.name is not None or message.extra or message.content_state != "present":
            return False
        return not message.blocks or (
            len(message.blocks) == 1 and type(message.blocks[0]) is TextBlock and message.blocks[0].extra is None
        )

    def without_reasoning(self) -> "Exchange":
        messages = None if self.messages is None else without_reasoning(self.messages)
        return replace(self, messages=messages, response=without_reasoning([self.response])[0])


def read(item: EventItem) -> Exchange:
    """Read the messages, the system text and the answer of an event. Raises InvalidItem."""
    intake = Intake(hash_person)
    messages, dialect = _messages(item, intake)
    notes = [_as_error("messages", note) for note in intake.notes]
    response = _response(item, intake)
    notes += [_as_error("response", note) for note in intake.notes[len(notes) :]]
    if messages and messages[-1].role == "assistant" and _is_the_answer(messages[-1], response):
        response = messages.pop()
    if response is None:
        raise InvalidItem([FieldError("response", "required", "response is required, or messages that end with it")])
    prompt = item.prompt if item.prompt is not None else _prompt_of(messages or [])
    return Exchange(prompt, messages or None, response, dialect, tuple(notes))


def _messages(item: EventItem, intake: Intake) -> tuple[list[Message] | None, str]:
    system = None if is_left_out(item.system) else item.system
    if is_left_out(item.messages):
        if system is None:
            return None, ""
        asked = [] if item.prompt is None else [Message("user", [TextBlock(item.prompt)])]
        return [_read("system", lambda: _system(system, intake)), *asked], "openai_chat"
    conversation = _read("messages", lambda: reading.read(item.messages, system=system, intake=intake))
    return list(conversation.messages), conversation.dialect


def _system(raw: Raw, intake: Intake) -> Message:
    return reading.read(b'[{"role":"user","content":""}]', system=raw, intake=intake).messages[0]


def _response(item: EventItem, intake: Intake) -> Message | None:
    """The answer that was sent, or None if it was left out or is null."""
    raw = item.response
    if is_left_out(raw):
        return None
    if kind_of(raw) == "str":
        text = _text(raw)
        if text is not None and len(text) <= MAX_TEXT_CHARACTERS and not may_hold_reasoning(text):
            return Message("assistant", [TextBlock(text)] if text else [])
    return _read("response", lambda: reading.read_response(raw, intake=intake))


def _text(raw: Raw) -> str | None:
    """The text; None for bytes that are no UTF-8, which reading them as an answer says."""
    try:
        return _TEXT.decode(raw)
    except UnicodeDecodeError:
        return None


def _is_the_answer(last: Message, response: Message | None) -> bool:
    """Whether the last message is the answer itself: sent in its place, or beside its text."""
    if response is None:
        return True
    return last == response or last.answer == response.answer and not response.calls


def _prompt_of(messages: list[Message]) -> str:
    """The text of the last user message, else that of the system, else of anything."""
    for wanted in ("user", "system", "developer", ""):
        for message in reversed(messages):
            if message.role == wanted or not wanted:
                text = message.content or ""
                if text.strip():
                    return text
                if wanted and (preview := message.preview).strip():
                    return preview
    return ""


def _read(field: str, read_it) -> Any:
    try:
        return read_it()
    except ConversationError as error:
        path = _path(field, error.path)
        raise InvalidItem([FieldError(path, error.code, f"{path}: {error.message}")]) from None


def _as_error(field: str, note: Note) -> FieldError:
    return FieldError(_path(field, note.path), note.code, note.message)


def _path(field: str, path: str) -> str:
    return printable(f"{field}{'' if not path or path.startswith('[') else '.'}{path}")

"""The conversations of stored events: what was sent to the model, and its answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from feedback.conversations import canonical
from feedback.conversations.messages import Message, TextBlock
from feedback.stores import event_store
from feedback.stores.base import EventFilter, Paging
from feedback.stores.schema import Row

_TEXTS = ("prompt", "messages", "response", "response_message")
_COLUMNS = ["id", "content_dropped", "prompt_length", "response_length", *_TEXTS]


@dataclass(frozen=True)
class StoredTurn:
    """messages and answer are of an event whose texts were kept; without messages, the prompt is the only one.

    is_whole: nothing was left out for its length. has_messages: the event came with a conversation, not a prompt alone.
    """

    messages: list[Message]
    answer: Message | None
    prompt_length: int | None
    response_length: int | None
    is_whole: bool = True
    has_messages: bool = False

    @property
    def is_kept(self) -> bool:
        return self.answer is not None


def read(event_ids: Sequence[str], *, characters: int | None = None) -> dict[str, StoredTurn]:
    """The turns of these events by id. characters: messages longer than this are left out, and texts are cut."""
    paging = Paging(limit=max(1, len(event_ids)), characters=None if characters is None else characters + 1)
    rows = event_store().scan(EventFilter(ids=event_ids), _COLUMNS, paging).read_all().to_pylist() if event_ids else []
    return {row["id"]: _turn(row, characters) for row in rows}


def _turn(row: Row, characters: int | None) -> StoredTurn:
    lengths = row["prompt_length"], row["response_length"]
    if row["content_dropped"]:
        return StoredTurn([], None, *lengths)
    too_long = {name for name in _TEXTS if characters is not None and len(row[name] or "") > characters}
    prompt, response = (row[name][:characters] for name in ("prompt", "response"))
    messages = [_plain("user", prompt)]
    if row["messages"] and "messages" not in too_long:
        messages = canonical.decode(row["messages"])
    answer = _plain("assistant", response)
    if row["response_message"] and "response_message" not in too_long:
        answer = canonical.decode(row["response_message"])[0]
    return StoredTurn(messages, answer, *lengths, is_whole=not too_long, has_messages=bool(row["messages"]))


def _plain(role: str, text: str) -> Message:
    return Message(role, [TextBlock(text)] if text else [])

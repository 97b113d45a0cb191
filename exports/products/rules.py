"""What trainers demand of messages: a record that breaks it fails a whole training run, or is skipped unseen."""

from collections.abc import Mapping
from typing import Any

from exports.choices import ColumnKind, LeftOut
from exports.products.base import Record
from exports.products.conversations import ASKING_ROLES, Message

ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})
EMPTY_ROLES = frozenset({"system", "developer", "tool"})
# Columns of messages that a model answers; all others end with its answer.
ASKING_COLUMNS = frozenset({"prompt"})


def broken(record: Record, columns: Mapping[str, ColumnKind]) -> LeftOut | None:
    """The rule that some messages of a record break, if one does."""
    for name, messages in record.items():
        if columns.get(name) != ColumnKind.MESSAGES:
            continue
        last = ASKING_ROLES if name in ASKING_COLUMNS else ("assistant",)
        if not messages or messages[-1].get("role") not in last or not all(map(_is_whole, messages)):
            return LeftOut.INVALID_MESSAGES
        if any(_lacks_media(message) for message in messages):
            return LeftOut.MEDIA_ABSENT
    return None


def _is_whole(message: Message) -> bool:
    """Whether a message has a role and something to read; a tool may return nothing, and instructions may be empty."""
    role, content = message.get("role"), message.get("content")
    if role not in ROLES:
        return False
    if role == "assistant" and message.get("tool_calls") and content is None:
        return True
    if isinstance(content, list):
        return bool(content) and all(isinstance(part, dict) and isinstance(part.get("type"), str) for part in content)
    may_be_empty = role in EMPTY_ROLES or message.get("tool_calls")
    return isinstance(content, str) and bool(content.strip() or may_be_empty)


def _lacks_media(message: Message) -> bool:
    """Whether a part refers to a medium without a URL: then its hash and size are all that is left."""
    content = message.get("content")
    return isinstance(content, list) and any(part.get("type") != "text" and not _url(part) for part in content)


def _url(part: Mapping[str, Any]) -> str:
    held = part.get(part["type"])
    url = (held.get("url") or held.get("file_data")) if isinstance(held, dict) else held
    return "" if not isinstance(url, str) or url.startswith("data:") else url

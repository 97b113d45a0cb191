"""Reads single JSON values with bounds, and keeps keys that are not known."""

import hashlib
import re
import sys
from collections.abc import Callable, Container
from typing import Any

import msgspec
from msgspec import Raw

from feedback import exact_json
from feedback.conversations.data_urls import without_bytes
from feedback.conversations.messages import ConversationError, Extra, Note, Role

MAX_TEXT_CHARACTERS = 1_000_000
MAX_LABEL_CHARACTERS = 255
MAX_EXTRA_BYTES = 16 * 1024
MAX_EXTRA_DEPTH = 16
MAX_NOTES = 20
BINARY_CHARACTERS = 1_024
PERSON_KEYS = frozenset({"user", "user_id", "safety_identifier"})
# A copy of the reasoning in a key that is not known would survive where reasoning is discarded.
REASONING_KEYS = frozenset({"reasoning", "reasoning_content", "reasoning_details", "thinking", "thinking_blocks"})
ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "developer",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "model": "assistant",
    "ai": "assistant",
    "tool": "tool",
    "function": "tool",
}
HashPerson = Callable[[str], str]
Fields = dict[str, Raw]

_FIELDS = msgspec.json.Decoder(dict[str, Raw])
_ITEMS = msgspec.json.Decoder(list[Raw])
_TEXT = msgspec.json.Decoder(str)
_BINARY = re.compile(r"(?:data:[^,]{0,255},)?[A-Za-z0-9+/_=\s-]+")
_KINDS = {ord("{"): "object", ord("["): "array", ord('"'): "str", ord("n"): "null", ord("t"): "bool", ord("f"): "bool"}


def kind_of(raw: Raw) -> str:
    """Name the JSON type of a value.

    Parameters
    ----------
    raw : msgspec.Raw
        One JSON value without whitespace before it.

    Returns
    -------
    str
        object, array, str, null, bool or number.

    Examples
    --------
    >>> kind_of(Raw(b'{"a": 1}')), kind_of(Raw(b"12"))
    ('object', 'number')
    """
    return _KINDS.get(memoryview(raw)[0], "number")


def is_missing(raw: Raw | None) -> bool:
    """Tell whether a key is absent or null.

    Parameters
    ----------
    raw : msgspec.Raw or None

    Returns
    -------
    bool

    Examples
    --------
    >>> is_missing(None), is_missing(Raw(b"null")), is_missing(Raw(b'""'))
    (True, True, False)
    """
    return raw is None or memoryview(raw)[0] == 110


def json_text(raw: Raw) -> str:
    """Return the JSON of a value byte for byte.

    Parameters
    ----------
    raw : msgspec.Raw

    Returns
    -------
    str

    Examples
    --------
    >>> json_text(Raw(b'{"n": 1.10}'))
    '{"n": 1.10}'
    """
    return bytes(raw).decode()


def object_or_text(text: str) -> Raw | str:
    """Return a text that is a JSON object as such, and any other as it is.

    Parameters
    ----------
    text : str

    Returns
    -------
    msgspec.Raw or str

    Examples
    --------
    >>> bytes(object_or_text('{"a": 1.0}')), object_or_text("a: 1")
    (b'{"a": 1.0}', 'a: 1')
    """
    try:
        _FIELDS.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return text
    return Raw(text.strip().encode())


def is_binary(text: str) -> bool:
    """Tell whether a text looks like base64 or hexadecimal digits rather than words.

    Parameters
    ----------
    text : str

    Returns
    -------
    bool
        Whether it has the characters of base64 alone, with or without the header of a data URL, and no line breaks or
        spaces as close as those of words.

    Examples
    --------
    >>> is_binary("QUJD" * 300), is_binary("lorem ipsum " * 100)
    (True, False)
    """
    longest = max(map(len, text[:BINARY_CHARACTERS].split()), default=0)
    return longest >= 60 and _BINARY.fullmatch(text) is not None


class Intake:
    """Reads the values of one event. The bytes left for unknown keys and the notes are shared by all its parts."""

    def __init__(
        self,
        hash_person: HashPerson | None = None,
        *,
        most_characters: int = MAX_TEXT_CHARACTERS,
        most_extra_bytes: int = MAX_EXTRA_BYTES,
    ):
        self.hash_person = hash_person
        self.notes: list[Note] = []
        self._most_characters = most_characters
        self._bytes_left = most_extra_bytes

    @classmethod
    def of_stored(cls) -> "Intake":
        """What was stored has passed its bounds already, and those of before were others."""
        return cls(str, most_characters=sys.maxsize, most_extra_bytes=sys.maxsize)

    def note(self, path: str, code: str, message: str) -> None:
        """Add a note, unless there are MAX_NOTES."""
        if len(self.notes) < MAX_NOTES:
            self.notes.append(Note(path.lstrip("."), code, message))

    def fields(self, raw: Raw, path: str) -> Fields:
        """Return the keys of an object."""
        if kind_of(raw) != "object":
            raise ConversationError(path, "invalid", f"expected object, got {kind_of(raw)}")
        return _FIELDS.decode(raw)

    def items(self, raw: Raw, path: str) -> list[Raw]:
        """Return the items of an array."""
        if kind_of(raw) != "array":
            raise ConversationError(path, "invalid", f"expected array, got {kind_of(raw)}")
        return _ITEMS.decode(raw)

    def text(self, raw: Raw, path: str, *, most: int | None = None) -> str:
        """Return a string of at most that many characters."""
        if kind_of(raw) != "str":
            raise ConversationError(path, "invalid", f"expected str, got {kind_of(raw)}")
        return self._bounded(without_bytes(_TEXT.decode(raw)), path, most or self._most_characters)

    def loose_text(self, raw: Raw | None, path: str) -> str:
        """Return a string, the JSON text of any other value, or '' if it is missing."""
        return "" if raw is None or is_missing(raw) else self.json(raw, path)

    def _bounded(self, text: str, path: str, most: int) -> str:
        if len(text) > most:
            raise ConversationError(path, "out_of_range", f"expected `str` of length <= {most}")
        return text

    def unbounded_text(self, raw: Raw | None) -> str | None:
        """Return a string of any length, such as base64 that is hashed next, or None if it is none."""
        return _TEXT.decode(raw) if raw is not None and kind_of(raw) == "str" else None

    def role(self, raw: Raw | None, path: str) -> Role:
        """Return the role of a message; human, model, ai and function are other names of roles."""
        if raw is None:
            raise ConversationError(path, "required", "role is required")
        name = self.text(raw, path, most=MAX_LABEL_CHARACTERS)
        if name not in ROLES:
            raise ConversationError(path, "invalid", f"a role is one of {', '.join(ROLES)}")
        return ROLES[name]

    def label(self, raw: Raw | None, path: str) -> str | None:
        """Return a short string, or None if it is missing."""
        return None if raw is None or is_missing(raw) else self.text(raw, path, most=MAX_LABEL_CHARACTERS)

    def json(self, raw: Raw | None, path: str) -> str:
        """Return the JSON text of a value that may have been sent as a string already; {} if it is missing."""
        if raw is None or is_missing(raw):
            return "{}"
        text = _TEXT.decode(raw) if kind_of(raw) == "str" else json_text(raw)
        return self._bounded(without_bytes(text), path, self._most_characters)

    def extra(self, fields: Fields, known: Container[str], path: str) -> Extra:
        """Return the keys that are not known, cleaned and within the bytes that are left. Empty values are dropped."""
        kept: Extra = {}
        for name, raw in fields.items():
            if name in known or name in REASONING_KEYS or len(raw) < 5 and bytes(raw) in {b"null", b"[]", b"{}"}:
                continue
            # Nothing is shorter than the braces, the quotes, the colon and one character.
            value = self._cleaned(_value(raw), name, 0) if self._bytes_left > len(name) + 5 else None
            if value is None and name in PERSON_KEYS:
                continue
            size = len(exact_json.encode({name: value}))
            if size > self._bytes_left:
                self.note(f"{path}.{name[:100]}", "extra_dropped", f"unknown keys over {MAX_EXTRA_BYTES} bytes dropped")
                continue
            self._bytes_left -= size
            kept[name] = value
        return kept

    def _cleaned(self, value: Any, name: str, depth: int) -> Any:
        if name in PERSON_KEYS:
            return self._person(value)
        if isinstance(value, str):
            return _without_binary(value)
        if not isinstance(value, dict | list):
            return value
        if depth == MAX_EXTRA_DEPTH:
            return None
        if isinstance(value, list):
            return [self._cleaned(item, "", depth + 1) for item in value]
        cleaned = {key: self._cleaned(item, key, depth + 1) for key, item in value.items() if key not in REASONING_KEYS}
        return {key: item for key, item in cleaned.items() if item is not None or key not in PERSON_KEYS}

    def _person(self, value: Any) -> str | None:
        is_named = isinstance(value, str | int) and not isinstance(value, bool) and value != ""
        return self.hash_person(str(value)) if is_named and self.hash_person else None


def _value(raw: Raw) -> Any:
    """The value, with every number as it was sent; None if it is nested too deeply."""
    try:
        return exact_json.decode(bytes(raw))
    except RecursionError:
        return None
    except (msgspec.ValidationError, exact_json.NumberOutOfRange):
        return json_text(raw)


def _without_binary(text: str) -> Any:
    if len(text) < BINARY_CHARACTERS or not is_binary(text):
        return text
    data = text.encode()
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}

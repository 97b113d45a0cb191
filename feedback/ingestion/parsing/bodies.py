"""From the bytes of a request to raw items, so that an invalid item is rejected alone."""

import io
import json
import math
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from feedback import exact_json
from feedback.field_errors import FieldError, printable
from feedback.ingestion.parsing import raw_lists

_RAW_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_RAW_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_OPENING = re.compile(rb'[ \t\r\n]*+\{[ \t\r\n]*+("[^"\\]*+(?:\\.[^"\\]*+)*+")[ \t\r\n]*+:[ \t\r\n]*+', re.DOTALL)
_MANY_COMMAS = 1_000_000
_MOST_MEMBERS = 100
_HALF_PAIR = re.compile("[\ud800-\udfff]")
# Not where the backslash is itself escaped: there the text says \\u0000 in so many letters.
_NUL_ESCAPE = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
REPLACED_CHARACTER = FieldError(
    "", "replaced_character", "NUL and lone surrogates cannot be stored and were replaced with U+FFFD"
)
NOT_A_NUMBER = FieldError("", "not_a_number", "NaN and Infinity are not JSON numbers and were replaced with null")


class MalformedBody(Exception):
    """A body that cannot be split into items."""


class BodyTooLarge(Exception):
    """A body over a size limit; the message names the setting."""


class TooManyItems(BodyTooLarge):
    def __init__(self, max_items: int):
        super().__init__(f"The request has more than {max_items} items.")


@dataclass(frozen=True)
class RawItem:
    """One item of a request before validation: JSON bytes, or what is wrong with them already.

    notes: what was replaced in it so that it can be stored.
    """

    index: int
    data: bytes = b""
    error: FieldError | None = None
    notes: tuple[FieldError, ...] = ()


def decompress(body: bytes, *, max_bytes: int, setting: str) -> bytes:
    """Gunzip at most max_bytes, of one or several members (RFC 1952).

    Raises BodyTooLarge above that, and MalformedBody for anything but whole gzip.
    """
    pieces: list[bytes] = []
    length = 0
    while body and len(pieces) < _MOST_MEMBERS:
        stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            pieces.append(stream.decompress(body, max_bytes + 1 - length))
        except zlib.error as error:
            raise MalformedBody(f"Content-Encoding is gzip, but the body is not: {error}.") from error
        length += len(pieces[-1])
        if length > max_bytes:
            raise BodyTooLarge(f"The decompressed body has more than {max_bytes} bytes ({setting}).")
        if not stream.eof:
            raise MalformedBody("The gzip body is truncated.")
        body = stream.unused_data
    if body:
        raise MalformedBody(f"The gzip body has more than {_MOST_MEMBERS} members.")
    return b"".join(pieces)


def split_lines(body: bytes, *, max_items: int) -> list[RawItem]:
    """The items of newline-delimited JSON; blank lines are skipped and do not count."""
    items: list[RawItem] = []
    for line in io.BytesIO(body):
        if line.strip():
            if len(items) == max_items:
                raise TooManyItems(max_items)
            items.append(_item(len(items), line.rstrip(b"\n")))
    return items


def split_json(body: bytes, *, list_name: str, max_items: int) -> list[RawItem]:
    """The items of a JSON body: one object, or an object with a list under list_name."""
    # Millions of tiny items would be as many objects before they are counted.
    if _is_dense(body):
        return _split_by_hand(body, list_name, max_items)
    try:
        try:
            return _split_fast(body, list_name, max_items)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return _split_slowly(body, list_name, max_items)
    except RecursionError:
        # An item nested deeper than any decoder supports is rejected alone.
        return _split_by_hand(body, list_name, max_items)


def _split_fast(body: bytes, list_name: str, max_items: int) -> list[RawItem]:
    fields = _RAW_OBJECT.decode(body)
    if list_name not in fields:
        return [RawItem(0, body)]
    _reject_other_fields(fields, list_name)
    # The decoder keeps the last of several lists; then the first does not reach to the end of the body.
    end = _start_of_list(body, list_name) + memoryview(fields[list_name]).nbytes
    if body[end:].strip() != b"}":
        raise MalformedBody(_twice(list_name))
    raw_items = _at_most(max_items, _RAW_ITEMS.decode(fields[list_name]))
    return [RawItem(index, bytes(raw)) for index, raw in enumerate(raw_items)]


def _split_by_hand(body: bytes, list_name: str, max_items: int) -> list[RawItem]:
    start = _start_of_list(body, list_name)
    if start is None:
        return [_item(0, body)]
    if body[start : start + 1] != b"[":
        raise MalformedBody(f"{list_name} must be a list.")
    items: list[RawItem] = []
    try:
        for piece in raw_lists.items_of(body, start + 1):
            if len(items) == max_items:
                raise TooManyItems(max_items)
            items.append(_item(len(items), piece))
    except raw_lists.UnclosedList as error:
        raise MalformedBody(f'The body is not {{"{list_name}": [...]}} and nothing else.') from error
    return items


def _start_of_list(body: bytes, list_name: str) -> int | None:
    """Where the value begins, if list_name is the first name of the body."""
    opening = _OPENING.match(body)
    try:
        is_named_so = opening is not None and msgspec.json.decode(opening[1]) == list_name
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return opening.end() if is_named_so else None


def _split_slowly(body: bytes, list_name: str, max_items: int) -> list[RawItem]:
    """Split with the standard library, which reads NaN, lone surrogates and huge numbers."""
    outermost: list[tuple] = []

    def remember(pairs: list[tuple]) -> dict:
        nonlocal outermost
        outermost = pairs
        return dict(pairs)

    try:
        document = _read_slowly(body, object_pairs_hook=remember)
    except ValueError as error:
        raise MalformedBody(f"The body is not JSON: {error}.") from error
    if not isinstance(document, dict):
        raise MalformedBody(f'Send one object, or {{"{list_name}": [...]}}, or newline-delimited JSON.')
    if list_name not in document:
        return [_encode(0, document)]
    _reject_other_fields(document, list_name)
    if len(outermost) > 1:
        raise MalformedBody(_twice(list_name))
    if not isinstance(document[list_name], list):
        raise MalformedBody(f"{list_name} must be a list.")
    return [_encode(index, item) for index, item in enumerate(_at_most(max_items, document[list_name]))]


def _twice(list_name: str) -> str:
    return f"{list_name} appears in the body more than once."


def _at_most(max_items: int, items: Sequence) -> Sequence:
    if len(items) > max_items:
        raise TooManyItems(max_items)
    return items


def _reject_other_fields(fields, list_name: str) -> None:
    others = sorted(set(fields) - {list_name})
    if others:
        raise MalformedBody(f"Unknown field next to {list_name}: {printable(', '.join(others))}.")


def _is_dense(data: bytes) -> bool:
    return len(data) > _MANY_COMMAS and data.count(b",") > _MANY_COMMAS


def _read_slowly(data: bytes, **options):
    """Raises ValueError for what is not JSON, apart from half of a surrogate pair, or would take too much memory."""
    if _is_dense(data):
        raise ValueError("it is not valid UTF-8 and too long to be checked further")
    text = data.decode("utf-8", "surrogatepass")
    return json.loads(text, parse_float=_number, parse_int=_whole_number, **options)


def _number(text: str) -> Any:
    """A number, or why there is none; raised here, it would cost the other items of the body."""
    try:
        return exact_json.number(text)
    except exact_json.NumberOutOfRange as error:
        return error


def _whole_number(text: str) -> Any:
    try:
        return int(text)
    except ValueError:
        return exact_json.NumberOutOfRange()


def _item(index: int, data: bytes) -> RawItem:
    """One standalone item, such as a line."""
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except (msgspec.MsgspecError, RecursionError) as error:
        try:
            return _encode(index, _read_slowly(data))
        except ValueError:
            return RawItem(index, error=FieldError("", "malformed", f"This item is not JSON: {error}"))
        except RecursionError:
            return RawItem(index, error=FieldError("", "too_deep", "The item is nested too deeply"))
    return RawItem(index, data)


def _encode(index: int, item) -> RawItem:
    notes: set[FieldError] = set()
    try:
        data = exact_json.encode(_storable(item, notes))
    except RecursionError:
        return RawItem(index, error=FieldError("", "too_deep", "The item is nested too deeply"))
    except exact_json.NumberOutOfRange as error:
        return RawItem(index, error=FieldError("", "out_of_range", f"The item: {error}"))
    return RawItem(index, data, notes=tuple(note for note in (NOT_A_NUMBER, REPLACED_CHARACTER) if note in notes))


def _storable(value: Any, notes: set[FieldError]) -> Any:
    """A value with None for NaN and infinities and U+FFFD for lone surrogates; notes: takes what was replaced."""
    if isinstance(value, str):
        storable = _HALF_PAIR.sub("\ufffd", value)
        if storable != value:
            notes.add(REPLACED_CHARACTER)
        return storable
    if isinstance(value, dict):
        return {_storable(name, notes): _storable(inner, notes) for name, inner in value.items()}
    if isinstance(value, list):
        return [_storable(inner, notes) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        notes.add(NOT_A_NUMBER)
        return None
    if isinstance(value, exact_json.NumberOutOfRange):
        raise value
    return value


def without_nul(raw: RawItem) -> RawItem:
    """The item with U+FFFD for every NUL, which no database stores. Only an escape can bring one into a string."""
    if b"\\u0000" not in raw.data:
        return raw
    data = _NUL_ESCAPE.sub(rb"\1\\ufffd", raw.data)
    if data == raw.data:
        return raw
    notes = raw.notes if REPLACED_CHARACTER in raw.notes else (*raw.notes, REPLACED_CHARACTER)
    return RawItem(raw.index, data, raw.error, notes)

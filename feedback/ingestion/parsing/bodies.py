"""From the bytes of a request to typed items, so that a bad item falls alone."""

import io
import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from feedback.field_errors import FieldError, printable
from feedback.ingestion.parsing import raw_lists

_RAW_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_RAW_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_OPENING = re.compile(rb'[ \t\r\n]*+\{[ \t\r\n]*+("[^"\\]*+(?:\\.[^"\\]*+)*+")[ \t\r\n]*+:[ \t\r\n]*+', re.DOTALL)
_MANY_COMMAS = 1_000_000


class MalformedBody(Exception):
    """A body in which no items can be told apart."""


class BodyTooLarge(Exception):
    """A body over one of the bounds; the message names the setting."""


class TooManyItems(BodyTooLarge):
    def __init__(self, max_items: int):
        super().__init__(f"The request holds more than {max_items} items (INGEST_MAX_ITEMS).")


@dataclass(frozen=True)
class RawItem:
    """One item of a request before validation: JSON bytes, or what is wrong with them already."""

    index: int
    data: bytes = b""
    error: FieldError | None = None


def decompress(body: bytes, *, max_bytes: int) -> bytes:
    """Gunzip at most max_bytes. Raises BodyTooLarge above that and MalformedBody for anything but whole gzip."""
    stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        plain = stream.decompress(body, max_bytes + 1)
    except zlib.error as error:
        raise MalformedBody(f"The body is not gzip, as Content-Encoding says: {error}.") from error
    if len(plain) > max_bytes:
        raise BodyTooLarge(f"The body holds more than {max_bytes} bytes (INGEST_MAX_DECOMPRESSED_BYTES).")
    if not stream.eof or stream.unused_data:
        raise MalformedBody("The gzip body is cut off or followed by other bytes.")
    return plain


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
        # An item that nests deeper than any decoder follows falls alone.
        return _split_by_hand(body, list_name, max_items)


def _split_fast(body: bytes, list_name: str, max_items: int) -> list[RawItem]:
    fields = _RAW_OBJECT.decode(body)
    if list_name not in fields:
        return [RawItem(0, body)]
    _refuse_companions(fields, list_name)
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
    """The standard library reads what the fast decoder refuses as a whole, such as one lone surrogate."""
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
    _refuse_companions(document, list_name)
    if len(outermost) > 1:
        raise MalformedBody(_twice(list_name))
    if not isinstance(document[list_name], list):
        raise MalformedBody(f"{list_name} must be a list.")
    return [_encode(index, item) for index, item in enumerate(_at_most(max_items, document[list_name]))]


def _twice(list_name: str) -> str:
    return f"{list_name} stands in the body more than once."


def _at_most(max_items: int, items: Sequence) -> Sequence:
    if len(items) > max_items:
        raise TooManyItems(max_items)
    return items


def _refuse_companions(fields, list_name: str) -> None:
    others = sorted(set(fields) - {list_name})
    if others:
        raise MalformedBody(f"Unknown field beside {list_name}: {printable(', '.join(others))}.")


def _is_dense(data: bytes) -> bool:
    return len(data) > _MANY_COMMAS and data.count(b",") > _MANY_COMMAS


def _read_slowly(data: bytes, **options):
    """Raises ValueError for what is not JSON, apart from half of a surrogate pair, or would take too much memory."""
    if _is_dense(data):
        raise ValueError("it is not in UTF-8 throughout, and too long to look closer")
    return json.loads(data.decode("utf-8", "surrogatepass"), parse_constant=_refuse_constant, **options)


def _refuse_constant(name: str):
    raise ValueError(f"{name} is not JSON")


def _item(index: int, data: bytes) -> RawItem:
    """One item that stands by itself, such as a line."""
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
    try:
        return RawItem(index, msgspec.json.encode(item))
    except UnicodeEncodeError:
        field = _field_with_surrogate(item)
        error = FieldError(field, "lone_surrogate", f"{field or 'The item'} holds half of a surrogate pair")
    except (OverflowError, RecursionError) as cause:
        error = FieldError("", "malformed", str(cause))
    return RawItem(index, error=error)


def _field_with_surrogate(item) -> str:
    for name, value in item.items() if isinstance(item, dict) else ():
        try:
            json.dumps([name, value], ensure_ascii=False).encode()
        except UnicodeEncodeError:
            return printable(name)
    return ""

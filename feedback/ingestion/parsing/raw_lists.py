"""Tells the items of a JSON list apart by its brackets and commas alone, however deep they nest, one at a time."""

import re
from collections.abc import Callable, Iterator

# All of it matches without going back, so that the time is linear in the body and the memory is constant.
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_FLAT = rb'%b|[\[{](?:[^\[\]{}"]++|%b)*+[\]}]' % (_STRING, _STRING)
_SIGN = rb'([\[{]++|[\]}]++|[,"])'
_IN_LIST = re.compile(rb'(?:[^\[\]{}",]++|%b)*+%b' % (_FLAT, _SIGN), re.DOTALL)
_IN_ITEM = re.compile(rb'(?:[^\[\]{}"]++|%b)*+%b' % (_FLAT, _SIGN), re.DOTALL)


class UnclosedList(Exception):
    """The list or a string in it does not end, or the object around it does not end right behind it."""


def items_of(body: bytes, start: int) -> Iterator[bytes]:
    """Yield the bytes of each item of the list in `{"name": [...]}`; start is the place behind its opening bracket.

    An item may be no JSON at all. Raises UnclosedList.
    """
    depth, begin, end = 0, start, start
    while found := (_IN_ITEM if depth else _IN_LIST).match(body, end):
        at, end = found.span(1)
        sign = body[at]
        if sign == ord(","):
            yield body[begin:at]
            begin = end
        elif sign in b"[{":
            depth += end - at
        elif sign == ord('"'):
            raise UnclosedList
        elif end - at <= depth:
            depth -= end - at
        else:
            closing = at + depth
            if body[closing : closing + 1] != b"]" or body[closing + 1 :].strip() != b"}":
                raise UnclosedList
            yield body[begin:closing]
            return
    raise UnclosedList


def items_of_stream(read: Callable[[int], bytes], piece_bytes: int, most_bytes: int) -> Iterator[bytes]:
    """Yield the bytes of each item of a JSON array that `read` returns piece by piece; blank before its bracket.

    No more is held than one item, of at most `most_bytes`, and one piece. Raises UnclosedList.
    """
    body = read(piece_bytes)
    begin = end = body.find(b"[") + 1
    depth, is_last = 0, False
    while True:
        found = (_IN_ITEM if depth else _IN_LIST).match(body, end)
        if found is None or body[found.start(1)] == ord('"'):
            if is_last or len(body) - begin > most_bytes:
                raise UnclosedList
            # Twice as much as is held, so that a long item is not read over and over.
            more = read(max(piece_bytes, len(body) - begin))
            is_last = not more
            body, begin, end = body[begin:] + more, 0, end - begin
            continue
        at, end = found.span(1)
        sign = body[at]
        if sign == ord(","):
            yield body[begin:at]
            begin = end
        elif sign in b"[{":
            depth += end - at
        elif end - at <= depth:
            depth -= end - at
        else:
            closing = at + depth
            if body[closing : closing + 1] != b"]" or body[closing + 1 :].strip() or read(piece_bytes).strip():
                raise UnclosedList
            if body[begin:closing].strip():
                yield body[begin:closing]
            return

"""Tells the items of a JSON list apart by its brackets and commas alone, however deep they nest, one at a time."""

import re
from collections.abc import Iterator

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

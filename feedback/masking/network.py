import ipaddress
from collections.abc import Iterator

import re2

from feedback.masking.digits import stands_alone
from feedback.masking.spans import Span

_V4 = re2.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
_V6 = re2.compile(r"[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*")
# The unspecified address and netmasks belong to no machine.
_NOBODY = ("0.", "255.")
_VERSION_WORD = re2.compile(
    r"(?i)(?:\b(?:version|ver|v|release|build|section|chapter|clause|article|oid)[\s:.#\"'=(]*|[=<>~^]=\s?\"?|/|[a-z]-)$"
)


def find_addresses(text: str) -> Iterator[Span]:
    yield from _find_v4(text)
    if ":" in text:
        yield from _find_v6(text)


def _find_v4(text: str) -> Iterator[Span]:
    for match in _V4.finditer(text):
        start, end = match.span()
        if not stands_alone(text, start, _skip_prefix_length(text, end)) or not _parse(match.group()):
            continue
        if match.group().startswith(_NOBODY):
            continue
        if not _VERSION_WORD.search(text[max(0, start - 16) : start]) or text[max(0, start - 2) : start] == "//":
            yield Span(start, end, "IP")


def _skip_prefix_length(text: str, end: int) -> int:
    """Return the end of a network's prefix length (the /24 of 10.0.0.0/24), which is no part of a longer number."""
    position = end + 1
    if text[end : end + 1] != "/" or not text[position : position + 1].isdigit():
        return end
    while position < len(text) and position < end + 4 and text[position].isdigit():
        position += 1
    return position


def _parse(address: str):
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None


def _find_v6(text: str) -> Iterator[Span]:
    for match in _V6.finditer(text):
        address = match.group().rstrip(".")
        start = match.start()
        end = start + len(address)
        if start and (text[start - 1].isalnum() or text[start - 1] in ".]_"):
            continue
        if text[end : end + 1].isalnum() or text[end : end + 1] == "_":
            continue
        is_loopback = address == "::1" and (
            text[max(0, start - 1) : start] != "[" or text[max(0, start - 2) : start] == "/["
        )
        if (is_loopback or _looks_like_address(address)) and _parse(address):
            yield Span(start, end, "IP")


def _looks_like_address(address: str) -> bool:
    """Tell an address from a time, a slice such as 1::2 or a scoped name: one group of four, or an IPv4 tail."""
    return "." in address or any(len(group) == 4 for group in address.split(":"))

import ipaddress
from collections.abc import Iterator

import re2

from feedback.masking.numbers.digits import is_joined, stands_alone
from feedback.masking.spans import Span

V4 = re2.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
V6 = re2.compile(r"[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*")
_LONGEST_V6 = 45
# The unspecified address and netmasks belong to no machine.
_NOBODY = ("0.", "255.")
_VERSION_BEFORE = re2.compile(
    r"(?i)(?:(?:\b(?:article|build|chapter|clause|firmware|oid|release|section|v|ver|version)|_version"
    r"|(?-i:[a-z0-9]Version))[\s:.#\"'=(]*|[=<>~^]=|[a-z][/\-])$"
)

# "from 4.2.1.0" and "from 4.2.1.0 to 4.2.1.3" behind the word; nobody upgrades from an address.
_UPGRADE_BEFORE = re2.compile(
    r"(?i)\b(?:up|down)grad(?:e|ed|es|ing)(?:\s+\w{1,20}){0,2}\s+from\s+(?:[0-9.]{7,15}\s+to\s+)?$"
)
_LONGEST_UPGRADE = 64


def find_addresses(text: str, *, with_private: bool = False) -> Iterator[Span]:
    """Yield addresses of machines; those that no machine has alone, such as 10.0.0.1, on demand only."""
    for span in (*_find_v4(text), *(_find_v6(text) if ":" in text else ())):
        if with_private or _identifies(text[span.start : span.end]):
            yield span


def _identifies(address: str) -> bool:
    """Tell whether an address is one machine's in the whole world. Source: the IANA registries of special addresses."""
    parsed = ipaddress.ip_address(address)
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return not parsed.is_private


def _find_v4(text: str) -> Iterator[Span]:
    for match in V4.finditer(text):
        start, end = match.span()
        if not stands_alone(text, start, _skip_prefix_length(text, end)) or not _is_v4(match.group()):
            continue
        if not match.group().startswith(_NOBODY) and not _is_version(text, start):
            yield Span(start, end, "IP")


def _is_version(text: str, start: int) -> bool:
    return bool(
        _VERSION_BEFORE.search(text[max(0, start - 16) : start])
        or _UPGRADE_BEFORE.search(text[max(0, start - _LONGEST_UPGRADE) : start])
    )


def _skip_prefix_length(text: str, end: int) -> int:
    """Return the end of a network's prefix length (the /24 of 10.0.0.0/24), which is no part of a longer number."""
    position = end + 1
    if text[end : end + 1] != "/" or not text[position : position + 1].isdigit():
        return end
    while position < len(text) and position < end + 4 and text[position].isdigit():
        position += 1
    return position


def _is_v4(address: str) -> bool:
    return all(part == "0" or (part[0] != "0" and int(part) < 256) for part in address.split("."))


def _is_v6(address: str) -> bool:
    try:
        return len(address) <= _LONGEST_V6 and bool(ipaddress.IPv6Address(address))
    except ValueError:
        return False


def _find_v6(text: str) -> Iterator[Span]:
    for match in V6.finditer(text):
        start, end = _without_punctuation(text, match.start(), match.end())
        address = text[start:end]
        before, after = text[max(0, start - 2) : start], text[end : end + 1]
        if is_joined(before[-1:], after) or before[-1:] in {".", "_"} or after == "_":
            continue
        is_loopback = address == "::1" and (before[-1:] != "[" or before == "/[")
        if (is_loopback or _looks_like_address(address)) and _is_v6(address):
            yield Span(start, end, "IP")


def _without_punctuation(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave out a colon before the address ("IP:") and a colon or full stop behind it."""
    if text[start] == ":" and text[start + 1] != ":":
        start += 1
    while text[end - 1] == "." or (text[end - 1] == ":" and text[end - 2] != ":"):
        end -= 1
    return start, end


def _looks_like_address(address: str) -> bool:
    """Tell an address from a time, a slice such as 1::2 or a scoped name: one group of four, or an IPv4 tail."""
    return "." in address or any(len(group) == 4 for group in address.split(":"))

from bisect import bisect_left
from collections.abc import Collection, Iterator
from typing import Any

import re2

from feedback.masking.secrets.vendor_keys import FORMS
from feedback.masking.signs import Sign
from feedback.masking.spans import Span

_FORMS = "|".join(form.pattern for form in FORMS)
_VENDOR_KEY = re2.compile(rf"(?:^|[^A-Za-z0-9_])({_FORMS})")
# Keys that follow each other with nothing in between are one chain.
_NEXT_VENDOR_KEY = re2.compile(f"(?:{_FORMS})+")
_LONGEST_KEY = 4_096
AUTHORIZATION = re2.compile(r"(?i)\b(?:bearer|basic|token)\s+([A-Za-z0-9._~+/\-]{16,}=*)")
HEADER = re2.compile(
    r"(?i)\bauthorization[\"']?\s*[:=]\s*[\"']?(?:basic|bearer|token|apikey|digest)\s+([A-Za-z0-9._~+/\-]{4,}=*)"
)
NAMED_KEY = re2.compile(
    r"(?i)(?:api[_\- ]?key|secret[_\- ]?(?:access[_\- ]?)?key|shared[_\- ]?access[_\- ]?key|account[_\- ]?key"
    r"|client[_\- ]?secret|(?:access|auth|refresh|bot|session)[_\- ]?token|[?&;]sig|x-api-key)"
    r"[\"']?\s*(?:[:=]|=>|is)\s*[\"']?([A-Za-z0-9+/_\-.%]{16,}=*)"
)
# Up to the last @ before the host, since a password may hold one.
URL_PASSWORD = re2.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://[^\s/:@\[\]]*:([^\s/\[\]\"'<>]+)@")
_KEY_BEGIN = re2.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----")
_KEY_END = re2.compile(r"-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----")
# What follows the first line of a key that is cut off: headers and full lines, then a last line that ends the value.
_KEY_REST = re2.compile(
    r"((?:\s*[A-Za-z\-]+: [A-Za-z0-9,.\- ]+\n)*(?:[\s\"+]*[A-Za-z0-9+/=\\]{30,})*)"
    r"(?:(\s*[A-Za-z0-9+/=\\]+)(?:\z|[\"'`\n]))?"
)
_LONGEST_PRIVATE_KEY = 16_384


def find_secrets(text: str, signs: Collection[int]) -> Iterator[Span]:
    yield from _find_vendor_keys(text)
    if Sign.AUTHORIZATION in signs:
        yield from _find_random(AUTHORIZATION, text)
    if Sign.NAMED_KEY in signs:
        yield from _find_random(NAMED_KEY, text)
    if Sign.HEADER in signs:
        for match in HEADER.finditer(text):
            yield Span(match.start(1), match.end(1), "SECRET")
    if "PRIVATE KEY" in text:
        yield from _find_private_keys(text)


def _find_random(pattern: Any, text: str) -> Iterator[Span]:
    for match in pattern.finditer(text):
        if _is_random(match.group(1)):
            yield Span(match.start(1), match.end(1), "SECRET")


def find_url_passwords(text: str) -> Iterator[Span]:
    for match in URL_PASSWORD.finditer(text):
        yield Span(match.start(1), match.end(1), "SECRET")


def _find_vendor_keys(text: str) -> Iterator[Span]:
    for match in _VENDOR_KEY.finditer(text):
        start, end = match.span(1)
        if _is_random(match.group(1)):
            following = _NEXT_VENDOR_KEY.match(text[end : end + _LONGEST_KEY])
            yield Span(start, end + following.end() if following else end, "SECRET")


def _is_random(secret: str) -> bool:
    """Tell a secret from words joined by dashes or dots, which carry no digit."""
    return any(character.isdigit() for character in secret)


def _find_private_keys(text: str) -> Iterator[Span]:
    begins = [match.span() for match in _KEY_BEGIN.finditer(text)]
    if not begins:
        return
    ends = [match.span() for match in _KEY_END.finditer(text)]
    starts_of_ends = [start for start, _ in ends]
    for (start, begun), (following, _) in zip(begins, [*begins[1:], (len(text), 0)], strict=True):
        index = bisect_left(starts_of_ends, begun)
        if index < len(ends) and ends[index][0] < min(following, begun + _LONGEST_PRIVATE_KEY):
            yield Span(start, ends[index][1], "SECRET")
        else:
            rest = _KEY_REST.match(text[begun : min(following, begun + _LONGEST_PRIVATE_KEY)])
            yield Span(start, begun + max(rest.end(1), rest.end(2)), "SECRET")

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator
from functools import cache

import re2
from publicsuffixlist import PSLFILE

from feedback.masking.spans import Span

_LETTER = r"\p{Latin}\p{Greek}\p{Cyrillic}\p{Arabic}\p{Hebrew}\p{Armenian}\p{Georgian}\p{Devanagari}\p{Thai}\pM"
_IDEOGRAPH = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}ー"
_LOCAL = rf"[{_LETTER}\pN_](?:[{_LETTER}\pN_.+%'\-]*[{_LETTER}\pN_+%\-])?"
_DOMAIN = rf"(?:[{_LETTER}\pN][{_LETTER}\pN\-]*\.)+[{_LETTER}][{_LETTER}0-9\-]*[{_LETTER}0-9]"
# Scripts written without spaces stand apart from the others, or the words around an address would belong to it.
EMAIL = re2.compile(
    rf"{_LOCAL}[@＠]{_DOMAIN}"
    rf"|[{_IDEOGRAPH}A-Za-z0-9_.]+[@＠](?:[{_IDEOGRAPH}A-Za-z0-9\-]+\.)+[{_IDEOGRAPH}]+"
)
_AT = re.compile("[@＠]")
# The sign and the dot as URLs, JSON, HTML and people who hide an address write them, and characters of no width.
ENCODED = (
    r"%(?:25)*40|\\u0040|\\x40|&#0*64;|&#[xX]0*40;|&commat;"
    r"|[ ]?[\[({<][ ]?(?i:at)[ ]?[\])}>][ ]?"
)
_DECODED = re.compile(
    rf"(?P<at>{ENCODED})"
    r"|(?P<dot>%(?:25)*2[Ee]|\\u002[Ee]|&#0*46;|&#[xX]0*2[Ee];|&period;|[ ]?[\[({<][ ]?(?i:dot)[ ]?[\])}>][ ]?)"
    "|(?P<nothing>[\u00ad\u200b-\u200f\u2060-\u2064\ufeff])"
)
_REPLACED = {"at": "@", "dot": ".", "nothing": ""}
# Reserved for networks of one's own and for examples; RFC 2606, 6761, 6762 and 8375, and what routers call themselves.
_LOCAL_ZONES = frozenset(
    ("corp", "example", "home", "internal", "intranet", "invalid", "lan", "local", "localhost", "private", "test")
)
# A remote such as git@github.com:org/repo, a call such as x@y.to(device), a unit such as getty@tty1.service.
_CODE_BEHIND = re.compile(r"\(|:[~/]?[\w.~\-]*/|:[\w.\-]+\.git\b")
_REPOSITORY_USERS = {"git", "gitea", "hg", "svn"}
_LABELLED_JUMPS = re.compile(r"(?:this|super|return|break|continue)@[A-Z]")


def find_emails(text: str, *, except_at: Collection[int] = ()) -> Iterator[Span]:
    """Yield addresses, but not the password and host of an address such as postgres://user:password@host."""
    for match in EMAIL.finditer(text):
        start, end = match.span()
        local = _AT.split(match.group(), maxsplit=1)[0]
        if start + len(local) not in except_at and _is_address(text, start, end):
            yield Span(start, end, "EMAIL")


def find_encoded_emails(text: str) -> Iterator[Span]:
    """Yield addresses whose sign or dots are spelled in another way, or that hold characters of no width."""
    pieces, starts, origins, position, length = [], [0], [0], 0, 0
    for match in _DECODED.finditer(text):
        piece = text[position : match.start()] + _REPLACED[match.lastgroup or "nothing"]
        pieces.append(piece)
        position, length = match.end(), length + len(piece)
        starts.append(length)
        origins.append(position)
    decoded = "".join((*pieces, text[position:]))

    def origin(at: int) -> int:
        index = bisect_right(starts, at) - 1
        return origins[index] + at - starts[index]

    for span in find_emails(decoded):
        start, last = origin(span.start), origin(span.end - 1)
        if last + 1 - start != span.end - span.start:
            yield Span(start, last + 1, "EMAIL")


def _is_address(text: str, start: int, end: int) -> bool:
    address = text[start:end]
    local = _AT.split(address, maxsplit=1)[0]
    if local in _REPOSITORY_USERS or _LABELLED_JUMPS.match(address) or _CODE_BEHIND.match(text, end):
        return False
    return address.rpartition(".")[2].casefold() in _zones()


@cache
def _zones() -> frozenset[str]:
    """The top-level domains, and those that networks use inside. Source: the Public Suffix List, publicsuffix.org.

    The last label of every rule is enough; the package's own parser takes fifty times as long.
    """
    with open(PSLFILE, encoding="utf-8") as rules:
        suffixes = {line.split()[0].rpartition(".")[2] for line in rules if line.strip() and not line.startswith("//")}
    encoded = {label.encode("idna").decode() for label in suffixes if not label.isascii()}
    return frozenset(suffixes | encoded | _LOCAL_ZONES)

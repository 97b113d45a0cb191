"""A prefilter: one search that tells which detectors could find something. Most texts need no other search."""

from functools import lru_cache
from typing import Any

import re2

from feedback.masking.emails import EMAIL, ENCODED
from feedback.masking.network import V4, V6
from feedback.masking.numbers.identifiers import IBAN_START
from feedback.masking.options import Options
from feedback.masking.secrets.credentials import AUTHORIZATION, HEADER, NAMED_KEY, URL_PASSWORD
from feedback.masking.secrets.named_secrets import (
    COMMAND_LINES,
    COMMAND_OPTION,
    CONNECTION,
    COOKIES,
    ELEMENT,
    assignments,
    pattern_of,
)
from feedback.masking.signs import GATES, Sign

_NO_WIDTH = r"[\x{ad}\x{200b}-\x{200f}\x{2060}-\x{2064}\x{feff}]"
_EMAIL = rf"[^\s@＠][@＠][^\s@＠]|{ENCODED}|{_NO_WIDTH}[@＠]|[@＠]{_NO_WIDTH}"
_NUMBER = (
    r"\p{Nd}(?:[\pZ\t\p{Pd}\x{200b}\x{2060}\x{feff}\x{2212}./()．（）]{0,3}\p{Nd}){5}"
    r"|\p{Nd}[.．]\p{Nd}{1,3}[.．]\p{Nd}{1,3}[.．]\p{Nd}"
    r"|[A-Fa-f\p{Nd}]::|::[A-Fa-f\p{Nd}]|[A-Fa-f\p{Nd}]:[A-Fa-f\p{Nd}]{1,4}:[A-Fa-f\p{Nd}]{1,4}:"
    r"|[A-Za-z]{2}\p{Nd}{2}[\pZ\t\p{Pd}\x{200b}\x{2060}\x{feff}\x{2212}]?[A-Za-z\p{Nd}]{3}"
)
# With others in one automaton, this needs a state for each set of characters that it may have begun with: up to 2 to
# the 16th. The first half of it takes few, and tells where to search for the whole.
_LONG_SECRET = re2.compile(r"[A-Za-z0-9][_\-.:][A-Za-z0-9_\-]{16}")
_LONG_WORD = r"[_\-.:][A-Za-z0-9_\-]{8}"
_SECRET = (
    r"_live_|_test_|xox|eyJ|A[BCKS][CI]A|AIza|(?:AC|SK|dapi)[0-9a-f]{8}|1//0|whsec_"
    r"|BSA[A-Za-z0-9_\-]{20}|bedrock-api|Q~|JQQJ9|LTAI|sha256~|AT[AC]TT3|ATBB|AKCp|cio[A-Za-z0-9]{20}|oy2|FLW|glsa_|glc_|EAA"
    r"|A{21}|sntry|hooks\.slack|/api/webhooks/|PRIVATE KEY"
    r"|(?i:authorization|(?:bearer|basic|token)\s+[A-Z0-9._~+/\-]{16})"
    r"|(?i:(?:key|token|secret|sig|credentials?|pass(?:word|wd|phrase|code)?|pwd|passwort|contrase[ñn]a|passe|senha|cookie2?)"
    r"[0-9]?(?:[_\-][a-z0-9]{1,10})?[\"'\]`>\\]{0,3}\s*(?:[:=>]|is))"
    r"|(?i:\bcurl\s|\bmysql|\bmariadb|sshpass|redis-cli|-(?:password|passwd|passphrase|pass|token|secret|api-key)[= ])"
    r"|://[^\s/@]*:"
)

_DIGITS = r"[0-9](?:[ \-./()]{0,3}[0-9]){5}"
_BROKEN_NUMBER = r"[0-9][ \-]?\r?\n[0-9A-Za-z]|[A-Za-z0-9][ \-]?\r?\n[0-9]"
# For states of the automaton; with 8 MB, texts of thirty languages in turn take a third longer.
_MEMORY_BYTES = 16 << 20


class SearchFailed(RuntimeError):
    """The search for signs ended before the text did, so nothing is known about it."""


def signs_of(text: str, options: Options) -> list[int]:
    """The signs that stand in a text, by one pass over it; none if no detector can find anything."""
    found = all_signs_of(text, options)
    return [] if GATES.isdisjoint(found) else found


def all_signs_of(text: str, options: Options) -> list[int]:
    """The same, also where no detector can find anything."""
    found = _search(options).Match(text)
    if not found or Sign.SEARCHED not in found:
        raise SearchFailed
    if Sign.LONG_WORD in found and Sign.SECRET not in found and _LONG_SECRET.search(text):
        found.append(Sign.SECRET)
    return found


@lru_cache(maxsize=16)
def _search(options: Options) -> Any:
    """All expressions in one automaton."""
    own = "|".join(f"(?i:{pattern_of(name)})" for name in sorted(options.secret_names))
    expressions = {
        Sign.ADDRESS: _EMAIL,
        Sign.NUMBER: _NUMBER,
        Sign.SECRET: _SECRET,
        Sign.OWN_NAME: own or r"[^\s\S]",
        Sign.SEARCHED: "",
        Sign.LONG_WORD: _LONG_WORD,
        Sign.ENCODED: f"{ENCODED}|{_NO_WIDTH}",
        Sign.EMAIL: EMAIL.pattern,
        Sign.URL_PASSWORD: URL_PASSWORD.pattern,
        Sign.AUTHORIZATION: AUTHORIZATION.pattern,
        Sign.HEADER: HEADER.pattern,
        Sign.NAMED_KEY: NAMED_KEY.pattern,
        Sign.ASSIGNMENT: assignments(options.secret_names).pattern,
        Sign.COMMAND_LINE: COMMAND_LINES.pattern,
        Sign.COMMAND_OPTION: COMMAND_OPTION.pattern,
        Sign.ELEMENT: ELEMENT.pattern,
        Sign.CONNECTION_STRING: CONNECTION.pattern,
        Sign.COOKIE: COOKIES.pattern,
        Sign.IP_V4: V4.pattern,
        Sign.IP_V6: V6.pattern,
        Sign.IBAN: IBAN_START.pattern,
        Sign.DIGITS: _DIGITS,
        Sign.BROKEN_NUMBER: _BROKEN_NUMBER,
    }
    bounds = re2.Options()
    bounds.max_mem = _MEMORY_BYTES
    search = re2.Set.SearchSet(bounds)
    for sign in Sign:
        search.Add(expressions[sign])
    search.Compile()
    return search

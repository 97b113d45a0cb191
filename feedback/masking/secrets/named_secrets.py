"""Secrets that their name gives away: assignments, JSON, YAML, connection strings, command lines, headers, cookies."""

import math
import re
import string
from collections import Counter
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Any

import re2

from feedback.masking.signs import Sign
from feedback.masking.spans import Span

# Behind these names anything is a secret that is no placeholder; behind the others only what looks drawn at random.
_PASSWORDS = r"pass(?:word|wd|phrase|code)?|pwd|passwort|contrase[ñn]a|mot[_\-]?de[_\-]?passe|senha"
_OTHERS = (
    r"secret|token|credentials?|(?:api|access|account|auth|encryption|master|private|secret|service|shared|signing"
    r"|subscription|license|webhook)[_\-. ]?key|apikey|client[_\-]?secret"
)
_STAGE = r"(?:[0-9]|[_\-](?:dev|local|prod|production|stage|staging|test|[0-9]))?"
# What stands between a name and its value: quotes and brackets that close the name, a type, the sign.
_ASSIGNED = r"[\"'\]`\\]{0,3}\s*(?::[ \t]*[A-Za-z_\[\]]+[ \t]*=|=>|:=|[:=])[ \t]*(?:[bruBRU](?:[\"']))?"
_NAME_CHARACTERS = string.ascii_letters + string.digits + "_.-"
_QUOTED = re.compile(r"\\?([\"'`])")
_UNQUOTED = re.compile(r"[^\s\"'`,;&<>|\\]+")
_LONGEST = 512
CONNECTION = re2.compile(rf"(?i)(?:{_PASSWORDS}|AccountKey|SharedSecret)\s*=[ \t]*([^;\"'`\n]+)")
_CONNECTION_NEIGHBOUR = re.compile(r"[A-Za-z ]+=[^;\n]*;\s*$")
COMMAND_LINES = re2.compile(r"(?i)\b(?:curl|mysql|mysqldump|mysqladmin|mariadb|sshpass|redis-cli)\b[^\n]*")
_IN_COMMAND = re.compile(
    r"\s(?:-u|--user|--proxy-user)[ =]?[\"']?[^\s:\"']*:([^\s\"']+)|\s-p[ ]?[\"']?([^\s\"']+)"
    r"|\s(?:-a|--pass)\s+[\"']?([^\s\"']+)"
)
COMMAND_OPTION = re2.compile(
    r"(?i)\s--?(?:[a-z]+-)*(?:password|passwd|passphrase|pass|token|secret|api-key)(?:=|[ \t]+)[\"']?([^\s\"'`]+)"
)
ELEMENT = re2.compile(rf"(?i)<(?:[\w\-]+:)?[\w\-]*?(?:{_PASSWORDS}|secret|token)>([^<>\s]+)</")
COOKIES = re2.compile(r"(?i)\b(?:set-)?cookie2?[\"']?\s*[:=]\s*[\"']?([^\n\"']+)")
_COOKIE = re.compile(r"([^\s=;,]+)=([^\s;,]+)")
_ATTRIBUTES = {"path", "domain", "expires", "max-age", "samesite", "priority", "version"}
_SHORTEST_COOKIE, _SHORTEST, _SHORTEST_RANDOM, _SHORTEST_LETTERS = 8, 4, 12, 20
_PLACEHOLDER = re2.compile(
    r"(?i)[*xX.•_\-#?]+|[<{\[(%$@:].*|.*[>}\])]|none|null|nil|undefined|true|false|str(?:ing)?|text|bool(?:ean)?|int|char"
    r"|required|optional|secure|hidden|empty|unknown|varchar.*|changeme|change[_\-]?(?:me|it|this).*|placeholder|redacted"
    r"|(?:your|my|the|some|a|an|new|old|current|user|users|db|hashed|confirm|repeat|plain|raw|default|admin|root|test"
    r"|temp|strong|secure|super|bad|wrong|invalid|valid|example|enter|insert|put)?[_\-.]?"
    r"(?:pass(?:word|wd|phrase)?|pwd|secret|token|key|api[_\-]?key|credentials?)s?(?:[_\-]?(?:here|hash|field|value))?"
    r"|(?:your|my|example|enter|insert|put|replace|replacewith|dummy|fake|sample)[_\-. ].*|os\.environ.*|process\.env.*"
    r"|env\..*"
)
_EXPRESSION = re.compile(r"[A-Za-z_$]\w*(?:(?:\.|->|::)[A-Za-z_]\w*)+[\[(]?.*|[A-Za-z_$]\w*[\[(].*|[A-Za-z_]+|.*[({].*")


def find_named_secrets(text: str, signs: Collection[int], further_names: frozenset[str]) -> Iterator[Span]:
    if Sign.ASSIGNMENT in signs:
        yield from _find_assigned(text, further_names)
    if Sign.COMMAND_LINE in signs and " -" in text:
        yield from _find_in_commands(text)
    if Sign.COMMAND_OPTION in signs and " -" in text:
        yield from _values_of(COMMAND_OPTION, text)
    if Sign.ELEMENT in signs:
        yield from _values_of(ELEMENT, text)
    if Sign.CONNECTION_STRING in signs:
        yield from _find_in_connection_strings(text)
    if Sign.COOKIE in signs:
        yield from _find_cookies(text)


def _find_assigned(text: str, further_names: frozenset[str]) -> Iterator[Span]:
    for match in assignments(further_names).finditer(text):
        span = _value_behind(text, match, is_password=match.group(1) is not None)
        if span:
            yield Span(span[0], span[1], "SECRET")


def _values_of(pattern: Any, text: str) -> Iterator[Span]:
    for match in pattern.finditer(text):
        if _is_worth_masking(match.group(1)) and not match.group(1).isalpha():
            yield Span(match.start(1), match.end(1), "SECRET")


@lru_cache(maxsize=16)
def assignments(further_names: frozenset[str]) -> Any:
    """A name up to its value; the first group is that of names behind which anything is a secret."""
    return re2.compile(rf"(?i)(?:({_passwords(further_names)})|(?:{_OTHERS})){_STAGE}{_ASSIGNED}")


def _value_behind(text: str, match: Any, *, is_password: bool) -> tuple[int, int] | None:
    """Where the secret behind a name stands, or None if what stands there is none."""
    if not _begins_a_word(text, match.start()) or text[match.end() : match.end() + 1] == "=":
        return None
    # The prefix of a string such as b"…" is read with the sign.
    position = match.end() - 1 if match.group()[-1:] in "\"'" and match.group()[-2:-1].lower() in "bru" else match.end()
    opening = _QUOTED.match(text, position)
    if opening:
        start = opening.end()
        end = text.find(opening.group(), start, start + _LONGEST)
    else:
        found = _UNQUOTED.match(text, position, position + _LONGEST)
        start, end = found.span() if found else (position, -1)
    value = text[start:end] if end > start else ""
    if not _is_worth_masking(value):
        return None
    if not is_password:
        is_plain = bool(opening) or _begins_environment_line(text, match) or not _EXPRESSION.fullmatch(value)
        is_secret = is_plain and looks_random(value)
    elif opening:
        is_secret = _is_quoted_password(value, match.group())
    else:
        is_secret = _is_bare_password(value, _begins_environment_line(text, match))
    return (start, end) if is_secret else None


def _begins_a_word(text: str, start: int) -> bool:
    """Tell "db_pass" and "dbPass" from "compass"."""
    before, first = text[start - 1 : start], text[start : start + 1]
    if not before.isalpha() or text[start : start + 8].casefold() in ("password", "passphra", "passwort"):
        return True
    return before.islower() and first.isupper() or text[start : start + 6].casefold() == "passwd"


def _is_worth_masking(value: str) -> bool:
    return len(value) >= _SHORTEST and not is_placeholder(value)


def _is_quoted_password(value: str, assignment: str) -> bool:
    if any(map(str.isspace, value)):
        return "passphrase" in assignment.casefold() and not value.endswith((".", ":", "?"))
    return not value.isalpha() or (any(map(str.isupper, value[1:])) and any(map(str.islower, value)))


def _is_bare_password(value: str, in_environment: bool) -> bool:
    if in_environment and value.isalpha():
        return True
    return not _EXPRESSION.fullmatch(value) and not value.rstrip(".:!?").isalpha()


def _begins_environment_line(text: str, match: Any) -> bool:
    """Tell whether the assignment is NAME=value at the beginning of a line, as in a file of variables."""
    earliest = max(0, match.start() - _LONGEST)
    line = text.rfind("\n", earliest, match.start()) + 1
    if not line and earliest:
        return False
    before = text[line : match.start()]
    introduction = before.rstrip(_NAME_CHARACTERS)
    name = before[len(introduction) :] + match.group().partition("=")[0]
    return (
        name.strip() == name.strip().upper()
        and "=" in match.group()
        and introduction.strip() in ("", "export", "set", "ENV", "-")
    )


def _find_in_connection_strings(text: str) -> Iterator[Span]:
    """Yield passwords beside which other parts with a semicolon stand."""
    for match in CONNECTION.finditer(text):
        before = text[max(0, match.start() - 200) : match.start()]
        is_part = text[match.end() : match.end() + 1] == ";" or _CONNECTION_NEIGHBOUR.search(before)
        value = match.group(1).strip()
        if is_part and _is_worth_masking(value) and (value.isalpha() or not _EXPRESSION.fullmatch(value)):
            yield Span(match.start(1), match.end(1), "SECRET")


def _find_in_commands(text: str) -> Iterator[Span]:
    for line in COMMAND_LINES.finditer(text):
        for match in _IN_COMMAND.finditer(text, *line.span()):
            group = match.lastindex or 0
            if _is_worth_masking(match.group(group)):
                yield Span(match.start(group), match.end(group), "SECRET")


def is_secret_under(name: str, value: str, further_names: frozenset[str] = frozenset()) -> bool:
    """Tell whether a whole value is a secret, as its key in a JSON object says."""
    if not _is_worth_masking(value):
        return False
    found = _ending(further_names).search(name)
    if not found or not _begins_a_word(name, found.start()):
        return False
    if found.group(1) is None:
        return looks_random(value)
    return found.group(1).casefold() != "pass" or not value.isalpha()


@lru_cache(maxsize=16)
def _ending(further_names: frozenset[str]) -> Any:
    return re2.compile(rf"(?i)(?:({_passwords(further_names)})|(?:{_OTHERS})){_STAGE}$")


def _passwords(further_names: frozenset[str]) -> str:
    return "|".join((_PASSWORDS, *map(pattern_of, sorted(further_names))))


def pattern_of(name: str) -> str:
    """The expression of a name in any spelling: vault_pin, vault-pin, vaultPin."""
    return r"[_\-. ]?".join(map(re.escape, re.split(r"[_\-. ]", name)))


def is_placeholder(value: str) -> bool:
    """Tell whether a value stands for a secret, as <password> and ${TOKEN} do, or is a mask already."""
    return _PLACEHOLDER.fullmatch(value) is not None


def looks_random(value: str) -> bool:
    """Tell a value that was drawn at random from a word: by its length, its characters and their entropy."""
    if len(value) < _SHORTEST_RANDOM or any(character.isspace() for character in value):
        return False
    counts = Counter(value)
    entropy = -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())
    if any(map(str.isdigit, value)) and any(map(str.isalpha, value)):
        return entropy >= 2.5
    mixed = any(map(str.isupper, value)) and any(map(str.islower, value))
    return mixed and value.isalnum() and len(value) >= _SHORTEST_LETTERS and entropy >= 3.7


def _find_cookies(text: str) -> Iterator[Span]:
    for header in COOKIES.finditer(text):
        for cookie in _COOKIE.finditer(text, header.start(1), header.end(1)):
            name, value = cookie.groups()
            is_token = len(value) >= _SHORTEST_COOKIE and any(map(str.isdigit, value))
            if is_token and name.casefold() not in _ATTRIBUTES and not is_placeholder(value):
                yield Span(cookie.start(2), cookie.end(2), "SECRET")

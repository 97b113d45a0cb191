"""JSON inside a text, read without losing where its strings and numbers stand; nothing here is recursive."""

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from feedback.masking.spans import Edit

Range = tuple[int, int]

# Python refuses to read integers of thousands of digits, and no number is needed here.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)
_OPENING = re.compile(r"\s*[\[{]")
_SPACE = re.compile(r"\s*")
_FENCE = "```"
# Alone in its line but for an info string, or at the end of a line; never inside JSON, whose strings have no line ends.
_FENCES = re.compile(r"(?m)^[ \t]*```[^\n`\[{]*\n?|```[A-Za-z0-9_+.\-]*[ \t]*\n")
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
# A string, with the colon behind it if it is a name; a bracket; a whole number of four digits or more, or any number.
_LONG_NUMBER = r"(?<![0-9.eE+\-])-?[0-9]{4,}(?![0-9.eE])"
_TOKENS = re.compile(rf"({_STRING})([ \t\n\r]*:)?|[\[\]{{}}]|{_LONG_NUMBER}")
_TOKENS_AND_NUMBERS = re.compile(rf"({_STRING})([ \t\n\r]*:)?|[\[\]{{}}]|-?[0-9][0-9.eE+\-]*")
_STRICT = re.compile(
    r'[ \t\n\r]*(?:("(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+")'
    r"|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+\-]?[0-9]+)?|true|false|null|NaN|-?Infinity)|([\[\]{},:]))"
)
_ESCAPE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.")


@dataclass(frozen=True, slots=True)
class JsonIn:
    """Where JSON values stand in a text, and whether there is other text around them."""

    ranges: list[Range]
    has_prose: bool


class Token(NamedTuple):
    """A string or long number of a JSON text.

    text: what the string means, or how the number is spelled. key: the index of the token that is the name of this
    value, or of the array around it; -1 outside of objects. siblings: the number of the object that this is a name of;
    -1 if it is a value.
    """

    start: int
    end: int
    text: str
    key: int
    siblings: int

    @property
    def is_name(self) -> bool:
        return self.siblings >= 0


def may_hold_json(text: str) -> bool:
    """Tell by a glance whether find_json is worth its time."""
    return _FENCE in text or _OPENING.match(text) is not None


def find_json(text: str) -> JsonIn | None:
    """The objects and arrays that a text consists of, or that stand in its fenced blocks; None if there are none."""
    if _OPENING.match(text):
        ranges, end = _values_from(text, 0)
        if end == len(text):
            return JsonIn(ranges, False)
    ranges = list(_find_in_fences(text)) if _FENCE in text else []
    return JsonIn(ranges, True) if ranges else None


def _find_in_fences(text: str) -> Iterator[Range]:
    fences = list(_FENCES.finditer(text))
    ends = [fence.start() for fence in fences[1:]] + [len(text)]
    for start, end in zip([fence.end() for fence in fences], ends, strict=False):
        # A piece of its own, since a failing decoder counts the lines before the fault.
        block = text[start:end]
        found, position = _values_from(block, 0)
        if position == len(block) or block.startswith(_FENCE, position):
            yield from ((start + begun, start + ended) for begun, ended in found)


def _values_from(text: str, position: int) -> tuple[list[Range], int]:
    """The objects and arrays from a position on, with nothing but space between, and where they end."""
    ranges: list[Range] = []
    while True:
        position = _end_of(_SPACE.match(text, position))
        if text[position : position + 1] not in ("[", "{"):
            return ranges, position
        end = _value_end(text, position)
        if end is None:
            return ranges, position
        ranges.append((position, end))
        position = end


def _end_of(match: re.Match[str] | None) -> int:
    return match.end() if match else 0


def _value_end(text: str, start: int) -> int | None:
    """Where the JSON value ends that begins here; None if it is no JSON."""
    try:
        return _DECODER.raw_decode(text, start)[1]
    except RecursionError:
        return _deep_value_end(text, start)
    except ValueError:
        return None


def _deep_value_end(text: str, start: int) -> int | None:
    """Read a value that nests more deeply than Python's decoder follows."""
    closing: list[str] = []
    position, expected = start, "value"
    while (token := _STRICT.match(text, position)) is not None:
        position, sign = token.end(), token[3] or ""
        if sign and sign in "[{" and expected in ("value", "first value"):
            closing.append("]" if sign == "[" else "}")
            expected = "first value" if sign == "[" else "first name"
        elif closing and sign == closing[-1] and expected in ("first value", "first name", "after"):
            closing.pop()
            expected = "after"
        elif sign == ":" and expected == "colon":
            expected = "value"
        elif sign == "," and expected == "after":
            expected = "value" if closing[-1] == "]" else "name"
        elif not sign and expected in ("value", "first value"):
            expected = "after"
        elif token[1] and expected in ("name", "first name"):
            expected = "colon"
        else:
            return None
        if not closing:
            return position
    return None


def read_tokens(text: str, ranges: list[Range], *, with_every_number: bool = False) -> list[Token]:
    """The strings and numbers of JSON values in order.

    Numbers that are not whole or have less than four digits are passed over unless they are asked for.
    """
    tokens: list[Token] = []
    expression = _TOKENS_AND_NUMBERS if with_every_number else _TOKENS
    objects = 0
    for within in ranges:
        key, siblings, enclosing = -1, -1, []
        for match in expression.finditer(text, *within):
            token = match[1] or match[0]
            first = token[0]
            if match[2]:
                tokens.append(Token(match.start(), match.end(1), _meaning(token), -1, siblings))
                key = len(tokens) - 1
            elif first in "[{":
                enclosing.append((key, siblings))
                siblings = objects
                objects += 1
            elif first in "]}":
                key, siblings = enclosing.pop()
            else:
                meaning = _meaning(token) if first == '"' else token
                tokens.append(Token(match.start(), match.end(), meaning, key, -1))
    return tokens


def _meaning(string: str) -> str:
    return json.loads(string) if "\\" in string else string[1:-1]


def is_long_number(spelling: str) -> bool:
    """Tell whether a number is whole and has four digits or more; shorter ones say nothing, whatever their key."""
    digits = spelling.removeprefix("-")
    return len(digits) >= 4 and digits.isdigit()


def encoded(text: str) -> str:
    """A text as it stands between the quotes of a JSON string."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def in_string(text: str, token: Token, edits: list[Edit]) -> list[Edit]:
    """The edits of what a string means as edits of the text in which it stands."""
    if not edits:
        return edits
    at = _raw_positions(text, token)
    return [Edit(at(edit.start), at(edit.end), encoded(edit.text), edit.kind) for edit in edits]


def _raw_positions(text: str, token: Token) -> Callable[[int], int]:
    """From positions in the decoded string to positions in the text."""
    begins, extra = [0], [token.start + 1]
    for start, end in _escapes(text, token):
        extra.append(extra[-1] + end - start - 1)
        begins.append(end - extra[-1])

    def position(at: int) -> int:
        return at + extra[bisect_right(begins, at) - 1]

    return position


def _escapes(text: str, token: Token) -> Iterator[Range]:
    return (match.span() for match in _ESCAPE.finditer(text, token.start + 1, token.end - 1))

"""Texts and JSON as a person reads them: bounded, indented, with their formatting, and with no hidden characters."""

import re
from dataclasses import dataclass

import msgspec

from feedback.console import markdown

# What a page shows of one text, and of all its texts; Markdown is rendered of the first of them.
SHOWN, SHOWN_ALTOGETHER, RENDERED_ALTOGETHER = 20_000, 400_000, 100_000
SHORTEST = 200
# Controls, and what changes the direction of what follows: in code they would show another order than is there.
_HIDDEN = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ufeff]")
_MAX_JSON_CHARACTERS = 1_000_000


@dataclass(frozen=True)
class Text:
    """The start of a text. rendered: its formatting, if it has any; length: of the whole."""

    text: str
    length: int
    rendered: str | None = None
    is_code: bool = False

    @property
    def is_cut(self) -> bool:
        return self.length > len(self.text)


class Page:
    """Counts what a page has shown, so that it stays small whatever the conversation holds."""

    def __init__(self):
        self._left, self._left_to_render = SHOWN_ALTOGETHER, RENDERED_ALTOGETHER

    def text(self, text: str, *, whole: bool = False) -> Text:
        """whole: show all of it."""
        shown = self._cut(text, whole=whole)
        rendered = markdown.render(shown) if len(shown) <= self._left_to_render else None
        self._left_to_render -= len(shown) if len(shown) <= markdown.MAX_CHARACTERS else 0
        return Text(shown, len(text), rendered)

    def plain(self, text: str, *, whole: bool = False) -> Text:
        """As it is, without formatting."""
        return Text(self._cut(text, whole=whole), len(text))

    def json(self, text: str, *, whole: bool = False) -> Text:
        """JSON indented; any other text as it is."""
        return self.code(_indented(text) or text, whole=whole)

    def code(self, text: str, *, whole: bool = False) -> Text:
        return Text(_HIDDEN.sub(_escaped, self._cut(text, whole=whole)), len(text), is_code=True)

    def _cut(self, text: str, *, whole: bool) -> str:
        shown = text if whole else text[: max(SHORTEST, min(SHOWN, self._left))]
        self._left -= len(shown)
        return shown


def is_json(text: str) -> bool:
    """Whether it is a JSON object or array."""
    return text.lstrip()[:1] in ("{", "[") and _indented(text) is not None


def _indented(text: str) -> str | None:
    if len(text) > _MAX_JSON_CHARACTERS:
        return None
    try:
        return msgspec.json.format(text, indent=2)
    except (msgspec.MsgspecError, RecursionError):
        return None


def _escaped(hidden: re.Match) -> str:
    return f"\\u{ord(hidden[0]):04x}"

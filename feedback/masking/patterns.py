from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import re2

from feedback.masking.spans import Span


class InvalidPattern(ValueError):
    """A custom pattern has no usable name or is no RE2 regular expression."""


@dataclass(frozen=True, slots=True)
class CustomPattern:
    """An operator's own pattern: matches of `expression` become `replacement` and count under `name`."""

    name: str
    expression: Any
    replacement: str


def compile_pattern(name: str, expression: str, replacement: str | None = None) -> CustomPattern:
    """Return a pattern ready for mask_text; the replacement defaults to `[NAME]`."""
    if not name or not expression:
        raise InvalidPattern(f"The pattern {name!r} needs a name and a regular expression")
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(expression, options)
    except re2.error as error:
        raise InvalidPattern(f"The pattern {name!r} is no RE2 regular expression: {error}") from error
    return CustomPattern(name, compiled, f"[{name}]" if replacement is None else replacement)


def find_custom(text: str, pattern: CustomPattern) -> Iterator[Span]:
    for match in pattern.expression.finditer(text):
        if match.end() > match.start():
            yield Span(match.start(), match.end(), pattern.name)

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2

from feedback.masking.spans import Span

KINDS = ("CREDIT_CARD", "EMAIL", "IBAN", "IP", "PHONE", "SECRET", "SSN")
MAX_PATTERNS = 20
MAX_EXPRESSION = 1_000
MAX_REPLACEMENT = 64
_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,31}")
_MEMORY_BYTES = 2 << 20
# Between them they have a start, an end, a word, a line, a digit and what lies around them.
_PROBES = ("", "a", "0", " ", "A b\n1-_.")


class InvalidPattern(ValueError):
    """A custom pattern that cannot be used; its text says why, `field` which part of it is wrong."""

    def __init__(self, field: str, reason: str):
        super().__init__(reason)
        self.field = field


@dataclass(frozen=True, slots=True)
class CustomPattern:
    """An operator's own pattern: matches of `expression` become `replacement` and count under `name`."""

    name: str
    expression: Any
    replacement: str


def compile_pattern(name: str, expression: str, replacement: str | None = None) -> CustomPattern:
    """Return a custom pattern ready for mask_text.

    Parameters
    ----------
    name : str
        1 to 32 capital letters, digits and underscores, beginning with a letter; none of KINDS.
    expression : str
        A regular expression in RE2 syntax of at most MAX_EXPRESSION characters that matches at least one character.
    replacement : str, optional
        At most MAX_REPLACEMENT printable characters without a digit or @ that the expression does not match; `[NAME]`
        by default.

    Returns
    -------
    CustomPattern
        The compiled pattern.

    Raises
    ------
    InvalidPattern
        If a part cannot be used; its `field` names the part.

    Examples
    --------
    >>> compile_pattern("ORDER", "ORD-[0-9]+").replacement
    '[ORDER]'
    """
    if not _NAME.fullmatch(name):
        raise InvalidPattern("name", "A name has 1 to 32 capital letters, digits and _, the first one a letter")
    if name in KINDS:
        raise InvalidPattern("name", f"{name} is a built-in kind; choose another name")
    compiled = _compile(name, expression)
    if any(match.end() == match.start() for probe in _PROBES for match in compiled.finditer(probe)):
        raise InvalidPattern(
            "expression", f"The pattern {name} matches the empty string; it must match at least one character"
        )
    if replacement is None:
        return CustomPattern(name, compiled, f"[{name}]")
    _check_replacement(name, compiled, replacement)
    return CustomPattern(name, compiled, replacement)


def _compile(name: str, expression: str) -> Any:
    if not 1 <= len(expression) <= MAX_EXPRESSION:
        raise InvalidPattern(
            "expression", f"The pattern {name} needs a regular expression of 1 to {MAX_EXPRESSION:,} characters"
        )
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.max_mem = _MEMORY_BYTES
    try:
        return re2.compile(expression, options)
    except UnicodeEncodeError as error:
        raise InvalidPattern("expression", f"The pattern {name} contains a lone surrogate") from error
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else error
        raise InvalidPattern(
            "expression", f"The pattern {name} is not a regular expression in RE2 syntax: {reason}"
        ) from error


def _check_replacement(name: str, compiled: Any, replacement: str) -> None:
    """Refuse what would join two numbers, be masked again, or not be seen."""
    if not replacement.strip() or len(replacement) > MAX_REPLACEMENT or not replacement.isprintable():
        raise InvalidPattern(
            "replacement", f"The replacement of {name} must be 1 to {MAX_REPLACEMENT} printable characters"
        )
    if any(character.isnumeric() for character in replacement) or "@" in replacement or "＠" in replacement:
        raise InvalidPattern(
            "replacement",
            f"The replacement of {name} contains a digit or @, which could be read as part of the masked value",
        )
    if compiled.search(replacement):
        raise InvalidPattern(
            "replacement", f"The replacement of {name} is matched by its own pattern and would be masked again"
        )


def find_custom(text: str, patterns: Sequence[CustomPattern]) -> Iterator[Span]:
    """Yield the matches of every pattern, except those within a mask: a masked text masks to itself."""
    found = [
        Span(match.start(), match.end(), pattern.name)
        for pattern in patterns
        for match in pattern.expression.finditer(text)
        if match.end() > match.start()
    ]
    if not found:
        return
    masks = [match.span() for match in _masks(tuple(pattern.replacement for pattern in patterns)).finditer(text)]
    position = 0
    for span in sorted(found):
        while position < len(masks) and masks[position][1] <= span.start:
            position += 1
        if position == len(masks) or span.start < masks[position][0] or span.end > masks[position][1]:
            yield span


@lru_cache(maxsize=1_000)
def _masks(replacements: tuple[str, ...]) -> re.Pattern:
    masks = sorted({f"[{kind}]" for kind in KINDS}.union(replacements), key=len, reverse=True)
    return re.compile(f"(?:{'|'.join(map(re.escape, masks))})+")

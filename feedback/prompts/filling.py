"""Texts with variables, written `{{name}}`: names alone, no expressions, so a text can run nothing."""

import re
from collections.abc import Iterable, Mapping

# A backslash before the braces makes them literal; two are one backslash before a variable.
_BRACES = re.compile(r"(?<!\\)(?P<slashes>\\*)\{\{(?P<inner>[^{}\n]*)(?P<end>\}\})?")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


class InvalidText(ValueError):
    """A text with braces that are no variable."""


class InvalidValues(ValueError):
    """Variables without a value, or values that no variable takes."""

    def __init__(self, missing: Iterable[str], unknown: Iterable[str]):
        self.missing, self.unknown = sorted(missing), sorted(unknown)
        parts = [f"no value for {', '.join(self.missing)}"] if self.missing else []
        parts += [f"no variable named {', '.join(self.unknown)}"] if self.unknown else []
        super().__init__("; ".join(parts))


def variables_of(text: str) -> list[str]:
    r"""Return the names of the variables of a text.

    Parameters
    ----------
    text : str
        A text in which `{{name}}` or `{{ name }}` is a variable and `\{{` is `{{`.

    Returns
    -------
    list of str
        Each name once, in the order of its first use.

    Raises
    ------
    InvalidText
        If `{{` begins no variable: the name has other characters, or the braces are not closed.

    Examples
    --------
    >>> variables_of(r"Dear {{name}}, write \{{name}} or {{ city }}. {{name}}")
    ['name', 'city']
    """
    names = (_name(found) for found in _BRACES.finditer(text) if not _is_literal(found))
    return list(dict.fromkeys(names))


def fill(text: str, values: Mapping[str, str]) -> str:
    r"""Return a text with the values of its variables; values are not read for variables again.

    Parameters
    ----------
    text : str
        As in `variables_of`.
    values : mapping of str to str
        A value for each variable of the text; others are ignored, see `check_values`.

    Returns
    -------
    str
        The text without variables and without the backslashes of literal braces.

    Raises
    ------
    InvalidText
        As in `variables_of`.
    KeyError
        For a variable without a value.

    Examples
    --------
    >>> fill(r"Dear {{name}}, \{{x}}", {"name": "{{x}}"})
    'Dear {{x}}, {{x}}'
    """

    def filled(found: re.Match[str]) -> str:
        slashes = found["slashes"]
        half = slashes[: len(slashes) // 2]
        return half + found[0][len(slashes) :] if _is_literal(found) else half + values[_name(found)]

    return _BRACES.sub(filled, text)


def filled_length(text: str, values: Mapping[str, str]) -> int:
    """Return an upper bound of the length of a filled text, without filling it.

    Parameters
    ----------
    text, values
        As of `fill`.

    Returns
    -------
    int
        Characters.

    Raises
    ------
    InvalidText, KeyError
        As of `fill`.

    Examples
    --------
    >>> filled_length("{{a}}{{a}}", {"a": "x" * 1_000})
    2010
    """
    found = (found for found in _BRACES.finditer(text) if not _is_literal(found))
    return len(text) + sum(len(values[_name(one)]) for one in found)


def check_values(variables: Iterable[str], values: Iterable[str]) -> None:
    """Check that the names of values are exactly those of the variables.

    Parameters
    ----------
    variables, values : iterable of str
        The names.

    Raises
    ------
    InvalidValues
        With the names that are missing and those that are unknown.

    Examples
    --------
    >>> check_values(["name", "city"], ["name", "town"])
    Traceback (most recent call last):
        ...
    feedback.prompts.filling.InvalidValues: no value for city; no variable named town
    """
    wanted, given = set(variables), set(values)
    if wanted != given:
        raise InvalidValues(wanted - given, given - wanted)


def _is_literal(found: re.Match[str]) -> bool:
    return len(found["slashes"]) % 2 == 1


def _name(found: re.Match[str]) -> str:
    name = found["inner"].strip()
    if not found["end"] or not NAME.fullmatch(name):
        shown = found[0][len(found["slashes"]) :][:40]
        raise InvalidText(
            f"{shown} is not a variable: write {{{{name}}}} with letters, digits and _, or \\{{{{ for braces as such"
        )
    return name

"""Which words a text must hold to match an expression: what most texts lack, and one pass can tell."""

from itertools import product
from typing import NamedTuple

# Too usual to tell anything.
_USUAL_WORDS = (
    "act all and answer answers are as assistant be better context conversation for free from great how "
    "just like message model must need never now one only output people reply respond response say should "
    "simple simply speak talk text that the this time to two user will with women write you your "
)
_USUAL = frozenset(_USUAL_WORDS.split())
_CLASSES = frozenset("bBdDsSwW")
_MOST = 24
_NOTHING = frozenset([""])


class _Part(NamedTuple):
    """exact: all that it can be, none if that is too much to list; needed: words of which each match holds one."""

    exact: frozenset[str]
    needed: frozenset[str]


def needed(expression: str) -> frozenset[str]:
    r"""Return words of which a text holds at least one if it matches an expression, in lower case.

    Parameters
    ----------
    expression : str
        Of RE2, with the syntax that the patterns of flags use.

    Returns
    -------
    frozenset of str
        Those that tell most: long ones, and none that most texts have.

    Raises
    ------
    ValueError
        If a match needs no word, or the syntax is another one.

    Examples
    --------
    >>> sorted(needed(r"\b(?:ignore|disregard) (?:all )*(?:of )?it\b"))
    ['disregard ', 'ignore ']
    """
    part, end = _alternatives(expression.lower(), 0)
    found = part.exact or part.needed
    if end != len(expression) or not found or _weight(found)[0] == 0:
        raise ValueError(f"No word is needed by {expression}")
    return found


def _alternatives(text: str, at: int) -> tuple[_Part, int]:
    """The alternatives from `at` to the end of the group."""
    parts = []
    while True:
        part, at = _sequence(text, at)
        parts.append(part)
        if at == len(text) or text[at] == ")":
            break
        at += 1
    exact = frozenset[str]().union(*(part.exact for part in parts)) if all(part.exact for part in parts) else None
    words = [part.needed or (part.exact if _weight(part.exact)[0] else frozenset()) for part in parts]
    found = frozenset[str]().union(*words) if all(words) else frozenset[str]()
    return _Part(exact if exact and len(exact) <= _MOST else frozenset(), found), at


def _sequence(text: str, at: int) -> tuple[_Part, int]:
    candidates: list[frozenset[str]] = []
    run, is_exact = _NOTHING, True
    while at < len(text) and text[at] not in "|)":
        part, at = _repeated(text, at)
        if part.exact and len(run) * len(part.exact) <= _MOST:
            run = frozenset(map("".join, product(run, part.exact)))
        else:
            candidates += [run, part.needed]
            run, is_exact = part.exact or _NOTHING, False
    best = max([*candidates, run], key=_weight)
    return _Part(run if is_exact else frozenset(), best if _weight(best)[0] else frozenset()), at


def _repeated(text: str, at: int) -> tuple[_Part, int]:
    """A piece with how often it comes; what may be absent needs nothing."""
    part, at = _piece(text, at)
    if at == len(text) or text[at] not in "?*+{":
        return part, at
    end = text.index("}", at) + 1 if text[at] == "{" else at + 1
    is_optional = text[at] in "?*" or text.startswith("{0", at)
    is_listed = text[at] == "?" and bool(part.exact)
    end += text.startswith("?", end)
    if is_listed:
        return _Part(part.exact | _NOTHING, frozenset()), end
    return _Part(frozenset(), frozenset() if is_optional else part.needed or part.exact), end


def _piece(text: str, at: int) -> tuple[_Part, int]:
    sign = text[at]
    if sign == "(":
        inner, end = _alternatives(text, text.index(":", at) + 1 if text.startswith("(?", at) else at + 1)
        return inner, end + 1
    if sign == "[":
        end = text.index("]", at + 2)
        while text[end - 1] == "\\":
            end = text.index("]", end + 1)
        inner_text = text[at + 1 : end]
        is_listed = inner_text[0] != "^" and "\\" not in inner_text and "-" not in inner_text
        return _Part(frozenset(inner_text) if is_listed else frozenset(), frozenset()), end + 1
    if sign == "\\":
        escaped = text[at + 1]
        # A border between words is no sign at all.
        exact = _NOTHING if escaped == "b" else frozenset() if escaped in _CLASSES else frozenset([escaped])
        return _Part(exact, frozenset()), at + 2
    exact = _NOTHING if sign in "^$" else frozenset() if sign == "." else frozenset([sign])
    return _Part(exact, frozenset()), at + 1


def _weight(words: frozenset[str]) -> tuple[int, int]:
    """How telling words are: by the shortest, where a sign beyond ASCII counts as much as it has bytes."""
    found = [word.strip() for word in words]
    shortest = min((0 if word in _USUAL else len(word.encode()) for word in found), default=0)
    return (shortest if shortest >= 3 else 0), -len(found)

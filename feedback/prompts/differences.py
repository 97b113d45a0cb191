"""What differs between two texts: by line, and within changed lines by word."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

KEPT, REMOVED, ADDED = "kept", "removed", "added"
# Changed lines with more words than this are shown whole: comparing takes the square of them.
MOST_WORDS = 2_000
# Longer texts are compared at their ends alone.
MOST_LINES = 2_000
# Kept lines shown before and after a change.
CONTEXT = 3
# What is done with lines of the first text, by their positions in both.
Opcode = tuple[str, int, int, int, int]
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    """A part of a line. is_changed: whether the other text lacks it."""

    text: str
    is_changed: bool = False


@dataclass(frozen=True)
class Line:
    """A line of either text, KEPT, REMOVED or ADDED, with its number, from 1, in each text that has it."""

    kind: str
    pieces: tuple[Piece, ...]
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Hunk:
    """Lines that belong together. skipped: kept lines that are left out before them."""

    skipped: int
    lines: tuple[Line, ...]


def hunks(before: str, after: str, *, context: int = CONTEXT) -> list[Hunk]:
    """Return the changed lines of two texts with the kept ones around them.

    Parameters
    ----------
    before, after : str
        The texts.
    context : int
        How many kept lines are shown before and after each change.

    Returns
    -------
    list of Hunk
        Empty if the texts are the same.

    Examples
    --------
    >>> [hunk] = hunks("Be kind.\\nUse two words.", "Be kind.\\nUse ten words.")
    >>> [(line.kind, [piece.text for piece in line.pieces if piece.is_changed]) for line in hunk.lines]
    [('kept', []), ('removed', ['two']), ('added', ['ten'])]
    """
    old, new = before.split("\n"), after.split("\n")
    found, shown = [], 0
    for group in _groups(_opcodes(old, new), context):
        lines = [line for opcode in group for line in _lines(old, new, *opcode)]
        found.append(Hunk(group[0][1] - shown, tuple(lines)))
        shown = group[-1][2]
    return found


def _opcodes(old: Sequence[str], new: Sequence[str]) -> Sequence[Opcode]:
    if max(len(old), len(new)) <= MOST_LINES:
        return SequenceMatcher(None, old, new).get_opcodes()
    first = _equal_from_start(old, new)
    last = _equal_from_start(old[first:][::-1], new[first:][::-1])
    old_end, new_end = len(old) - last, len(new) - last
    return [
        ("equal", 0, first, 0, first),
        ("replace", first, old_end, first, new_end),
        ("equal", old_end, len(old), new_end, len(new)),
    ]


def _equal_from_start(old: Sequence[str], new: Sequence[str]) -> int:
    pairs = zip(old, new, strict=False)
    return next((step for step, (one, other) in enumerate(pairs) if one != other), min(len(old), len(new)))


def _groups(opcodes: Sequence[Opcode], context: int) -> list[list[Opcode]]:
    """The changes with at most so many kept lines before and after them; those that touch are one group."""
    groups: list[list[Opcode]] = [[]]
    for number, (tag, i1, i2, j1, j2) in enumerate(opcodes):
        if tag != "equal":
            groups[-1].append((tag, i1, i2, j1, j2))
            continue
        before = min(context, i2 - i1) if number else 0
        after = min(context, i2 - i1) if number < len(opcodes) - 1 else 0
        if before + after >= i2 - i1:
            groups[-1].append((tag, i1, i2, j1, j2))
            continue
        groups[-1].append((tag, i1, i1 + before, j1, j1 + before))
        groups.append([(tag, i2 - after, i2, j2 - after, j2)])
    return [group for group in groups if any(tag != "equal" for tag, *_ in group)]


def _lines(old: Sequence[str], new: Sequence[str], tag: str, i1: int, i2: int, j1: int, j2: int) -> Iterator[Line]:
    if tag == "equal":
        for step in range(i2 - i1):
            yield Line(KEPT, (Piece(old[i1 + step]),), i1 + step + 1, j1 + step + 1)
        return
    removed, added = _pieces(old[i1:i2], new[j1:j2])
    for number, pieces in enumerate(removed, i1 + 1):
        yield Line(REMOVED, pieces, number, None)
    for number, pieces in enumerate(added, j1 + 1):
        yield Line(ADDED, pieces, None, number)


def _pieces(old: Sequence[str], new: Sequence[str]) -> tuple[list[tuple[Piece, ...]], list[tuple[Piece, ...]]]:
    """The lines of both sides, with the words marked that the other side lacks."""
    old_words, new_words = (_WORDS.findall("\n".join(side)) for side in (old, new))
    if not old or not new or len(old_words) + len(new_words) > MOST_WORDS:
        return _whole(old), _whole(new)
    matcher = SequenceMatcher(None, old_words, new_words, autojunk=False)
    sides: tuple[list[Piece], list[Piece]] = ([], [])
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        for side, text in zip(sides, ("".join(old_words[i1:i2]), "".join(new_words[j1:j2])), strict=True):
            side.append(Piece(text, tag != "equal"))
    return _by_line(sides[0]), _by_line(sides[1])


def _whole(lines: Sequence[str]) -> list[tuple[Piece, ...]]:
    return [(Piece(line, bool(line)),) for line in lines]


def _by_line(pieces: Sequence[Piece]) -> list[tuple[Piece, ...]]:
    lines: list[list[Piece]] = [[]]
    for piece in pieces:
        first, *others = piece.text.split("\n")
        lines[-1].append(Piece(first, piece.is_changed))
        lines.extend([Piece(text, piece.is_changed)] for text in others)
    return [tuple(piece for piece in line if piece.text) for line in lines]

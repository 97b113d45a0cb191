"""Which words of a text another text removed and added."""

import re
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Indel

# Comparing takes a time that grows with the product of both numbers of words.
MOST_WORDS = 3_000
_WORDS = re.compile(r"\s+|\S+\s*")
Kind = Literal["same", "removed", "added"]


@dataclass(frozen=True)
class Change:
    """A run of words. kind: same, removed or added."""

    kind: Kind
    text: str


def changes(before: str, after: str) -> list[Change]:
    """Compare two texts word by word.

    Parameters
    ----------
    before, after : str
        Texts; of more than MOST_WORDS words one is removed and the other added as a whole.

    Returns
    -------
    list of Change
        Runs of words in their order; without the added ones they are `before`, without the removed ones `after`.

    Examples
    --------
    >>> [(one.kind, one.text) for one in changes("Open the menu.", "Open a menu.")]
    [('same', 'Open '), ('removed', 'the '), ('added', 'a '), ('same', 'menu.')]
    >>> changes("", "")
    []
    """
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if max(len(old), len(new)) > MOST_WORDS:
        return [Change("removed", before), Change("added", after)]
    found: list[Change] = []
    removed, added = "", ""
    for step in Indel.opcodes(old, new):
        if step.tag == "equal":
            found += [*_pair(removed, added), Change("same", "".join(old[step.src_start : step.src_end]))]
            removed, added = "", ""
        removed += "".join(old[step.src_start : step.src_end]) if step.tag == "delete" else ""
        added += "".join(new[step.dest_start : step.dest_end]) if step.tag == "insert" else ""
    return [*found, *_pair(removed, added)]


def _pair(removed: str, added: str) -> list[Change]:
    """What stands in one position: the removed text before the added one."""
    both = [Change("removed", removed), Change("added", added)]
    return [one for one in both if one.text]

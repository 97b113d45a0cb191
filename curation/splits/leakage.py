"""Finds rows of train that repeat validation or test: a model that learns them is not tested by them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from curation.choices import CopyMethod, Split
from curation.duplicates.near_pairs import near_pairs
from curation.duplicates.signed_rows import THRESHOLD, SignedRows


@dataclass(frozen=True)
class Leak:
    """A row of train whose prompt is a near-copy of that of a row of validation or test; similarity: 0 to 1."""

    row: int
    held_out: int
    method: CopyMethod
    similarity: float


def leaks(rows: SignedRows, splits: Sequence[Split], *, threshold: float = THRESHOLD) -> list[Leak]:
    """Return the rows of train that must leave it, by comparing their prompts with all of validation and test.

    Parameters
    ----------
    rows : SignedRows
        Of the whole set.
    splits : sequence of Split
        The split of each row.
    threshold : float
        The similarity from which prompts are near-copies.

    Returns
    -------
    list of Leak
        One for each such row, in ascending order, with the most similar row of validation or test; the first of
        equals.

    Raises
    ------
    ValueError
        If there are more rows than splits or fewer.

    Examples
    --------
    >>> from curation.duplicates.signed_rows import sign
    >>> rows = sign(["How do I pay?", "Where is it?", "How do I pay"], ["By card.", "In the post.", "By bill."])
    >>> [(leak.row, leak.held_out, str(leak.method)) for leak in leaks(rows, [Split.TRAIN, Split.TRAIN, Split.TEST])]
    [(0, 2, 'normalised')]
    """
    if len(rows) != len(splits):
        raise ValueError(f"{len(rows)} rows and {len(splits)} splits do not belong together.")
    # Each prompt once, so that a popular one fills no bucket.
    held_out: dict[bytes, int] = {}
    train: dict[bytes, list[int]] = {}
    for row, (key, split) in enumerate(zip(rows.prompt_keys, splits, strict=True)):
        if split == Split.TRAIN:
            train.setdefault(key, []).append(row)
        else:
            held_out.setdefault(key, row)
    found = {
        row: Leak(row, held_out[key], CopyMethod.NORMALISED, 1.0)
        for key, same in train.items()
        if key in held_out
        for row in same
    }
    prompts = [same for key, same in train.items() if key not in held_out]
    for near in _near(rows, [same[0] for same in prompts], list(held_out.values()), threshold):
        for row in prompts[near.row]:
            found[row] = Leak(row, near.held_out, near.method, near.similarity)
    return [found[row] for row in sorted(found)]


def _near(rows: SignedRows, train: list[int], held_out: list[int], threshold: float) -> Iterable[Leak]:
    """The best leak of each of these rows of train, numbered by their position."""
    pairs = near_pairs(rows.prompts[held_out], rows.prompts[train], threshold=threshold)
    order = np.lexsort((-pairs.members, pairs.similarities))
    best = {int(pairs.queries[at]): at for at in order}
    return [
        Leak(position, held_out[int(pairs.members[at])], CopyMethod.MINHASH, float(pairs.similarities[at]))
        for position, at in best.items()
    ]

"""Samples and folds of rows that keep groups whole."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence

import numpy as np


def random_sample(groups: Sequence[int], *, size: int, rng: np.random.Generator) -> list[int]:
    """Return a random sample of rows, made of whole groups.

    Parameters
    ----------
    groups : sequence of int, n
        The group of each row.
    size : int
        The most rows, at least 1.
    rng : numpy.random.Generator
        Decides the order in which groups are tried; a group that does not fit is passed over.

    Returns
    -------
    list of int
        Positions in ascending order. Fewer than `size` if no other group fits.

    Examples
    --------
    >>> random_sample([0, 0, 1, 2, 2, 2], size=3, rng=np.random.default_rng(0))
    [3, 4, 5]
    """
    members = _members(groups)
    return _filled(_shuffled(members, rng), members, size)


def stratified_sample(
    groups: Sequence[int], strata: Sequence[Hashable], *, size: int, rng: np.random.Generator
) -> list[int]:
    """Return a sample that has each stratum in proportion, made of whole groups.

    Parameters
    ----------
    groups, strata : sequences, n
        The group and the stratum of each row. A group counts for the stratum that most of its rows have.
    size : int
        The most rows, at least 1. Shares are rounded by largest remainders, so that they add up to it.
    rng : numpy.random.Generator
        Decides within each stratum, as in random_sample.

    Returns
    -------
    list of int
        Positions in ascending order. Fewer than `size` if groups do not fit into the shares.

    Examples
    --------
    >>> chosen = stratified_sample([0, 1, 2, 3, 4, 5], list("aaaabb"), size=3, rng=np.random.default_rng(0))
    >>> "".join("aaaabb"[row] for row in chosen)
    'aab'
    """
    members = _members(groups)
    stratum = _stratum_of(members, strata)
    rows: Counter[Hashable] = Counter()
    for group, name in stratum.items():
        rows[name] += len(members[group])
    within: dict[Hashable, list[int]] = {name: [] for name in rows}
    for group in _shuffled(members, rng):
        within[stratum[group]].append(group)
    shares = _shares(rows, min(size, len(groups)))
    return sorted(row for name, share in shares.items() for row in _filled(within[name], members, share))


def k_folds(
    groups: Sequence[int], *, folds: int, rng: np.random.Generator, strata: Sequence[Hashable] | None = None
) -> np.ndarray:
    """Return the fold of each row; folds are about equal in rows, and no group is in two.

    Parameters
    ----------
    groups : sequence of int, n
        The group of each row.
    folds : int
        How many, at least 2.
    rng : numpy.random.Generator
        Decides between groups of equal size.
    strata : sequence, n, optional
        Folds are about equal in each stratum first, then in rows.

    Returns
    -------
    ndarray of int, shape (n,)
        From 0 to folds - 1.

    Raises
    ------
    ValueError
        If there are fewer than two folds, or fewer groups than folds.

    Notes
    -----
    The largest group first, each goes to the fold that is emptiest. With groups of one row, folds differ by a row.

    Examples
    --------
    >>> k_folds([0, 0, 1, 2, 3], folds=2, rng=np.random.default_rng(0)).tolist()
    [0, 0, 1, 1, 0]
    """
    members = _members(groups)
    if folds < 2:
        raise ValueError("There are at least 2 folds.")
    if len(members) < folds:
        raise ValueError(f"{len(members)} groups of rows cannot be divided into {folds} folds.")
    stratum = _stratum_of(members, strata) if strata is not None else dict.fromkeys(members)
    filled: list[Counter[Hashable]] = [Counter() for _ in range(folds)]
    sizes = [0] * folds
    fold_of = np.zeros(len(groups), np.int64)
    for group in sorted(_shuffled(members, rng), key=lambda one: -len(members[one])):
        name, size = stratum[group], len(members[group])
        emptiest = min(range(folds), key=lambda fold: (filled[fold][name], sizes[fold]))
        filled[emptiest][name] += size
        sizes[emptiest] += size
        fold_of[members[group]] = emptiest
    return fold_of


def _members(groups: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for row, group in enumerate(groups):
        found.setdefault(int(group), []).append(row)
    return found


def _shuffled(members: Mapping[int, list[int]], rng: np.random.Generator) -> list[int]:
    groups = list(members)
    return [groups[position] for position in rng.permutation(len(groups))]


def _filled(groups: Iterable[int], members: Mapping[int, list[int]], size: int) -> list[int]:
    chosen: list[int] = []
    for group in groups:
        if len(chosen) + len(members[group]) <= size:
            chosen += members[group]
    return sorted(chosen)


def _stratum_of(members: Mapping[int, list[int]], strata: Sequence[Hashable]) -> dict[int, Hashable]:
    """The stratum that most rows of a group have, the first of equals."""
    return {group: Counter(strata[row] for row in rows).most_common(1)[0][0] for group, rows in members.items()}


def _shares(rows: Mapping[Hashable, int], size: int) -> dict[Hashable, int]:
    """How many rows each stratum gets, by largest remainders."""
    total = sum(rows.values())
    exact = {name: n * size / total for name, n in rows.items()}
    shares = {name: int(value) for name, value in exact.items()}
    rest = sorted(exact, key=lambda name: shares[name] - exact[name])
    for name in rest[: size - sum(shares.values())]:
        shares[name] += 1
    return shares

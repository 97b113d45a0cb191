"""Draws a pool of rows that represents every stratum."""

import numpy as np

from curation.selecting.apportionment import largest_remainder

LARGEST_POOL = 50_000


def stratified_pool(strata: np.ndarray, *, rng: np.random.Generator, size: int = LARGEST_POOL) -> np.ndarray:
    """Return a random sample of rows in which every stratum has its share.

    Parameters
    ----------
    strata : ndarray of int, shape (n,)
        The stratum of each row: any integers, for example one for each version and language.
    rng : numpy.random.Generator
        Draws the rows within strata.
    size : int
        How many rows at most, 0 or more.

    Returns
    -------
    ndarray of int
        min(n, size) indices in ascending order. A stratum has its proportional number of rows, and at least one. If
        there are more strata than slots, the largest have one row each, of ties those of lower number.

    Raises
    ------
    ValueError
        If the size is negative.

    Notes
    -----
    Strata whose quota is below one row get one; the others share what remains by largest remainders.

    Examples
    --------
    >>> strata = np.array([7] * 90 + [8] * 9 + [9])
    >>> np.bincount(strata[stratified_pool(strata, rng=np.random.default_rng(1), size=20)])[7:].tolist()
    [17, 2, 1]
    """
    if size < 0:
        raise ValueError(f"The size is {size}, below 0.")
    if len(strata) <= size:
        return np.arange(len(strata))
    _, codes, counts = np.unique(strata, return_inverse=True, return_counts=True)
    slots = _slots(counts, size)
    shuffled = rng.permutation(len(codes))
    by_stratum = shuffled[np.argsort(codes[shuffled], kind="stable")]
    firsts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    ranks = np.arange(len(codes)) - np.repeat(firsts, counts)
    return np.sort(by_stratum[ranks < np.repeat(slots, counts)])


def _slots(counts: np.ndarray, size: int) -> np.ndarray:
    """How many rows each stratum gets: none more than it has, because size is below the sum of counts."""
    slots = np.zeros(len(counts), dtype=np.int64)
    if size <= len(counts):
        slots[np.argsort(-counts, kind="stable")[:size]] = 1
        return slots
    is_small = np.zeros(len(counts), dtype=bool)
    while True:
        left = size - int(is_small.sum())
        falls_below = ~is_small & (counts * left < counts[~is_small].sum())
        if not falls_below.any():
            break
        is_small |= falls_below
    slots[is_small] = 1
    slots[~is_small] = largest_remainder(left, counts[~is_small].tolist())
    return slots

"""The values of one outcome in one arm of a comparison, with who they are from and what was asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import ArrayLike

# The number of a user or prompt that is not known.
UNKNOWN = -1
# Larger numbers are no measurements, and their fourth powers are not finite.
LARGEST = 1e60


@dataclass(frozen=True)
class Sample:
    """Finite values of one arm.

    Attributes
    ----------
    values : ndarray
        Shape (n,), without NaN.
    users, prompts : ndarray or None
        Shape (n,), a number of 0 or more for each user or prompt, the same in all arms; UNKNOWN without one.
    missing : int
        How many values were NaN, infinite or too large, and are left out.
    """

    values: np.ndarray
    users: np.ndarray | None = None
    prompts: np.ndarray | None = None
    missing: int = 0

    @property
    def n(self) -> int:
        return len(self.values)

    @property
    def mean(self) -> float:
        return float(self.values.mean())

    @property
    def sd(self) -> float:
        return float(self.values.std(ddof=1)) if self.n > 1 else 0.0

    @property
    def is_yes_no(self) -> bool:
        return bool(np.isin(self.values, (0.0, 1.0)).all())


def sample_of(values: ArrayLike, users: ArrayLike | None = None, prompts: ArrayLike | None = None) -> Sample:
    """Return a sample without the values that are NaN, infinite or beyond LARGEST.

    Parameters
    ----------
    values : array_like
        Shape (n,).
    users, prompts : array_like of int, optional
        Shape (n,).

    Returns
    -------
    Sample

    Raises
    ------
    ValueError
        If the arrays differ in length.

    Examples
    --------
    >>> found = sample_of([1.0, float("nan"), 3.0], users=[0, 0, 1])
    >>> found.values.tolist(), found.users.tolist(), found.missing
    ([1.0, 3.0], [0, 1], 1)
    """
    numbers = np.asarray(values, dtype=float)
    known = np.abs(numbers) <= LARGEST
    others = [None if one is None else np.asarray(one, dtype=np.int64) for one in (users, prompts)]
    if numbers.ndim != 1 or any(one is not None and one.shape != numbers.shape for one in others):
        raise ValueError("Values, users and prompts must be one-dimensional and of one length.")
    kept = [None if one is None else one[known] for one in others]
    return Sample(numbers[known], kept[0], kept[1], int((~known).sum()))


def are_clustered(samples: Sequence[Sample]) -> bool:
    """Return whether any known user has two events or more, in one sample or in several.

    Parameters
    ----------
    samples : sequence of Sample

    Returns
    -------
    bool

    Examples
    --------
    >>> are_clustered([sample_of([1, 2], users=[0, 1]), sample_of([3], users=[1])])
    True
    >>> are_clustered([sample_of([1, 2], users=[0, UNKNOWN]), sample_of([3], users=[UNKNOWN])])
    False
    """
    known = [one.users[one.users != UNKNOWN] for one in samples if one.users is not None]
    users = np.concatenate(known) if known else np.empty(0, np.int64)
    return bool(len(users)) and int(np.bincount(users).max()) > 1


def clusters(samples: Sequence[Sample]) -> tuple[list[np.ndarray], int]:
    """Return the user of each value, where each value without a known user counts as another user's.

    Parameters
    ----------
    samples : sequence of Sample

    Returns
    -------
    users : list of ndarray
        Of each sample, shape (n,), 0 to size - 1.
    size : int
        How many users there are.

    Examples
    --------
    >>> users, size = clusters([sample_of([1, 2], users=[3, UNKNOWN]), sample_of([3], users=[3])])
    >>> [one.tolist() for one in users], size
    ([[0, 1], [0]], 2)
    """
    parts = [np.full(one.n, UNKNOWN) if one.users is None else one.users for one in samples]
    together = np.concatenate(parts)
    known = together != UNKNOWN
    present = np.bincount(together[known]) if known.any() else np.empty(0, np.int64)
    numbers = np.cumsum(present > 0) - 1
    size = int((present > 0).sum())
    found = np.empty(len(together), np.int64)
    found[known] = numbers[together[known]] if size else 0
    anonymous = int((~known).sum())
    found[~known] = np.arange(size, size + anonymous)
    ends = np.cumsum([one.n for one in samples])[:-1]
    return np.split(found, ends), size + anonymous


@dataclass(frozen=True)
class Blocks:
    """Values matched by prompt.

    Attributes
    ----------
    means : ndarray
        Shape (prompts, samples), the mean of each sample for each prompt that all of them have.
    users : ndarray
        Shape (prompts,), the user whose events all those of a prompt are; UNKNOWN for several users or unknown ones.
    matched : tuple of int
        How many values of each sample belong to these prompts.
    """

    means: np.ndarray
    users: np.ndarray
    matched: tuple[int, ...]

    @property
    def n(self) -> int:
        return len(self.means)


def by_prompt(samples: Sequence[Sample]) -> Blocks | None:
    """Return the values of the prompts that all samples have; None if there is no such prompt.

    Parameters
    ----------
    samples : sequence of Sample

    Returns
    -------
    Blocks or None

    Examples
    --------
    >>> blocks = by_prompt([sample_of([1, 3, 5], prompts=[0, 0, 1]), sample_of([4, 9], prompts=[0, 2])])
    >>> blocks.means.tolist(), blocks.matched
    ([[2.0, 4.0]], (2, 1))
    """
    size = 1 + min(int(one.prompts.max()) if one.prompts is not None and one.n else UNKNOWN for one in samples)
    if size < 1:
        return None
    counts, sums, lowest, highest = [], [], np.full(size, np.iinfo(np.int64).max), np.full(size, UNKNOWN)
    for one in samples:
        prompts = np.full(one.n, UNKNOWN) if one.prompts is None else one.prompts
        users = np.full(one.n, UNKNOWN) if one.users is None else one.users
        kept = (prompts != UNKNOWN) & (prompts < size)
        counts.append(np.bincount(prompts[kept], minlength=size))
        sums.append(np.bincount(prompts[kept], one.values[kept], minlength=size))
        np.minimum.at(lowest, prompts[kept], users[kept])
        np.maximum.at(highest, prompts[kept], users[kept])
    shared = np.all([count > 0 for count in counts], axis=0)
    if not shared.any():
        return None
    means = np.column_stack([total[shared] / count[shared] for total, count in zip(sums, counts, strict=True)])
    users = np.where(lowest == highest, lowest, UNKNOWN)[shared]
    return Blocks(means, users, tuple(int(count[shared].sum()) for count in counts))


def is_constant(samples: Sequence[Sample]) -> bool:
    """Return whether all values of all samples are the same number.

    Parameters
    ----------
    samples : sequence of Sample
        At least one of them with a value.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_constant([sample_of([7, 7]), sample_of([7])])
    True
    """
    there = [one.values for one in samples if one.n]
    first = float(there[0][0])
    return isfinite(first) and all(bool((values == first).all()) for values in there)

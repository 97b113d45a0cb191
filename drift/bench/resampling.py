"""Bootstrap and permutation of the difference of two means, by user where users are known."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from drift.bench.samples import Sample, clusters

DRAWS = 2_000
# Above this many users or events, as many random blocks of them are resampled instead: the variance of a mean is the
# same on average, and time and memory no longer depend on the number of events.
MOST_UNITS = 2_000
# All relabellings are enumerated up to so many.
MOST_EXACT = 20_000
_AT_ONCE = 250


@dataclass(frozen=True)
class BootstrapResult:
    """Percentile interval of a difference, and the p-value at which the interval would reach 0."""

    low: float
    high: float
    p_value: float


def bootstrap(
    before: Sample, after: Sample, *, rng: np.random.Generator, level: float = 0.95, draws: int = DRAWS
) -> BootstrapResult:
    """Return the percentile bootstrap of the difference of two means, after minus before.

    Parameters
    ----------
    before, after : Sample
        At least two values each. Users are drawn whole, in both samples at once.
    rng : numpy.random.Generator
    level : float
        The confidence of the interval, above 0 and below 1.
    draws : int
        How many resamples.

    Returns
    -------
    BootstrapResult
        p_value is at least 2 / (draws + 1).

    References
    ----------
    Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapters 13 and 15. Field & Welsh (2007), J. R. Stat.
    Soc. B 69(3), 369-390, of clusters.

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> found = bootstrap(sample_of(range(40)), sample_of(range(20, 60)), rng=np.random.default_rng(1))
    >>> 10 < found.low < 18 < 22 < found.high < 30
    True
    """
    totals, together = _totals(before, after, rng)
    differences = np.concatenate([_resampled(totals, together, rng, size) for size in _sizes(draws)])
    differences = differences[np.isfinite(differences)]
    low, high = np.quantile(differences, [(1 - level) / 2, (1 + level) / 2])
    below, above = int((differences <= 0).sum()), int((differences >= 0).sum())
    return BootstrapResult(float(low), float(high), min(1.0, 2 * (min(below, above) + 1) / (len(differences) + 1)))


def permutation_p(before: Sample, after: Sample, *, rng: np.random.Generator, draws: int = DRAWS) -> float:
    """Return the p-value of the difference of two means among relabellings of users, or of events without users.

    Parameters
    ----------
    before, after : Sample
        At least two values each. No user may be in both.
    rng : numpy.random.Generator
    draws : int
        How many relabellings, unless there are so few that all are counted.

    Returns
    -------
    float
        Above 0, at most 1.

    Raises
    ------
    ValueError
        If a user is in both samples: their events cannot be exchanged one by one.

    Notes
    -----
    With users the statistic is the difference divided by its error, so unequal numbers of events do not matter.

    References
    ----------
    Phipson & Smyth (2010), Stat. Appl. Genet. Mol. Biol. 9(1), article 39.

    Examples
    --------
    Two of the 252 ways to choose 5 of 10 values separate them as far:

    >>> from drift.bench.samples import sample_of
    >>> control, treatment = sample_of([0.89, 0.87, 0.9, 0.88, 0.91]), sample_of([0.96, 0.97, 0.94, 0.95, 0.98])
    >>> round(permutation_p(control, treatment, rng=np.random.default_rng(1)), 6)
    0.007937
    """
    totals, together = _totals(before, after, rng)
    if together:
        raise ValueError("A user is in both samples; use the bootstrap.")
    sums, counts = totals
    n, m = len(sums[0]), len(sums[1])
    if all((count == 1).all() for count in counts):
        found = (
            stats.permutation_test(
                (sums[1], sums[0]), _difference, vectorized=True, n_resamples=max(draws, MOST_EXACT), rng=rng
            )
            if n + m <= 60
            else None
        )
        if found is not None:
            return float(found.pvalue)
    pooled, sizes = np.concatenate(sums), np.concatenate(counts)
    seen, extreme = abs(_studentised(pooled, sizes, np.arange(n + m) < n)), 0
    for _ in range(draws):
        extreme += abs(_studentised(pooled, sizes, rng.permutation(n + m) < n)) >= seen - 1e-12
    return (extreme + 1) / (draws + 1)


def _difference(first: np.ndarray, second: np.ndarray, axis: int) -> np.ndarray:
    found: np.ndarray = first.mean(axis=axis) - second.mean(axis=axis)
    return found


def _studentised(sums: np.ndarray, counts: np.ndarray, is_before: np.ndarray) -> float:
    value, variance = 0.0, 0.0
    for part, sign in ((is_before, -1), (~is_before, 1)):
        n = counts[part].sum()
        mean = sums[part].sum() / n
        value += sign * mean
        variance += float(((sums[part] - mean * counts[part]) ** 2).sum()) / n**2
    return value / variance**0.5 if variance > 0 else value


def _totals(
    before: Sample, after: Sample, rng: np.random.Generator
) -> tuple[tuple[list[np.ndarray], list[np.ndarray]], bool]:
    """The sum and number of values by user of each sample; together if users are in both, one entry for each user."""
    users, size = clusters([before, after])
    sums = [np.bincount(of, one.values, minlength=size) for of, one in zip(users, (before, after), strict=True)]
    counts = [np.bincount(of, minlength=size).astype(float) for of in users]
    together = bool(((counts[0] > 0) & (counts[1] > 0)).any())
    if together:
        return _blocked(sums, counts, rng), True
    apart = [_blocked([total[count > 0]], [count[count > 0]], rng) for total, count in zip(sums, counts, strict=True)]
    return ([one[0][0] for one in apart], [one[1][0] for one in apart]), False


def _blocked(
    sums: list[np.ndarray], counts: list[np.ndarray], rng: np.random.Generator
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    size = len(sums[0])
    if size <= MOST_UNITS:
        return sums, counts
    blocks = rng.permutation(size) % MOST_UNITS
    return [np.bincount(blocks, one) for one in sums], [np.bincount(blocks, one) for one in counts]


def _resampled(
    totals: tuple[list[np.ndarray], list[np.ndarray]], together: bool, rng: np.random.Generator, draws: int
) -> np.ndarray:
    means, chosen = [], None
    for total, count in zip(*totals, strict=True):
        if chosen is None or not together:
            chosen = rng.integers(0, len(total), size=(draws, len(total)))
        with np.errstate(invalid="ignore", divide="ignore"):
            means.append(total[chosen].sum(axis=1) / count[chosen].sum(axis=1))
    found: np.ndarray = means[1] - means[0]
    return found


def _sizes(draws: int) -> list[int]:
    return [min(_AT_ONCE, draws - start) for start in range(0, draws, _AT_ONCE)]

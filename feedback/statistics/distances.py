"""Distances and tests between two samples of a number. An empty sample gives NaN, never 0."""

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from scipy import special, stats

from feedback.statistics.histogram_pairs import HistogramPair
from feedback.statistics.ranks import SMALLEST_DEVIATION, rarest_ordering

LARGE_SIZE = 20_000


@dataclass(frozen=True)
class KsResult:
    """The Kolmogorov-Smirnov statistic with its 95 % interval and its two-sided p-value, each 0 to 1."""

    statistic: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True)
class PsiResult:
    """The population stability index, its mean without drift, both >= 0, and its p-value, 0 to 1."""

    index: float
    null_mean: float
    p_value: float


@dataclass(frozen=True)
class WassersteinResult:
    """The earth mover's distance in the unit of the values and in standard deviations of the reference, both >= 0."""

    distance: float
    in_deviations: float


def ks(pair: HistogramPair) -> KsResult:
    """Return the two-sample Kolmogorov-Smirnov statistic with its 95 % interval and its two-sided p-value.

    Parameters
    ----------
    pair : HistogramPair
        The two samples; an empty one gives NaN.

    Returns
    -------
    KsResult
        statistic is the largest difference of the two shares at or below a value, 0 to 1.

    Notes
    -----
    The p-value is the asymptotic one at the rounded size nm / (n + m). It is never below the share of orderings that
    separate the samples completely, so one value a side gives 1. Above LARGE_SIZE its limit with Stephens' correction
    replaces it, which agrees within 2 % in the logarithm and avoids half a second of computing. Ties make the p-value
    conservative. The interval is the statistic plus and minus its 95 % critical value, which is widest when the
    distributions agree.

    References
    ----------
    Hodges (1958), Arkiv foer Matematik 3, 469-486; scipy.stats.ks_2samp(method="asymp").
    Stephens (1970), J. R. Stat. Soc. B 32(1), 115-122.

    Examples
    --------
    Below 3 lie all of the reference and half of the current sample:

    >>> result = ks(HistogramPair.of_samples([1, 2], [1, 2, 3, 4]))
    >>> result.statistic
    0.5
    >>> round(result.p_value, 4)
    1.0
    """
    if pair.empty:
        return KsResult(nan, nan, nan, nan)
    n, m = pair.n_reference, pair.n_current
    statistic = float(np.abs(_share_gap(pair)).max())
    asymptotic = _ks_tail(statistic, max(1, round(n * m / (n + m))))
    margin = float(special.kolmogi(0.05)) * sqrt((n + m) / (n * m))
    p_value = min(1.0, max(asymptotic, rarest_ordering(n, m)))
    return KsResult(statistic, max(0.0, statistic - margin), min(1.0, statistic + margin), p_value)


def _ks_tail(statistic: float, size: int) -> float:
    if size <= LARGE_SIZE:
        return float(stats.kstwo.sf(statistic, size))
    return float(special.kolmogorov(statistic * (sqrt(size) + 0.12 + 0.11 / sqrt(size))))


def _share_gap(pair: HistogramPair) -> np.ndarray:
    """At each value, the share of the reference at or below it minus that of the current sample."""
    return np.cumsum(pair.reference_counts) / pair.n_reference - np.cumsum(pair.current_counts) / pair.n_current


def psi(pair: HistogramPair, *, bins: int = 10) -> PsiResult:
    """Return the population stability index over the reference's quantile bins, its mean without drift and its p-value.

    Parameters
    ----------
    pair : HistogramPair
        The two samples; an empty one gives NaN.
    bins : int
        How many quantile bins the reference is divided into.

    Returns
    -------
    PsiResult
        index is dimensionless and >= 0; 0 means equal shares. null_mean is (B - 1)(1/n + 1/m) for B bins in use.

    Notes
    -----
    Bin edges are the inverted-CDF quantiles of the reference, and each bin is closed above. A value that holds a
    whole bin's share of the reference gets a bin of its own, because ties collapse quantile edges and would hide it.
    Every bin is smoothed by half a count: a tiny epsilon would let one empty bin dominate. Without drift,
    index / (1/n + 1/m) is chi-squared with B - 1 degrees of freedom, which gives the p-value.

    References
    ----------
    Yurdakul (2018), Statistical Properties of Population Stability Index, Western Michigan University.

    Examples
    --------
    Two values, 0 and 1, whose shares move from one half to 20 % and 80 %; p and q are (5.5, 5.5) / 11 and
    (2.5, 8.5) / 11 after smoothing:

    >>> result = psi(HistogramPair([0, 1], [5, 5], [2, 8]))
    >>> round(result.index, 4), round(result.null_mean, 4), round(result.p_value, 4)
    (0.3338, 0.2, 0.1964)
    """
    if pair.empty:
        return PsiResult(nan, nan, nan)
    n, m = pair.n_reference, pair.n_current
    atom = pair.reference_counts * bins >= n
    ranks = np.ceil(n * np.linspace(0, 1, bins + 1)[1:-1])
    edges = np.unique(pair.values[np.searchsorted(np.cumsum(pair.reference_counts), ranks, "left")])
    bin_of_value = np.where(atom, len(edges) + np.cumsum(atom), np.searchsorted(edges, pair.values, "left"))
    expected = np.bincount(bin_of_value, weights=pair.reference_counts)
    actual = np.bincount(bin_of_value, weights=pair.current_counts)
    used = expected + actual > 0
    size = int(used.sum())
    p, q = (expected[used] + 0.5) / (n + 0.5 * size), (actual[used] + 0.5) / (m + 0.5 * size)
    index = float(((p - q) * np.log(p / q)).sum())
    scale = 1 / n + 1 / m
    return PsiResult(index, (size - 1) * scale, float(special.chdtrc(size - 1, index / scale)) if size > 1 else 1.0)


def wasserstein(pair: HistogramPair) -> WassersteinResult:
    """Return the earth mover's distance: how far a value lies, on average, from its place in the reference.

    Parameters
    ----------
    pair : HistogramPair
        The two samples; an empty one gives NaN.

    Returns
    -------
    WassersteinResult
        distance is >= 0, in the unit of the values. in_deviations is the same divided by the reference's standard
        deviation (with n, not n - 1), which counts as at least SMALLEST_DEVIATION, so that a constant reference gives a
        number.

    References
    ----------
    Vallender (1974), Theory Probab. Appl. 18(4), 784-786; scipy.stats.wasserstein_distance.

    Examples
    --------
    >>> wasserstein(HistogramPair.of_samples([0, 2], [3, 5]))
    WassersteinResult(distance=3.0, in_deviations=3.0)
    """
    if pair.empty:
        return WassersteinResult(nan, nan)
    distance = float((np.abs(_share_gap(pair)[:-1]) * np.diff(pair.values)).sum())
    mean = pair.means()[0]
    deviation = sqrt(np.average((pair.values - mean) ** 2, weights=pair.reference_counts))
    return WassersteinResult(distance, distance / max(deviation, SMALLEST_DEVIATION))

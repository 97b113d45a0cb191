"""Rank tests and effect sizes of two samples of a number. An empty sample gives NaN, never 0."""

from dataclasses import dataclass
from math import exp, lgamma, log, nan, sqrt

import numpy as np
from scipy import special

from feedback.statistics.histogram_pairs import HistogramPair
from feedback.statistics.intervals import Z_95

SMALLEST_DEVIATION = 1e-3
TIED_SHARE = 0.1
_NO_SKEW = 1.6e-5


@dataclass(frozen=True)
class EffectResult:
    """Cliff's delta with its 95 % interval, each -1 to 1, and the p-value of the rank-sum test, 0 to 1."""

    delta: float
    low: float
    high: float
    p_value: float


def cliffs_delta(pair: HistogramPair) -> EffectResult:
    """Return Cliff's delta (2 AUC - 1) with its 95 % interval and the two-sided p-value of the rank-sum test.

    Parameters
    ----------
    pair : HistogramPair
        The two samples; an empty one gives NaN.

    Returns
    -------
    EffectResult
        delta is the chance that a current value is the larger one minus the chance that it is the smaller one.

    Notes
    -----
    The interval is DeLong's, and at least 6 / min(n, m) to each side (the rule of three, doubled for the scale of
    delta): completely separate samples have no observed variance, which is not certainty. The p-value comes from the
    first three moments of the rank sum over all relabellings, ties as they are, as a Pearson type III tail: with many
    ties and unequal sizes the rank sum is skewed, and a normal tail would be many times too small.

    References
    ----------
    DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44(3), 837-845.
    Mielke & Berry (2007), Permutation Methods, 2nd ed., chapter 2.

    Examples
    --------
    Of the 16 pairs of a reference and a current value, 12 rise, 2 fall and 2 are ties:

    >>> result = cliffs_delta(HistogramPair.of_samples([1, 2, 3, 4], [2, 4, 5, 6]))
    >>> result.delta
    0.625
    >>> round(result.p_value, 4)
    0.1886
    """
    if pair.empty:
        return EffectResult(nan, nan, nan, nan)
    n, m = pair.n_reference, pair.n_current
    above = (np.cumsum(pair.reference_counts) - pair.reference_counts / 2) / n
    below = 1 - (np.cumsum(pair.current_counts) - pair.current_counts / 2) / m
    auc = float((above * pair.current_counts).sum()) / m
    variance = _variance_of_mean(above, pair.current_counts) + _variance_of_mean(below, pair.reference_counts)
    margin = max(2 * Z_95 * sqrt(variance), 6 / min(n, m))
    delta = 2 * auc - 1
    return EffectResult(delta, max(-1.0, delta - margin), min(1.0, delta + margin), _rank_sum_p(pair))


def _variance_of_mean(values: np.ndarray, counts: np.ndarray) -> float:
    n = counts.sum()
    if n < 2:
        return 0.0
    mean = (values * counts).sum() / n
    return float((counts * (values - mean) ** 2).sum() / (n - 1) / n)


def _rank_sum_p(pair: HistogramPair) -> float:
    ranks = _centred_ranks(pair)
    return _permutation_p(pair, ranks, _half_a_step(ranks))


def _half_a_step(scores: np.ndarray) -> float:
    return float(np.diff(scores).min()) / 2 if len(scores) > 1 else 0.0


def level_p(pair: HistogramPair) -> float:
    """Return the two-sided p-value of a rank test that both samples have the same level.

    Parameters
    ----------
    pair : HistogramPair
        The two samples; an empty one gives NaN.

    Returns
    -------
    float
        0 to 1.

    Notes
    -----
    Values count as the normal quantiles of their ranks, tied ones as the mean of theirs: lengths, times and costs are
    normal after some increasing transformation, and for a shift of those no rank test has more power. The rank sum
    gives less weight to the ends of a distribution. It finds a few extreme values half as often, but finds more where
    TIED_SHARE of both samples together have one value, as counts of rare things do; it is used there. The choice
    depends on no label, so both tests keep the level. The p-value comes from the moments over all relabellings, as in
    cliffs_delta.

    References
    ----------
    van der Waerden (1952), Indagationes Mathematicae 14, 453-458.
    Chernoff & Savage (1958), Ann. Math. Stat. 29(4), 972-994.
    Hogg, Fisher & Randles (1975), J. Am. Stat. Assoc. 70(351), 656-661.

    Examples
    --------
    >>> same = HistogramPair.of_samples(range(0, 40, 2), range(1, 41, 2))
    >>> shifted = HistogramPair.of_samples(range(20), range(10, 30))
    >>> round(level_p(same), 1), level_p(shifted) < 0.001
    (0.7, True)
    """
    if pair.empty:
        return nan
    ties = (pair.reference_counts + pair.current_counts)[_seen(pair)]
    if ties.max() >= TIED_SHARE * ties.sum():
        return _rank_sum_p(pair)
    reached = special.ndtri(np.append(0, np.cumsum(ties)) / ties.sum())
    scores = -np.diff(np.exp(-(reached**2) / 2)) / ties
    return _permutation_p(pair, scores, _half_a_step(scores))


def spread_p(pair: HistogramPair) -> float:
    """Return the two-sided p-value of Mood's test that both samples spread equally about their common middle.

    Parameters
    ----------
    pair : HistogramPair
        The two samples; an empty one gives NaN.

    Returns
    -------
    float
        0 to 1.

    Notes
    -----
    The p-value comes from the moments of the sum of squared centred ranks, as that of the rank sum does in
    cliffs_delta.

    References
    ----------
    Mood (1954), Ann. Math. Stat. 25(3), 514-522; scipy.stats.mood.

    Examples
    --------
    >>> wide, narrow = range(-20, 21), [value / 8 for value in range(-20, 21)]
    >>> spread_p(HistogramPair.of_samples(wide, narrow)) < 1e-6
    True
    """
    return nan if pair.empty else _permutation_p(pair, _centred_ranks(pair) ** 2, 0.0)


def _centred_ranks(pair: HistogramPair) -> np.ndarray:
    """The middle rank of each value that was seen, less the mean rank."""
    ties = (pair.reference_counts + pair.current_counts)[_seen(pair)]
    return np.cumsum(ties) - (ties - 1) / 2 - (ties.sum() + 1) / 2


def _seen(pair: HistogramPair) -> np.ndarray:
    return pair.reference_counts + pair.current_counts > 0


def _permutation_p(pair: HistogramPair, scores: np.ndarray, half_a_step: float) -> float:
    """The two-sided p of the current sample's sum of scores among all relabellings."""
    n, m, seen = pair.n_reference, pair.n_current, _seen(pair)
    total, ties = n + m, (pair.reference_counts + pair.current_counts)[seen]
    centred = scores - float((ties * scores).sum()) / total
    variance = n * m / (total - 1) * float((ties * centred**2).sum()) / total
    deviation = float((pair.current_counts[seen] * centred).sum())
    # Scores are rounded, and half a step is where samples that agree as well as they can lie.
    if variance <= 0 or abs(deviation) <= half_a_step * (1 + 1e-9):
        return 1.0
    third = n * m * (n - m) / ((total - 1) * max(1, total - 2)) * float((ties * centred**3).sum()) / total
    skew = third / variance**1.5 * (1 if deviation > 0 else -1)
    tail = _pearson_tail((abs(deviation) - half_a_step) / sqrt(variance), skew)
    return min(1.0, max(2 * tail, rarest_ordering(n, m)))


def _pearson_tail(value: float, skew: float) -> float:
    """What scipy.stats.pearson3.sf gives, which would take a third of the time of a whole check."""
    if abs(skew) < _NO_SKEW:
        return float(special.ndtr(-value))
    shape = 4 / skew**2
    place = max(0.0, shape + 2 * value / skew)
    return float(special.gammaincc(shape, place) if skew > 0 else special.gammainc(shape, place))


def in_deviations(delta: float, n: int, m: int) -> float:
    """Return the shift, in standard deviations, that makes this Cliff's delta between two normal samples.

    Parameters
    ----------
    delta : float
        Cliff's delta, -1 to 1.
    n, m : int
        The sizes of the two samples, at least 1. Completely separate samples count as half a pair short of that, so the
        shift stays finite.

    Returns
    -------
    float
        The shift, with the sign of delta.

    Notes
    -----
    An increasing transformation of the values does not change it, so it suits skewed lengths and times.

    References
    ----------
    McGraw & Wong (1992), Psychological Bulletin 111(2), 361-365, solved for the shift.

    Examples
    --------
    >>> in_deviations(0.0, 50, 50)
    0.0
    >>> round(in_deviations(0.5205, 1_000, 1_000), 3)
    1.0
    """
    half_a_pair = 1 / (2 * n * m)
    auc = min(max((delta + 1) / 2, half_a_pair), 1 - half_a_pair)
    return sqrt(2) * float(special.ndtri(auc))


def rarest_ordering(n: int, m: int) -> float:
    """Return the probability of the two orderings that separate two samples completely.

    Parameters
    ----------
    n, m : int
        The sizes of the two samples.

    Returns
    -------
    float
        0 to 1.

    Examples
    --------
    Two of the 20 ways to choose 3 of 6 values:

    >>> round(rarest_ordering(3, 3), 12)
    0.1
    """
    return exp(max(-700.0, log(2) + lgamma(n + 1) + lgamma(m + 1) - lgamma(n + m + 1)))

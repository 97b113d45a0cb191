"""Distances and tests between two samples of a number. An empty sample gives NaN, never 0."""

from dataclasses import dataclass
from math import exp, lgamma, log, nan, sqrt

import numpy as np
from scipy import special, stats

from feedback.statistics.histogram_pairs import Histograms

SMALLEST_DEVIATION = 1e-3
LARGE_SIZE = 20_000
TIED_SHARE = 0.1
_NO_SKEW = 1.6e-5


@dataclass(frozen=True)
class KsResult:
    statistic: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True)
class PsiResult:
    index: float
    null_mean: float
    p_value: float


@dataclass(frozen=True)
class EffectResult:
    delta: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True)
class WassersteinResult:
    distance: float
    in_deviations: float


def ks(pair: Histograms) -> KsResult:
    """Return the two-sample Kolmogorov-Smirnov statistic with its 95 % interval and its two-sided p.

    statistic: the largest difference of the two shares at or below a value, 0 to 1.

    p is the asymptotic one at the rounded size nm/(n+m), never below the share of orderings that separate the samples
    wholly (so one value a side gives 1). Beyond LARGE_SIZE its limit with Stephens' correction stands in, which agrees
    within 2 % in the logarithm and never takes half a second. Ties make it conservative. The interval is the statistic
    plus and minus its 95 % critical value, which is widest when the distributions agree.
    Source: Hodges (1958), Arkiv foer Matematik 3, 469-486; scipy.stats.ks_2samp(method="asymp"); Stephens (1970), J. R.
    Stat. Soc. B 32(1), 115-122.
    """
    if pair.empty:
        return KsResult(nan, nan, nan, nan)
    n, m = pair.n_reference, pair.n_current
    statistic = float(np.abs(_share_gap(pair)).max())
    asymptotic = _ks_tail(statistic, max(1, round(n * m / (n + m))))
    margin = float(special.kolmogi(0.05)) * sqrt((n + m) / (n * m))
    p_value = min(1.0, max(float(asymptotic), _rarest_ordering(n, m)))
    return KsResult(statistic, max(0.0, statistic - margin), min(1.0, statistic + margin), p_value)


def _ks_tail(statistic, size):
    if size <= LARGE_SIZE:
        return stats.kstwo.sf(statistic, size)
    return special.kolmogorov(statistic * (sqrt(size) + 0.12 + 0.11 / sqrt(size)))


def _share_gap(pair):
    """At each value, the share of the reference at or below it minus that of the current sample."""
    return np.cumsum(pair.reference_counts) / pair.n_reference - np.cumsum(pair.current_counts) / pair.n_current


def _rarest_ordering(n, m):
    """The chance of the two orderings of n and m values that separate the samples wholly."""
    return exp(max(-700.0, log(2) + lgamma(n + 1) + lgamma(m + 1) - lgamma(n + m + 1)))


def cliffs_delta(pair: Histograms) -> EffectResult:
    """Return Cliff's delta (2 AUC - 1) with its 95 % interval and the two-sided p of the rank-sum test.

    delta: -1 to 1; the chance that a current value is the larger one minus the chance that it is the smaller one.

    The interval is DeLong's, and at least 6 / min(n, m) to each side (the rule of three, doubled for the scale of
    delta): samples that are wholly apart have no observed variance, which is not certainty. p comes from the first
    three moments of the rank sum over all relabellings, ties as they are, as a Pearson type III tail: with many ties
    and unequal sizes the rank sum is skewed, and a normal tail would be many times too small.
    Source: DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44(3), 837-845; Mielke & Berry (2007), Permutation
    Methods, 2nd ed., chapter 2.
    """
    if pair.empty:
        return EffectResult(nan, nan, nan, nan)
    n, m = pair.n_reference, pair.n_current
    above = (np.cumsum(pair.reference_counts) - pair.reference_counts / 2) / n
    below = 1 - (np.cumsum(pair.current_counts) - pair.current_counts / 2) / m
    auc = float((above * pair.current_counts).sum()) / m
    variance = _variance_of_mean(above, pair.current_counts) + _variance_of_mean(below, pair.reference_counts)
    margin = max(2 * float(special.ndtri(0.975)) * sqrt(variance), 6 / min(n, m))
    delta = 2 * auc - 1
    return EffectResult(delta, max(-1.0, delta - margin), min(1.0, delta + margin), _rank_sum_p(pair))


def _variance_of_mean(values, counts):
    n = counts.sum()
    if n < 2:
        return 0.0
    mean = (values * counts).sum() / n
    return float((counts * (values - mean) ** 2).sum() / (n - 1) / n)


def _rank_sum_p(pair):
    ranks = _centred_ranks(pair)
    return _permutation_p(pair, ranks, _half_a_step(ranks))


def _half_a_step(scores):
    return float(np.diff(scores).min()) / 2 if len(scores) > 1 else 0.0


def level_p(pair: Histograms) -> float:
    """Return the two-sided p, 0 to 1, of a test by ranks that both samples have the same level.

    Values count as the normal quantiles of their ranks, tied ones as the mean of theirs: lengths, times and costs are
    normal after some increasing transformation, and for a shift of those no test by ranks sees more. The rank sum,
    which weighs the ends of a distribution less, sees half as often that a few values lie far out, but more where
    TIED_SHARE of both samples together have one value, as counts of rare things do; there it stands in. Which one it is
    depends on no label, so both keep the level. p comes from the moments over all relabellings, as in cliffs_delta.
    Source: van der Waerden (1952), Indagationes Mathematicae 14, 453-458; Chernoff & Savage (1958), Ann. Math. Stat.
    29(4), 972-994; Hogg, Fisher & Randles (1975), J. Am. Stat. Assoc. 70(351), 656-661.
    """
    if pair.empty:
        return nan
    ties = (pair.reference_counts + pair.current_counts)[_seen(pair)]
    if ties.max() >= TIED_SHARE * ties.sum():
        return _rank_sum_p(pair)
    reached = special.ndtri(np.append(0, np.cumsum(ties)) / ties.sum())
    scores = -np.diff(np.exp(-(reached**2) / 2)) / ties
    return _permutation_p(pair, scores, _half_a_step(scores))


def spread_p(pair: Histograms) -> float:
    """Return the two-sided p, 0 to 1, of Mood's test that both samples spread equally about their common middle.

    It comes from the moments of the sum of squared centred ranks, as that of the rank sum does in cliffs_delta.
    Source: Mood (1954), Ann. Math. Stat. 25(3), 514-522; scipy.stats.mood.
    """
    return nan if pair.empty else _permutation_p(pair, _centred_ranks(pair) ** 2, 0.0)


def _centred_ranks(pair):
    """The middle rank of each value that was seen, less the mean rank."""
    ties = (pair.reference_counts + pair.current_counts)[_seen(pair)]
    return np.cumsum(ties) - (ties - 1) / 2 - (ties.sum() + 1) / 2


def _seen(pair):
    return pair.reference_counts + pair.current_counts > 0


def _permutation_p(pair, scores, half_a_step):
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
    return min(1.0, max(2 * tail, _rarest_ordering(n, m)))


def _pearson_tail(value, skew):
    """What scipy.stats.pearson3.sf gives, which would take a third of the time of a whole check."""
    if abs(skew) < _NO_SKEW:
        return float(special.ndtr(-value))
    shape = 4 / skew**2
    place = max(0.0, shape + 2 * value / skew)
    return float(special.gammaincc(shape, place) if skew > 0 else special.gammainc(shape, place))


def in_deviations(delta: float, n: int, m: int) -> float:
    """Return the shift, in standard deviations, that makes this Cliff's delta between two normal samples.

    delta: -1 to 1, of n and m values; samples wholly apart count as half a pair short of that, so it stays finite.
    Any increasing transformation of the values leaves it as it is, so it suits skewed lengths and times.
    Source: McGraw & Wong (1992), Psychological Bulletin 111(2), 361-365, solved for the shift.
    """
    half_a_pair = 1 / (2 * n * m)
    auc = min(max((delta + 1) / 2, half_a_pair), 1 - half_a_pair)
    return sqrt(2) * float(special.ndtri(auc))


def psi(pair: Histograms, *, bins: int = 10) -> PsiResult:
    """Return the population stability index over the reference's quantile bins, its mean without drift and its p.

    index: dimensionless, >= 0; 0 means equal shares. null_mean: (B - 1)(1/n + 1/m) for B bins.

    Edges are the reference's inverted-CDF quantiles, each bin closed above; a value that holds a whole bin's share of
    the reference gets a bin of its own, because ties collapse quantile edges and would hide it. Every bin is smoothed
    by half a count: a tiny epsilon would let one empty bin dominate. Without drift index / (1/n + 1/m) is chi-squared
    with B - 1 degrees of freedom, which gives p.
    Source: Yurdakul (2018), Statistical Properties of Population Stability Index, Western Michigan University.
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


def wasserstein(pair: Histograms) -> WassersteinResult:
    """Return the earth mover's distance: how far a value lies, on average, from where the reference has it.

    distance: >= 0, in the unit of the values. in_deviations: the same over the reference's standard deviation (of n,
    not n - 1), which counts as at least SMALLEST_DEVIATION so that a constant reference gives a number.
    Source: Vallender (1974), Theory Probab. Appl. 18(4), 784-786; scipy.stats.wasserstein_distance.
    """
    if pair.empty:
        return WassersteinResult(nan, nan)
    distance = float((np.abs(_share_gap(pair)[:-1]) * np.diff(pair.values)).sum())
    mean = pair.means()[0]
    deviation = sqrt(np.average((pair.values - mean) ** 2, weights=pair.reference_counts))
    return WassersteinResult(distance, distance / max(deviation, SMALLEST_DEVIATION))

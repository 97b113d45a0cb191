"""Distances and tests between two samples. A NaN is a missing value and takes no part; an empty sample gives NaN."""

from dataclasses import dataclass
from math import exp, lgamma, log, nan, sqrt

import numpy as np
from scipy import stats


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


@dataclass(frozen=True)
class CentroidResult:
    distance: float
    chance_distance: float
    p_value: float


def present(values: np.ndarray) -> np.ndarray:
    """The values that are not NaN, as a 1-D float array."""
    values = np.asarray(values, dtype=float).ravel()
    return values[~np.isnan(values)]


def ks(reference: np.ndarray, current: np.ndarray) -> KsResult:
    """Return the two-sample Kolmogorov-Smirnov statistic with its 95 % interval and its two-sided p.

    reference, current: 1-D float arrays of shape (n,) and (m,), same unit; NaN is dropped, an empty sample gives NaN.
    statistic: the largest difference of the two shares at or below a value, 0 to 1.

    p is the asymptotic one at the rounded size nm/(n+m), never below the share of orderings that separate the samples
    wholly (so one value a side gives 1). Ties make it conservative. The interval is the statistic plus and minus its
    95 % critical value, which is widest when the distributions agree.
    Source: Hodges (1958), Arkiv foer Matematik 3, 469-486; scipy.stats.ks_2samp(method="asymp").
    """
    reference, current = np.sort(present(reference)), np.sort(present(current))
    n, m = len(reference), len(current)
    if not n or not m:
        return KsResult(nan, nan, nan, nan)
    values = np.concatenate([reference, current])
    shares = np.searchsorted(reference, values, "right") / n, np.searchsorted(current, values, "right") / m
    statistic = float(np.abs(shares[0] - shares[1]).max())
    asymptotic = stats.kstwo.sf(statistic, max(1, round(n * m / (n + m))))
    floor = exp(max(-700.0, log(2) + lgamma(n + 1) + lgamma(m + 1) - lgamma(n + m + 1)))
    margin = float(stats.kstwobign.isf(0.05)) * sqrt((n + m) / (n * m))
    p_value = min(1.0, max(float(asymptotic), floor))
    return KsResult(statistic, max(0.0, statistic - margin), min(1.0, statistic + margin), p_value)


def psi(reference: np.ndarray, current: np.ndarray, *, bins: int = 10) -> PsiResult:
    """Return the population stability index over the reference's quantile bins, its mean without drift and its p.

    reference, current: 1-D float arrays of shape (n,) and (m,), same unit; NaN is dropped, an empty sample gives NaN.
    index: dimensionless, >= 0; 0 means equal shares. null_mean: (B - 1)(1/n + 1/m) for B bins.

    Edges are the reference's inverted-CDF quantiles, each bin closed above; a value that holds a whole bin's share of
    the reference gets a bin of its own, because ties collapse quantile edges and would hide it. Every bin is smoothed
    by half a count: a tiny epsilon would let one empty bin dominate. Without drift index / (1/n + 1/m) is chi-squared
    with B - 1 degrees of freedom, which gives p.
    Source: Yurdakul (2018), Statistical Properties of Population Stability Index, Western Michigan University.
    """
    reference, current = present(reference), present(current)
    n, m = len(reference), len(current)
    if not n or not m:
        return PsiResult(nan, nan, nan)
    values, counts = np.unique(reference, return_counts=True)
    atoms = values[counts * bins >= n]
    edges = np.unique(np.quantile(reference, np.linspace(0, 1, bins + 1)[1:-1], method="inverted_cdf"))
    expected, actual = _bin_counts(reference, atoms, edges), _bin_counts(current, atoms, edges)
    used = expected + actual > 0
    size = int(used.sum())
    p, q = (expected[used] + 0.5) / (n + 0.5 * size), (actual[used] + 0.5) / (m + 0.5 * size)
    index = float(((p - q) * np.log(p / q)).sum())
    scale = 1 / n + 1 / m
    return PsiResult(index, (size - 1) * scale, float(stats.chi2.sf(index / scale, size - 1)) if size > 1 else 1.0)


def _bin_counts(values, atoms, edges):
    on_atom = np.isin(values, atoms)
    atom_counts = np.bincount(np.searchsorted(atoms, values[on_atom]), minlength=len(atoms))
    rest = np.bincount(np.searchsorted(edges, values[~on_atom], "left"), minlength=len(edges) + 1)
    return np.concatenate([atom_counts, rest]).astype(float)


def cliffs_delta(reference: np.ndarray, current: np.ndarray) -> EffectResult:
    """Return Cliff's delta (2 AUC - 1) with its 95 % interval.

    reference, current: 1-D float arrays of shape (n,) and (m,), same unit; NaN is dropped, an empty sample gives NaN.
    delta: -1 to 1; the chance that a current value is the larger one minus the chance that it is the smaller one.

    The interval is DeLong's, and at least 6 / min(n, m) to each side (the rule of three, doubled for the scale of
    delta): samples that are wholly apart have no observed variance, which is not certainty.
    Source: DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44(3), 837-845.
    """
    reference, current = np.sort(present(reference)), np.sort(present(current))
    n, m = len(reference), len(current)
    if not n or not m:
        return EffectResult(nan, nan, nan)
    above = _share_below(reference, current)
    below = 1 - _share_below(current, reference)
    auc = float(above.mean())
    variance = (above.var(ddof=1) / m if m > 1 else 0.0) + (below.var(ddof=1) / n if n > 1 else 0.0)
    margin = max(2 * float(stats.norm.isf(0.025)) * sqrt(variance), 6 / min(n, m))
    delta = 2 * auc - 1
    return EffectResult(delta, max(-1.0, delta - margin), min(1.0, delta + margin))


def _share_below(sorted_sample, values):
    """For each value the share of the sample below it, a tie counted half."""
    left, right = np.searchsorted(sorted_sample, values, "left"), np.searchsorted(sorted_sample, values, "right")
    return (left + right) / (2 * len(sorted_sample))


def smallest_detectable_delta(n: int, m: int, *, alpha: float, power: float = 0.8) -> float:
    """Return the smallest Cliff's delta that n and m values reveal with this power; 1 when nothing smaller does.

    Normal approximation of the Mann-Whitney test: the standard error of the AUC is sqrt((n + m + 1) / (12 n m)).
    Source: Noether (1987), J. Am. Stat. Assoc. 82(398), 645-647.
    """
    if not n or not m:
        return 1.0
    reach = stats.norm.isf(alpha / 2) + stats.norm.ppf(power)
    return min(1.0, 2 * float(reach) * sqrt((n + m + 1) / (12 * n * m)))


def benjamini_hochberg(p_values) -> np.ndarray:
    """Return p-values adjusted for the false discovery rate, in the order given; shape (k,), 0 to 1.

    Source: Benjamini & Hochberg (1995), J. R. Stat. Soc. B 57(1), 289-300.
    """
    p_values = np.asarray(p_values, dtype=float)
    order = np.argsort(p_values)[::-1]
    ranks = np.arange(len(p_values), 0, -1)
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum.accumulate(np.append(1.0, p_values[order] * len(p_values) / ranks))[1:]
    return adjusted


def centroid_shift(
    reference: np.ndarray, current: np.ndarray, *, rng: np.random.Generator, permutations: int = 999
) -> CentroidResult:
    """Return how far apart the mean vectors are, how far they are by chance, and the permutation p.

    reference, current: float arrays of shape (n, d) and (m, d); an empty one gives NaN.
    distance: Euclidean, >= 0. chance_distance: root mean square over the permutations.
    p_value: (k + 1) / (permutations + 1) for k permutations at least as far apart.
    Raises ValueError if the dimensions differ or a component is not finite.

    It sees only a change that moves the mean: a change to both sides alike stays hidden.
    """
    if not len(reference) or not len(current):
        return CentroidResult(nan, nan, nan)
    if reference.shape[1] != current.shape[1]:
        raise ValueError(f"The embeddings have {reference.shape[1]} and {current.shape[1]} dimensions.")
    pooled = np.concatenate([reference, current]).astype(float)
    if not np.isfinite(pooled).all():
        raise ValueError("An embedding has a component that is not a finite number.")
    n, size = len(reference), len(pooled)
    pooled -= pooled.mean(axis=0)
    scale = 1 / n + 1 / (size - n)
    distance = float(np.linalg.norm(pooled[:n].sum(axis=0)) * scale)
    by_chance = []
    for start in range(0, permutations, 50):
        chosen = np.zeros((min(50, permutations - start), size))
        chosen[:, :n] = 1
        by_chance.append(np.linalg.norm(rng.permuted(chosen, axis=1) @ pooled, axis=1) * scale)
    by_chance = np.concatenate(by_chance)
    as_far = int((by_chance >= distance * (1 - 1e-9)).sum())
    return CentroidResult(distance, float(np.sqrt((by_chance**2).mean())), (as_far + 1) / (permutations + 1))

"""How far apart two samples of embeddings are."""

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np

from feedback.statistics.intervals import Z_95

FEATURES = 256
BLOCKS = 1_000
_BATCH = 200


@dataclass(frozen=True)
class MmdResult:
    """The maximum mean discrepancy, squared and as a distance with its 95 % interval, and its permutation p-value."""

    squared: float
    distance: float
    low: float
    high: float
    p_value: float
    permutations: int


def mmd(reference: np.ndarray, current: np.ndarray, *, rng: np.random.Generator, permutations: int = 999) -> MmdResult:
    """Return the maximum mean discrepancy of two samples of embeddings with its permutation p-value.

    Parameters
    ----------
    reference, current : ndarray
        Float arrays of shape (n, d) and (m, d). Fewer than two rows on a side give NaN.
    rng : numpy.random.Generator
        Draws the features and the relabellings.
    permutations : int
        How many relabellings are drawn at least.

    Returns
    -------
    MmdResult
        squared is the unbiased squared discrepancy: about 0 without drift, also below it. distance is sqrt(squared /
        (mean similarity within the reference + within the current sample)), 0 to 1, and 1 when no row of one sample is
        similar to any row of the other. low and high are its 95 % interval, which allows for the rows and for the
        features that were drawn. p_value is (k + 1) / (permutations + 1) for k relabellings at least as far apart.

    Raises
    ------
    ValueError
        If the dimensions differ or a component is not finite.

    Notes
    -----
    The kernel is Gaussian, its width the median distance, approximated by FEATURES random Fourier features. The
    distance grows in proportion to the share of events that are new: with wordllama, completely different topics are
    0.1 to 0.2 apart. It also detects changes that leave the mean in place, such as a new cluster on either side of it.

    A sample that no relabelling reaches is relabelled ten times as often, so that its p-value survives a correction for
    many metrics. Above BLOCKS rows together, blocks of consecutive rows are relabelled, which is as exact and costs no
    more than BLOCKS rows; a last block that is not full is left out.

    References
    ----------
    Gretton et al. (2012), JMLR 13, 723-773.
    Rahimi & Recht (2007), NIPS 20.
    Phipson & Smyth (2010), Stat. Appl. Genet. Mol. Biol. 9(1), 39.

    Examples
    --------
    Two samples of 60 rows, one of them around another centre; all 9,990 relabellings are closer together:

    >>> rng = np.random.default_rng(7)
    >>> result = mmd(rng.normal(0, 1, (60, 8)), rng.normal(2, 1, (60, 8)), rng=rng)
    >>> result.p_value == 1 / 9_991, result.permutations
    (True, 9990)
    >>> 0 < result.low < result.distance < result.high <= 1
    True
    """
    n, m = len(reference), len(current)
    if min(n, m) < 2:
        return MmdResult(nan, nan, nan, nan, nan, 0)
    block = min(-(-(n + m) // BLOCKS), n, m)
    n, m = n // block * block, m // block * block
    features = _features(_pooled(reference[:n], current[:m]), rng)
    sums = features.reshape(-1, block, FEATURES).sum(axis=1)
    first = (np.arange(len(sums)) < n // block).astype(np.float32)[None]
    squared = float(_squared(first, sums, n, m)[0])
    by_chance = _permuted(first, sums, n, m, squared, rng, permutations)
    as_far = int((by_chance >= squared - 1e-9).sum())
    within = _within(features[:n]) + _within(features[n:])
    variance = float(by_chance.var()) + _witness_variance(features, n, m) + _variance_of_features(sums, first[0], n, m)
    margin = Z_95 * sqrt(variance)
    distance, low, high = (_distance(value, within) for value in (squared, squared - margin, squared + margin))
    return MmdResult(squared, distance, low, high, (as_far + 1) / (len(by_chance) + 1), len(by_chance))


def _pooled(reference: np.ndarray, current: np.ndarray) -> np.ndarray:
    if reference.shape[1] != current.shape[1]:
        raise ValueError(f"The embeddings have {reference.shape[1]} and {current.shape[1]} dimensions.")
    pooled = np.concatenate([reference, current]).astype(float)
    if not np.isfinite(pooled).all():
        raise ValueError("An embedding has a component that is not a finite number.")
    return pooled


def _features(pooled: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rows of length 1 whose inner products approach the Gaussian kernel; the width looks at no label."""
    sample = pooled[rng.choice(len(pooled), min(len(pooled), 500), replace=False)]
    squares = (sample**2).sum(axis=1)
    distances = np.maximum(squares[:, None] + squares - 2 * sample @ sample.T, 0)[np.triu_indices(len(sample), 1)]
    width = sqrt(float(np.median(distances))) or sqrt(float(distances.max())) or 1.0
    angles = (pooled @ (rng.normal(size=(pooled.shape[1], FEATURES // 2)) / width)).astype(np.float32)
    return np.concatenate([np.cos(angles), np.sin(angles)], axis=1) * np.float32(sqrt(2 / FEATURES))


def _squared(chosen: np.ndarray, sums: np.ndarray, n: int, m: int) -> np.ndarray:
    """The unbiased squared discrepancy of each row of labels: 1 for the reference, 0 for the current sample."""
    one = chosen @ sums
    other = sums.sum(axis=0) - one
    within = ((one**2).sum(axis=1) - n) / (n * (n - 1)) + ((other**2).sum(axis=1) - m) / (m * (m - 1))
    return within - 2 * (one * other).sum(axis=1) / (n * m)


def _permuted(
    first: np.ndarray,
    sums: np.ndarray,
    n: int,
    m: int,
    squared: float,
    rng: np.random.Generator,
    permutations: int,
) -> np.ndarray:
    values = np.empty(0)
    while len(values) < permutations or (len(values) < 10 * permutations and values.max() < squared):
        rows = min(_BATCH, permutations - len(values) % permutations)
        chosen = rng.permuted(np.repeat(first, rows, axis=0), axis=1)
        values = np.append(values, _squared(chosen, sums, n, m))
    return values


def _within(features: np.ndarray) -> float:
    """The mean similarity of two different rows."""
    n = len(features)
    return (float((features.sum(axis=0) ** 2).sum()) - n) / (n * (n - 1))


def _witness_variance(features: np.ndarray, n: int, m: int) -> float:
    witness = features @ (features[:n].mean(axis=0) - features[n:].mean(axis=0))
    return 4 * (float(witness[:n].var()) / n + float(witness[n:].var()) / m)


def _variance_of_features(sums: np.ndarray, first: np.ndarray, n: int, m: int) -> float:
    """How far the squared discrepancy would vary if other features were drawn: it is the sum of theirs."""
    sides = (first @ sums, n), ((1 - first) @ sums, m)
    within = sum((_by_frequency(one**2) - 2 * size / FEATURES) / (size * (size - 1)) for one, size in sides)
    apart = within - 2 * _by_frequency(sides[0][0] * sides[1][0]) / (n * m)
    return len(apart) * float(apart.var())


def _by_frequency(products: np.ndarray) -> np.ndarray:
    """A feature is the cosine and the sine of one frequency."""
    return products.astype(float).reshape(2, -1).sum(axis=0)


def _distance(squared: float, within: float) -> float:
    return sqrt(min(1.0, max(0.0, squared) / within)) if within > 0 else float(squared > 0)

"""Differences of means and ranks where events of one user depend on each other."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf, sqrt

import numpy as np
from scipy import special

from drift.bench import exchanges
from drift.bench.samples import Sample, clusters

# Beside a difference, a smaller error than this is rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Contrast:
    """A difference with its standard error by users.

    Attributes
    ----------
    value : float
        The difference, in the unit of the outcome.
    error : float
        Its standard error.
    freedom : float
        Degrees of freedom of Student's t.
    users : int
        How many users there are.
    design_effect : float
        How many times larger the variance is than if all events were independent.
    """

    value: float
    error: float
    freedom: float
    users: int
    design_effect: float

    @property
    def t(self) -> float:
        if self.error > 0:
            return self.value / self.error
        return 0.0 if self.value == 0 else inf

    @property
    def p_value(self) -> float:
        return min(1.0, 2 * float(special.stdtr(self.freedom, -abs(self.t))))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        margin = float(special.stdtrit(self.freedom, (1 + level) / 2)) * self.error
        return self.value - margin, self.value + margin


@dataclass(frozen=True)
class _Part:
    """What each user adds to the error of one mean, and its degrees of freedom."""

    influences: np.ndarray
    freedom: float
    independent: float

    @property
    def variance(self) -> float:
        return float((self.influences**2).sum())


def mean_difference(before: Sample, after: Sample) -> Contrast:
    """Return the difference of two means, after minus before, with its standard error by users.

    Parameters
    ----------
    before, after : Sample
        At least two values each. Users may be in both.

    Returns
    -------
    Contrast

    Notes
    -----
    The variance is the sum over users of the squares of what each adds to the difference, divided by 1 - w for a user
    with the part w of a sample (CR2). The degrees of freedom are Satterthwaite's, for as many users of equal weight as
    are worth the same under the intraclass correlation of the sample. If each user has one event, the result is
    Welch's test.

    References
    ----------
    Bell & McCaffrey (2002), Survey Methodology 28(2), 169-181. Welch (1947), Biometrika 34, 28-35.

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> control = sample_of([0.89, 0.87, 0.90, 0.88, 0.91])
    >>> found = mean_difference(control, sample_of([0.96, 0.97, 0.94, 0.95, 0.98]))
    >>> round(found.t, 3), round(found.freedom, 2), round(found.p_value, 6)
    (7.0, 8.0, 0.000113)
    """
    users, size = clusters([before, after])
    first, second = (_part(one.values, of, size) for one, of in zip((before, after), users, strict=True))
    found = _contrast(after.mean - before.mean, first, second, second.influences - first.influences, size)
    return or_exact(found, exchanges.of_users(users, size))


def rank_difference(before: Sample, after: Sample) -> Contrast:
    """Return Cliff's delta of two samples with its standard error by users.

    Parameters
    ----------
    before, after : Sample
        At least two values each.

    Returns
    -------
    Contrast
        Its value is -1 to 1.

    Notes
    -----
    Each value counts as the share of the other sample that it exceeds, ties as half. Samples that do not overlap have
    the error of `or_exact`.

    References
    ----------
    Obuchowski (1997), Biometrics 53(2), 567-578. DeLong et al. (1988), Biometrics 44(3), 837-845.

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> before = sample_of([1, 2, 3, 4], users=[0, 0, 1, 1])
    >>> found = rank_difference(before, sample_of([2, 4, 5, 6], users=[2, 2, 3, 3]))
    >>> found.value, found.users
    (0.625, 4)
    """
    values, inverse = np.unique(np.concatenate([before.values, after.values]), return_inverse=True)
    rows = [inverse[: before.n], inverse[before.n :]]
    counts = [np.bincount(row, minlength=len(values)) for row in rows]
    shares = [(np.cumsum(count) - count / 2) / one.n for count, one in zip(counts, (before, after), strict=True)]
    losses, wins = 1 - shares[1][rows[0]], shares[0][rows[1]]
    users, size = clusters([before, after])
    first, second = _part(2 * losses, users[0], size), _part(2 * wins, users[1], size)
    found = _contrast(2 * float(wins.mean()) - 1, first, second, first.influences + second.influences, size)
    return or_exact(found, exchanges.of_users(users, size))


def mean_change(differences: Sample) -> Contrast:
    """Return the mean of paired differences with its standard error by users.

    Parameters
    ----------
    differences : Sample
        At least two values.

    Returns
    -------
    Contrast
        Of equal differences, with the error of `or_exact`.

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> round(mean_change(sample_of([2, 2, 2, 2])).p_value, 3)
    0.125
    """
    found = mean(differences)
    return or_exact(found, exchanges.of_pairs(found.users))


def or_exact(contrast: Contrast, log_exchanges: float) -> Contrast:
    """Return a contrast with the error of `exchanges.least_error` where the data shows none.

    Returns
    -------
    Contrast

    Examples
    --------
    >>> or_exact(Contrast(1.0, 0.0, 2.0, 4, 1.0), 1.79).error > 0
    True
    """
    if contrast.value == 0 or contrast.error > _ROUNDING * abs(contrast.value):
        return contrast
    return replace(contrast, error=exchanges.least_error(contrast.value, contrast.freedom, log_exchanges))


def mean(sample: Sample) -> Contrast:
    """Return the mean of one sample with its standard error by users.

    Parameters
    ----------
    sample : Sample
        At least two values.

    Returns
    -------
    Contrast

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> found = mean(sample_of([1.0, 2.0, 3.0]))
    >>> found.value, round(found.error, 3), found.freedom
    (2.0, 0.577, 2.0)
    """
    (users,), size = clusters([sample])
    part = _part(sample.values, users, size)
    effect = part.variance / part.independent if part.independent else 1.0
    return Contrast(sample.mean, sqrt(part.variance), part.freedom, size, effect)


@dataclass(frozen=True)
class WaldResult:
    """The F statistic of several means, its degrees of freedom and its p-value."""

    statistic: float
    freedom: tuple[float, float]
    p_value: float


def equal_means(samples: Sequence[Sample]) -> WaldResult:
    """Return Wald's test that several means are equal, with a covariance by users.

    Parameters
    ----------
    samples : sequence of Sample
        At least two, with at least two values each and not all constant.

    Returns
    -------
    WaldResult

    Notes
    -----
    Of independent events, or users who are each in one sample, this is Welch's analysis of variance, with the variance
    of each mean and its degrees of freedom by users.

    References
    ----------
    Welch (1951), Biometrika 38, 330-336.

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> found = equal_means([sample_of([1, 2, 3, 4]), sample_of([2, 3, 4, 5]), sample_of([5, 6, 7, 8])])
    >>> round(found.statistic, 2), found.freedom[0]
    (9.36, 2.0)
    """
    users, size = clusters(samples)
    parts = [_part(one.values, of, size) for one, of in zip(samples, users, strict=True)]
    influences = np.column_stack([part.influences for part in parts])
    means = np.array([one.mean for one in samples])
    contrast = np.column_stack([-np.ones(len(samples) - 1), np.eye(len(samples) - 1)])
    covariance = contrast @ (influences.T @ influences) @ contrast.T
    shift = contrast @ means
    quadratic = float(shift @ np.linalg.pinv(covariance) @ shift)
    weights = np.array([1 / part.variance if part.variance else inf for part in parts])
    shares = weights / weights.sum() if np.isfinite(weights).all() else ~np.isfinite(weights)
    spread = float(((1 - shares) ** 2 / np.array([part.freedom for part in parts])).sum())
    k = len(samples)
    residual = max(1.0, (k**2 - 1) / (3 * spread)) if spread else 1.0
    statistic = quadratic / (k - 1) / (1 + 2 * (k - 2) * spread / (k**2 - 1))
    p_value = float(special.fdtrc(k - 1, residual, statistic))
    return WaldResult(statistic, (float(k - 1), residual), p_value)


def _part(values: np.ndarray, users: np.ndarray, size: int) -> _Part:
    n = len(values)
    residuals = values - values.mean()
    counts = np.bincount(users, minlength=size).astype(float)
    sums = np.bincount(users, residuals, minlength=size)
    shares = np.minimum(counts / n, 1 - 1e-12)
    correlation = _intraclass(residuals, sums, counts)
    expected = counts * (1 + (counts - 1) * correlation)
    freedom = max(1.0, float(expected.sum() ** 2 / (expected**2).sum()) - 1)
    independent = float((residuals**2).sum()) / n / max(1, n - 1)
    return _Part(sums / n / np.sqrt(1 - shares), freedom, independent)


def _intraclass(residuals: np.ndarray, sums: np.ndarray, counts: np.ndarray) -> float:
    """The part of the variance that is between users, 0 to 1, from an analysis of variance."""
    there = counts > 0
    n, k = float(counts.sum()), int(there.sum())
    if k < 2 or n <= k:
        return 0.0
    between = float((sums[there] ** 2 / counts[there]).sum())
    within = max(0.0, float((residuals**2).sum()) - between) / (n - k)
    between /= k - 1
    typical = (n - float((counts**2).sum()) / n) / (k - 1)
    total = between + (typical - 1) * within
    return min(1.0, max(0.0, (between - within) / total)) if total > 0 else 0.0


def _contrast(value: float, first: _Part, second: _Part, influences: np.ndarray, size: int) -> Contrast:
    variance = float((influences**2).sum())
    apart = first.variance + second.variance
    spread = first.variance**2 / first.freedom + second.variance**2 / second.freedom
    freedom = apart**2 / spread if spread > 0 else first.freedom + second.freedom
    independent = first.independent + second.independent
    return Contrast(value, sqrt(variance), freedom, size, variance / independent if independent > 0 else 1.0)

"""Tests of two samples: SciPy computes them; here they have one form. Samples hold at least two values."""

from math import sqrt

import numpy as np
from scipy import special, stats

from drift.bench import clustered, exchanges
from drift.bench.clustered import Contrast
from drift.bench.results import StatisticalResult, StatisticalTest
from drift.bench.samples import Sample


def student(before: Sample, after: Sample) -> StatisticalResult:
    """Return Student's test, which assumes equal variances; see scipy.stats.ttest_ind.

    Returns
    -------
    StatisticalResult

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> student(sample_of([1, 2, 3]), sample_of([3, 4, 5])).written()
    't(4.00)=2.45, p=0.070'
    """
    freedom = before.n + after.n - 2
    pooled = ((before.n - 1) * before.sd**2 + (after.n - 1) * after.sd**2) / freedom
    error = sqrt(pooled * (1 / before.n + 1 / after.n))
    found = Contrast(after.mean - before.mean, error, float(freedom), before.n + after.n, 1.0)
    contrast = clustered.or_exact(found, exchanges.of_events(before.n, after.n))
    return _of_contrast(StatisticalTest.STUDENT, contrast)


def welch(before: Sample, after: Sample) -> StatisticalResult:
    """Return Welch's test of independent events; see scipy.stats.ttest_ind(equal_var=False).

    Returns
    -------
    StatisticalResult

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> welch(sample_of([1, 2, 3]), sample_of([2, 4, 6, 8])).written()
    't(4.08)=2.12, p=0.100'
    """
    contrast = clustered.mean_difference(Sample(before.values), Sample(after.values))
    return _of_contrast(StatisticalTest.WELCH, contrast)


def clustered_means(before: Sample, after: Sample) -> StatisticalResult:
    """Return the test of two means with errors by users; see clustered.mean_difference.

    Returns
    -------
    StatisticalResult

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> before, after = sample_of([1, 2, 3, 4], users=[0, 0, 1, 1]), sample_of([5, 6, 7, 8], users=[2, 2, 3, 3])
    >>> clustered_means(before, after).written()
    't(2.00)=2.83, p=0.106'
    """
    return _of_contrast(StatisticalTest.CLUSTERED, clustered.mean_difference(before, after))


def clustered_ranks(before: Sample, after: Sample) -> StatisticalResult:
    """Return the test of Cliff's delta with errors by users; see clustered.rank_difference.

    Returns
    -------
    StatisticalResult

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> clustered_ranks(sample_of([1, 2, 3, 4]), sample_of([2, 4, 5, 6])).contrast.value
    0.625
    """
    return _of_contrast(StatisticalTest.CLUSTERED_RANKS, clustered.rank_difference(before, after))


def paired(differences: Sample) -> StatisticalResult:
    """Return the test that the mean of paired differences is 0, with errors by users where they are known.

    Returns
    -------
    StatisticalResult

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> paired(sample_of([1, 2, 3])).written()
    't(2.00)=3.46, p=0.074'
    """
    return _of_contrast(StatisticalTest.PAIRED, clustered.mean_change(differences))


def _of_contrast(test: StatisticalTest, contrast: Contrast) -> StatisticalResult:
    return StatisticalResult(test, contrast.p_value, "t", contrast.t, (contrast.freedom,), contrast)


def mann_whitney(before: Sample, after: Sample) -> StatisticalResult:
    """Return the rank-sum test, exact for small samples without ties; see scipy.stats.mannwhitneyu.

    Returns
    -------
    StatisticalResult

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> mann_whitney(sample_of([1, 2, 3]), sample_of([4, 5, 6])).written()
    'U=9.00, p=0.100'
    """
    found = stats.mannwhitneyu(after.values, before.values, method="auto")
    return StatisticalResult(StatisticalTest.MANN_WHITNEY, float(found.pvalue), "U", float(found.statistic))


def wilcoxon(differences: np.ndarray) -> StatisticalResult:
    """Return the signed-rank test, exact for few differences without ties; see scipy.stats.wilcoxon.

    Returns
    -------
    StatisticalResult

    Examples
    --------
    >>> wilcoxon(np.array([1.0, 2.0, 3.0, 4.0, 5.0])).written()
    'W=0.00, p=0.062'
    """
    if not differences.any():
        return StatisticalResult(StatisticalTest.WILCOXON, 1.0, "W", 0.0)
    found = stats.wilcoxon(differences)
    return StatisticalResult(StatisticalTest.WILCOXON, float(found.pvalue), "W", float(found.statistic))


def sign(differences: np.ndarray) -> StatisticalResult:
    """Return the sign test: whether more differences are above 0 than below; ties are left out.

    Returns
    -------
    StatisticalResult

    Examples
    --------
    >>> sign(np.array([1.0, 2.0, 3.0, 0.0, 4.0, 5.0])).written()
    'S=5.00, p=0.062'
    """
    above, below = int((differences > 0).sum()), int((differences < 0).sum())
    return StatisticalResult(StatisticalTest.SIGN, _binomial(above, above + below), "S", float(above))


def mcnemar(before: np.ndarray, after: np.ndarray) -> StatisticalResult:
    """Return McNemar's exact test of paired yes/no values: whether as many change to yes as to no.

    Returns
    -------
    StatisticalResult

    Examples
    --------
    >>> mcnemar(np.array([0, 0, 0, 1]), np.array([1, 1, 1, 1])).written()
    'b=3.00, p=0.250'
    """
    gained, lost = int(((before == 0) & (after == 1)).sum()), int(((before == 1) & (after == 0)).sum())
    return StatisticalResult(StatisticalTest.MCNEMAR, _binomial(gained, gained + lost), "b", float(gained))


def _binomial(count: int, n: int) -> float:
    return float(stats.binomtest(count, n).pvalue) if n else 1.0


def table_of(*samples: Sample) -> np.ndarray:
    """Return how many values of each sample are 1 and 0; shape (samples, 2).

    Returns
    -------
    ndarray

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> table_of(sample_of([1, 1, 0]), sample_of([0])).tolist()
    [[2.0, 1.0], [0.0, 1.0]]
    """
    ones = np.array([one.values.sum() for one in samples])
    return np.column_stack([ones, np.array([one.n for one in samples]) - ones])


def two_proportions(before: Sample, after: Sample) -> StatisticalResult:
    """Return the z test of two shares with a pooled error; its square is the chi-squared test of the table.

    Returns
    -------
    StatisticalResult

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> two_proportions(sample_of([1] * 10 + [0] * 90), sample_of([1] * 20 + [0] * 80)).written()
    'z=1.98, p=0.048'
    """
    pooled = (before.values.sum() + after.values.sum()) / (before.n + after.n)
    error = sqrt(pooled * (1 - pooled) * (1 / before.n + 1 / after.n))
    z = (after.mean - before.mean) / error if error else 0.0
    return StatisticalResult(StatisticalTest.TWO_PROPORTIONS, min(1.0, 2 * float(special.ndtr(-abs(z)))), "z", z)


def fisher(before: Sample, after: Sample) -> StatisticalResult:
    """Return Fisher's exact test of two shares; see scipy.stats.fisher_exact.

    Returns
    -------
    StatisticalResult

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> fisher(sample_of([0] * 5), sample_of([1] * 5)).written()
    'p=0.008'
    """
    return StatisticalResult(
        StatisticalTest.FISHER, float(stats.fisher_exact(table_of(after, before).astype(int)).pvalue)
    )

"""Tests of three samples or more. Each holds at least two values."""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from drift.bench import clustered
from drift.bench.results import StatisticalResult, StatisticalTest
from drift.bench.samples import Sample
from drift.bench.tests import table_of


def anova(samples: Sequence[Sample]) -> StatisticalResult:
    """Return the one-way analysis of variance, which assumes equal variances; see scipy.stats.f_oneway.

    Returns
    -------
    StatisticalResult

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> anova([sample_of([1, 2, 3]), sample_of([2, 3, 5]), sample_of([6, 7, 8])]).written()
    'F(2, 6)=13.92, p=0.006'
    """
    found = stats.f_oneway(*(one.values for one in samples))
    total = sum(one.n for one in samples)
    freedom = (float(len(samples) - 1), float(total - len(samples)))
    return StatisticalResult(StatisticalTest.ANOVA, float(found.pvalue), "F", float(found.statistic), freedom)


def welch_anova(samples: Sequence[Sample]) -> StatisticalResult:
    """Return Welch's analysis of variance of samples of unequal variance.

    Parameters
    ----------
    samples : sequence of Sample
        Each with a variance above 0.

    Returns
    -------
    StatisticalResult

    References
    ----------
    Welch (1951), Biometrika 38, 330-336; scipy.stats.f_oneway(equal_var=False).

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> welch_anova([sample_of([1, 2, 3]), sample_of([2, 3, 5]), sample_of([6, 7, 8])]).written()
    'F(2, 3.89)=16.62, p=0.012'
    """
    found = stats.f_oneway(*(one.values for one in samples), equal_var=False)
    k = len(samples)
    weights = np.array([one.n / one.sd**2 for one in samples])
    shares = weights / weights.sum()
    spread = float(((1 - shares) ** 2 / np.array([one.n - 1 for one in samples])).sum())
    return StatisticalResult(
        StatisticalTest.WELCH_ANOVA,
        float(found.pvalue),
        "F",
        float(found.statistic),
        (k - 1.0, (k**2 - 1) / (3 * spread)),
    )


def clustered_anova(samples: Sequence[Sample]) -> StatisticalResult:
    """Return the test of equal means with errors by users; see clustered.equal_means.

    Returns
    -------
    StatisticalResult

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> clustered_anova([sample_of([1, 2, 3]), sample_of([2, 3, 5]), sample_of([6, 7, 8])]).written()
    'F(2, 3.89)=16.62, p=0.012'
    """
    found = clustered.equal_means(samples)
    return StatisticalResult(StatisticalTest.CLUSTERED_ANOVA, found.p_value, "F", found.statistic, found.freedom)


def kruskal_wallis(samples: Sequence[Sample]) -> StatisticalResult:
    """Return the rank test of several samples; see scipy.stats.kruskal.

    Returns
    -------
    StatisticalResult

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> kruskal_wallis([sample_of([1, 2, 3]), sample_of([2, 3, 5]), sample_of([6, 7, 8])]).written()
    'H(2)=6.06, p=0.048'
    """
    found = stats.kruskal(*(one.values for one in samples))
    return StatisticalResult(
        StatisticalTest.KRUSKAL_WALLIS, float(found.pvalue), "H", float(found.statistic), (float(len(samples) - 1),)
    )


def friedman(blocks: np.ndarray) -> StatisticalResult:
    """Return the rank test of values paired by prompt; of yes/no values this is Cochran's Q.

    Parameters
    ----------
    blocks : ndarray
        Shape (prompts, arms).

    Returns
    -------
    StatisticalResult
        With p-value 1 if no prompt has a difference.

    Examples
    --------
    >>> friedman(np.array([[1.0, 2.0, 3.0]] * 4)).written()
    'Q(2)=8.00, p=0.018'
    """
    if (blocks == blocks[:, :1]).all():
        return StatisticalResult(StatisticalTest.FRIEDMAN, 1.0, "Q", 0.0, (float(blocks.shape[1] - 1),))
    found = stats.friedmanchisquare(*blocks.T)
    return StatisticalResult(
        StatisticalTest.FRIEDMAN, float(found.pvalue), "Q", float(found.statistic), (float(blocks.shape[1] - 1),)
    )


def chi_square(samples: Sequence[Sample]) -> StatisticalResult:
    """Return the chi-squared test of several shares, without a correction of continuity.

    Parameters
    ----------
    samples : sequence of Sample
        Values of 0 and 1, both of which occur.

    Returns
    -------
    StatisticalResult

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> chi_square([sample_of([1] * 10 + [0] * 90), sample_of([1] * 20 + [0] * 80)]).written()
    'X2(1)=3.92, p=0.048'
    """
    found = stats.chi2_contingency(table_of(*samples), correction=False)
    return StatisticalResult(
        StatisticalTest.CHI_SQUARE, float(found.pvalue), "X2", float(found.statistic), (float(len(samples) - 1),)
    )

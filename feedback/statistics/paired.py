"""The difference of two treatments of the same subjects."""

from collections.abc import Hashable, Sequence
from math import nan, sqrt

import numpy as np

from feedback.statistics.intervals import IntervalResult


def paired_difference(differences: np.ndarray, clusters: Sequence[Hashable]) -> IntervalResult:
    """Return the mean of paired differences with its 95 % interval, where subjects of a cluster count as one.

    Parameters
    ----------
    differences : np.ndarray
        Shape (n,): the one treatment minus the other, without NaN.
    clusters : sequence of hashable
        n of them: which differences depend on each other, such as those of one prompt.

    Returns
    -------
    IntervalResult
        The mean over the means of clusters, in the unit of the differences; NaN without any.

    Raises
    ------
    ValueError
        If there are not as many clusters as differences.

    Notes
    -----
    A Student interval over the means of clusters, to which two clusters are added: one with the root mean square of
    the differences other than 0, and one with its negative. Without them few differences among many ties have too
    small a variance: four that all point the same way, among 46 ties, would exclude 0, while an exact test gives
    p = 0.125. With differences of -1, 0 and 1 the interval is Bonett and Price's, with Student's quantile.

    References
    ----------
    Bonett & Price (2012), J. Educ. Behav. Stat. 37(4), 479-488. Agresti & Min (2005), Stat. Med. 24(5), 729-740.

    Examples
    --------
    Five and six answers that only the one model has right, among 50:

    >>> five = paired_difference(np.array([1.0] * 5 + [0.0] * 45), range(50))
    >>> round(five.value, 2), round(five.low, 3), round(five.high, 3)
    (0.1, -0.003, 0.196)
    >>> six = paired_difference(np.array([1.0] * 6 + [0.0] * 44), range(50))
    >>> round(six.value, 2), round(six.low, 3), round(six.high, 3)
    (0.12, 0.01, 0.221)
    """
    if not len(differences):
        return IntervalResult(nan, nan, nan)
    means = cluster_means(differences, clusters)
    different = means[means != 0]
    typical = float(np.sqrt((different**2).mean())) if len(different) else 0.0
    padded = np.append(means, [typical, -typical])
    centre = float(padded.mean())
    from scipy.special import stdtrit  # noqa: PLC0415 - web processes import this module, and no SciPy

    margin = float(stdtrit(len(padded) - 1, 0.975)) * float(padded.std(ddof=1)) / sqrt(len(padded))
    return IntervalResult(float(means.mean()), centre - margin, centre + margin)


def cluster_means(values: np.ndarray, clusters: Sequence[Hashable]) -> np.ndarray:
    """Return the mean of each cluster.

    Parameters
    ----------
    values : np.ndarray
        Shape (n,).
    clusters : sequence of hashable
        n of them.

    Returns
    -------
    np.ndarray
        Shape (number of clusters,), in the order in which they first appear.

    Raises
    ------
    ValueError
        If there are not as many clusters as values.

    Examples
    --------
    >>> cluster_means(np.array([1.0, 0.0, 4.0]), ["b", "a", "b"]).tolist()
    [2.5, 0.0]
    """
    if len(values) != len(clusters):
        raise ValueError("There must be one cluster for each value.")
    numbers: dict[Hashable, int] = {}
    positions = np.array([numbers.setdefault(cluster, len(numbers)) for cluster in clusters], int)
    return np.bincount(positions, np.asarray(values, float)) / np.bincount(positions)

"""What the data says about the assumptions of tests: normality, variance and the shape of a distribution."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from scipy import stats

from drift.bench.samples import Sample

# From Shapiro-Wilk to moments: larger samples reject normality for departures that do not matter.
SMALL = 20
# Shapiro-Wilk and Levene are reported for at most so many values.
MOST_TESTED = 5_000
LARGEST_SKEW, LARGEST_KURTOSIS = 2.0, 7.0
# A mean is near enough to normal from so many events for each squared unit of skewness.
EVENTS_PER_SKEW, EVENTS_PER_KURTOSIS = 25, 10
LEAST_FOR_MEANS = 28


@dataclass(frozen=True)
class Shape:
    """Skewness and excess kurtosis of a sample; 0 for one that is constant."""

    n: int
    skew: float
    kurtosis: float
    shapiro_p: float

    @property
    def looks_normal(self) -> bool:
        """Whether a small sample is compatible with a normal distribution, or a larger one near to it."""
        if self.n < SMALL:
            return not self.shapiro_p < 0.05
        return abs(self.skew) < LARGEST_SKEW and abs(self.kurtosis) < LARGEST_KURTOSIS

    @property
    def has_normal_mean(self) -> bool:
        """Whether there are enough values for the mean to be near normal in spite of skewness and tails."""
        return self.n >= max(LEAST_FOR_MEANS + EVENTS_PER_SKEW * self.skew**2, EVENTS_PER_KURTOSIS * self.kurtosis)


def shape_of(values: np.ndarray) -> Shape:
    """Return the shape of a sample.

    Parameters
    ----------
    values : ndarray
        Shape (n,), at least 1.

    Returns
    -------
    Shape
        shapiro_p is NaN for fewer than 3 values, more than MOST_TESTED, or a constant sample.

    References
    ----------
    Shapiro & Wilk (1965), Biometrika 52, 591-611. Sugden, Smith & Jones (2000), J. R. Stat. Soc. B 62(4), 787-793.

    Examples
    --------
    >>> found = shape_of(np.array([1.0, 2.0, 3.0, 4.0, 100.0]))
    >>> round(found.skew, 2), found.looks_normal
    (1.5, False)
    """
    n = len(values)
    residuals = values - values.mean()
    variance = float((residuals**2).mean())
    # Rounding leaves a variance in constants that are no sums of powers of two.
    if variance <= (1e-12 * float(np.abs(values).max())) ** 2:
        return Shape(n, 0.0, 0.0, nan)
    scaled = residuals / sqrt(variance)
    squares = scaled * scaled
    shapiro = float(stats.shapiro(values).pvalue) if 3 <= n <= MOST_TESTED else nan
    return Shape(n, float((squares * scaled).mean()), float((squares * squares).mean()) - 3, shapiro)


def levene_p(samples: Sequence[Sample]) -> float:
    """Return the p-value of Levene's test of equal variances about the medians.

    Parameters
    ----------
    samples : sequence of Sample
        At least two; of each the first MOST_TESTED values count.

    Returns
    -------
    float
        NaN if a sample has fewer than 2 values, or all are constant.

    References
    ----------
    Brown & Forsythe (1974), J. Am. Stat. Assoc. 69, 364-367; scipy.stats.levene.

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> levene_p([sample_of([1, 2, 3, 4]), sample_of([10, 20, 30, 40])]) < 0.05
    True
    """
    tested = [one.values[:MOST_TESTED] for one in samples]
    if any(len(values) < 2 for values in tested) or all((values == values[0]).all() for values in tested):
        return nan
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(stats.levene(*tested, center="median").pvalue)

"""Effect sizes with intervals. An interval has 95 % confidence unless another level is given."""

from dataclasses import dataclass
from math import exp, inf, log, sqrt

import numpy as np
from scipy import special

from drift.bench.clustered import Contrast
from drift.bench.samples import Sample
from feedback.statistics.intervals import Z_95

# Above it the noncentral distributions of SciPy lose digits, and the normal approximation is as good.
MOST_EXACT = 1_000
LABELS = {
    "difference": "difference of means",
    "risk_difference": "difference of shares",
    "cohens_d": "Cohen's d",
    "hedges_g": "Hedges' g",
    "glass_delta": "Glass's delta",
    "cliffs_delta": "Cliff's delta",
    "odds_ratio": "odds ratio",
    "cohens_h": "Cohen's h",
    "eta_squared": "eta squared",
    "omega_squared": "omega squared",
    "cramers_v": "Cramér's V",
    "kendalls_w": "Kendall's W",
}
_D = ((0.2, "negligible"), (0.5, "small"), (0.8, "medium"), (1.2, "large"), (inf, "very large"))
_SIZES = {
    **dict.fromkeys(("cohens_d", "hedges_g", "glass_delta", "cohens_h"), _D),
    "cliffs_delta": ((0.147, "negligible"), (0.33, "small"), (0.474, "medium"), (inf, "large")),
    **dict.fromkeys(
        ("eta_squared", "omega_squared"), ((0.01, "negligible"), (0.06, "small"), (0.14, "medium"), (inf, "large"))
    ),
    **dict.fromkeys(
        ("cramers_v", "kendalls_w"), ((0.1, "negligible"), (0.3, "small"), (0.5, "medium"), (inf, "large"))
    ),
}


@dataclass(frozen=True)
class Effect:
    """The size of a difference.

    Attributes
    ----------
    name : str
        A key of LABELS.
    value : float
        After minus before, or after divided by before.
    low, high : float or None
        Its interval, where there is one.
    """

    name: str
    value: float
    low: float | None = None
    high: float | None = None

    @property
    def interval(self) -> tuple[float, float] | None:
        return None if self.low is None or self.high is None else (self.low, self.high)

    @property
    def size(self) -> str:
        """How large it is in words; "" for one in the unit of the outcome.

        The limits of d are Cohen's (1988) and Sawilowsky's (2009), of delta Romano's (2006), the others Cohen's.
        """
        return next((word for most, word in _SIZES.get(self.name, ()) if abs(self.value) < most), "")


def pooled_sd(before: Sample, after: Sample) -> float:
    """Return the root of the mean variance, weighted by degrees of freedom; 0 for constant samples.

    Returns
    -------
    float

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> pooled_sd(sample_of([1, 2, 3]), sample_of([2, 3, 4]))
    1.0
    """
    weighted = (before.n - 1) * before.sd**2 + (after.n - 1) * after.sd**2
    return sqrt(weighted / (before.n + after.n - 2)) if before.n + after.n > 2 else 0.0


def standardised(before: Sample, after: Sample, contrast: Contrast) -> list[Effect]:
    """Return Cohen's d, Hedges' g and Glass's delta.

    Parameters
    ----------
    before, after : Sample
        At least two values each. Glass's delta is in standard deviations of `before`.
    contrast : Contrast
        The difference of their means, with its error by users where they are known.

    Returns
    -------
    list of Effect
        Without those whose standard deviation is 0.

    Notes
    -----
    The interval of d comes from the noncentral t distribution for small samples of independent events, otherwise from
    the interval of the difference, so it is as wide as users make it. Glass's interval is Hedges' approximation.

    References
    ----------
    Hedges & Olkin (1985), Statistical Methods for Meta-Analysis, chapters 5 and 6. Cumming & Finch (2001), Educ.
    Psychol. Meas. 61(4), 532-574.

    Examples
    --------
    >>> from drift.bench import clustered
    >>> from drift.bench.samples import sample_of
    >>> control, treatment = sample_of([0.89, 0.87, 0.9, 0.88, 0.91]), sample_of([0.96, 0.97, 0.94, 0.95, 0.98])
    >>> found = standardised(control, treatment, clustered.mean_difference(control, treatment))
    >>> [(one.name, round(one.value, 3)) for one in found]
    [('cohens_d', 4.427), ('hedges_g', 3.999), ('glass_delta', 4.427)]
    """
    sd, n, m = pooled_sd(before, after), before.n, after.n
    found = []
    if sd > 0:
        d = contrast.value / sd
        freedom = n + m - 2
        is_exact = freedom <= MOST_EXACT and contrast.users == n + m
        low, high = _d_interval(d, n, m) if is_exact else (end / sd for end in contrast.interval())
        correction = 1 - 3 / (4 * (n + m) - 9)
        found += [
            Effect("cohens_d", d, low, high),
            Effect("hedges_g", d * correction, low * correction, high * correction),
        ]
    if before.sd > 0:
        delta = contrast.value / before.sd
        error = sqrt((contrast.error / before.sd) ** 2 + delta**2 / (2 * max(1, n - 1)))
        found.append(Effect("glass_delta", delta, delta - Z_95 * error, delta + Z_95 * error))
    return found


def _d_interval(d: float, n: int, m: int) -> tuple[float, float]:
    scale = sqrt(1 / n + 1 / m)
    t, freedom = d / scale, n + m - 2
    low, high = (float(special.nctdtrinc(freedom, p, t)) * scale for p in (0.975, 0.025))
    if np.isfinite([low, high]).all():
        return low, high
    error = sqrt(1 / n + 1 / m + d * d / (2 * (n + m)))
    return d - Z_95 * error, d + Z_95 * error


def odds_ratio(before: Sample, after: Sample, *, inflation: float = 1.0) -> Effect:
    """Return the odds ratio of two shares.

    Parameters
    ----------
    before, after : Sample
        Values of 0 and 1.
    inflation : float
        The design effect, at least 1: how many times larger the variance is because users have several events.

    Returns
    -------
    Effect
        Half an event is added to each count if one of them is 0.

    References
    ----------
    Woolf (1955), Ann. Hum. Genet. 19, 251-253. Haldane (1956), Ann. Hum. Genet. 20, 309-311.

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> found = odds_ratio(sample_of([1] * 10 + [0] * 90), sample_of([1] * 20 + [0] * 80))
    >>> round(found.value, 2), round(found.low, 2), round(found.high, 2)
    (2.25, 0.99, 5.09)
    """
    counts = np.array([one.values.sum() for one in (before, after)])
    cells = np.array([counts, np.array([before.n, after.n]) - counts])
    if (cells == 0).any():
        cells = cells + 0.5
    logarithm = log(cells[0, 1] * cells[1, 0] / (cells[0, 0] * cells[1, 1]))
    margin = Z_95 * sqrt(float((1 / cells).sum()) * max(1.0, inflation))
    return Effect("odds_ratio", exp(logarithm), exp(logarithm - margin), exp(logarithm + margin))


def of_variance(statistic: float, between: float, within: float) -> list[Effect]:
    """Return eta squared and omega squared of a one-way analysis of variance.

    Parameters
    ----------
    statistic : float
        F, 0 or more.
    between, within : float
        Its degrees of freedom.

    Returns
    -------
    list of Effect

    References
    ----------
    Steiger (2004), Psychological Methods 9(2), 164-182, of the interval. Hays (1963), Statistics for Psychologists.

    Examples
    --------
    >>> eta, omega = of_variance(24.66667, 2, 12)
    >>> round(eta.value, 4), round(omega.value, 4)
    (0.8043, 0.7594)
    """
    n = between + within + 1
    eta = statistic * between / (statistic * between + within)
    omega = max(0.0, (statistic - 1) * between / ((statistic - 1) * between + n))
    low, high = (_noncentrality(p, between, within, statistic) for p in (0.975, 0.025))
    return [Effect("eta_squared", eta, low / (low + n), high / (high + n)), Effect("omega_squared", omega)]


def _noncentrality(p: float, between: float, within: float, statistic: float) -> float:
    """The noncentrality at which F is below this statistic with probability p; 0 if it is never so probable."""
    if float(special.fdtr(between, within, statistic)) <= p:
        return 0.0
    low, high = 0.0, max(10.0, 4 * statistic * between)
    while float(special.ncfdtr(between, within, high, statistic)) > p and high < 1e7:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if float(special.ncfdtr(between, within, middle, statistic)) > p else (low, middle)
    return (low + high) / 2


def cramers_v(statistic: float, n: int, arms: int) -> Effect:
    """Return Cramér's V of a chi-squared statistic of shares in so many arms.

    Returns
    -------
    Effect

    Examples
    --------
    >>> round(cramers_v(3.92, 200, 2).value, 4)
    0.14
    """
    return Effect("cramers_v", sqrt(statistic / (n * min(1, arms - 1))) if n else 0.0)


def kendalls_w(statistic: float, blocks: int, arms: int) -> Effect:
    """Return Kendall's W of a Friedman statistic: how far prompts agree about the order of arms, 0 to 1.

    Returns
    -------
    Effect

    Examples
    --------
    >>> kendalls_w(8.0, 4, 3).value
    1.0
    """
    return Effect("kendalls_w", statistic / (blocks * (arms - 1)) if blocks else 0.0)


def of_ranks(statistic: float, n: int, arms: int) -> Effect:
    """Return eta squared of a Kruskal-Wallis statistic.

    References
    ----------
    Tomczak & Tomczak (2014), Trends in Sport Sciences 1(21), 19-25.

    Returns
    -------
    Effect

    Examples
    --------
    >>> round(of_ranks(11.375943, 15, 3).value, 3)
    0.781
    """
    return Effect("eta_squared", max(0.0, (statistic - arms + 1) / (n - arms)) if n > arms else 0.0)

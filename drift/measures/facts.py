"""Shared parts of metric results: methods, phrases and insufficient data."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from drift.choices import Verdict
from drift.measures.verdicts import MetricResult, VerdictParameters
from feedback.statistics import power

VERSIONS = {
    "adaptive_ranks": "1",
    "mood": "1",
    "ks": "1",
    "cliffs_delta": "1",
    "psi": "1",
    "wasserstein": "1",
    "fisher": "1",
    "chi_square": "2",
    "mmd": "3",
    "benjamini_hochberg": "2",
}


def facts_of(name: str, label: str, methods: tuple[str, ...], n: int, m: int) -> dict[str, Any]:
    """Return the fields of a result that do not depend on its outcome.

    Parameters
    ----------
    name, label : str
        The metric's name, and its name in sentences.
    methods : tuple of str
        Names among VERSIONS.
    n, m : int
        The sizes of the two windows.

    Returns
    -------
    dict
        Keyword arguments of MetricResult.

    Examples
    --------
    >>> facts_of("refusal", "Refusals", ("fisher",), 60, 70)["method"]
    'fisher-1'
    """
    method = ",".join(f"{method}-{VERSIONS[method]}" for method in methods)
    return {"name": name, "label": label, "method": method, "n_reference": n, "n_current": m}


def too_small(facts: dict[str, Any], parameters: VerdictParameters) -> bool:
    """Return whether a window has too little data to be judged.

    Parameters
    ----------
    facts : dict
        What facts_of returns.
    parameters : VerdictParameters
        Their `minimum_n` is the minimum.

    Returns
    -------
    bool
        Whether either window is below it.

    Examples
    --------
    >>> too_small(facts_of("refusal", "Refusals", ("fisher",), 49, 1_000), VerdictParameters())
    True
    """
    return min(facts["n_reference"], facts["n_current"]) < parameters.minimum_n


def too_few(
    facts: dict[str, Any],
    what: str,
    parameters: VerdictParameters,
    *,
    effect_of: Callable[[float], str] = "an effect of {:.2f}".format,
) -> MetricResult:
    """Return the result "insufficient data" with the smallest detectable effect.

    Parameters
    ----------
    facts : dict
        What facts_of returns.
    what : str
        What is counted.
    parameters : VerdictParameters
        Thresholds.
    effect_of : callable
        Describes a Cliff's delta in the metric's unit.

    Returns
    -------
    MetricResult
        Without an effect.

    Examples
    --------
    >>> result = too_few(facts_of("refusal", "Refusals", ("fisher",), 40, 1_000), "events", VerdictParameters())
    >>> for part in result.sentence.split("; "):
    ...     print(part)
    Refusals: too few events, n = 40 and 1,000, need at least 50 per window
    with this many only an effect of 0.35 or more is detectable.
    """
    n, m = facts["n_reference"], facts["n_current"]
    detectable = power.smallest_detectable_delta(n, m, alpha=parameters.level)
    reach = (
        f"with this many only {effect_of(detectable)} or more is detectable"
        if detectable < 1
        else "not enough events to judge"
    )
    return MetricResult(
        **facts,
        verdict=Verdict.INSUFFICIENT_DATA,
        sentence=f"{facts['label']}: too few {what}, n = {n:,} and {m:,}, "
        f"need at least {parameters.minimum_n} per window; {reach}.",
        statistics={"smallest_detectable_delta": detectable},
    )


def measured_differently(name: str, label: str, n: int, m: int, since: datetime | None) -> MetricResult:
    """Return insufficient data, because values of different measure versions are not compared.

    Parameters
    ----------
    name, label : str
        The metric and what a report calls it.
    n, m : int
        How many values the reference and the current window hold.
    since : datetime or None
        The first hour of the newer version, if known.

    Returns
    -------
    MetricResult
        The verdict and the sentence.

    Examples
    --------
    >>> from datetime import UTC
    >>> measured_differently("quality", "Quality", 70, 80, datetime(2026, 5, 4, 12, tzinfo=UTC)).sentence
    'Quality: measured differently since 2026-05-04 12:00 UTC, n = 70 and 80.'
    """
    when = f" since {since:%Y-%m-%d %H:%M} UTC" if since else " in these windows"
    return MetricResult(
        **facts_of(name, label, (), n, m),
        verdict=Verdict.INSUFFICIENT_DATA,
        sentence=f"{label}: measured differently{when}, n = {n:,} and {m:,}.",
    )


def signed(values: Sequence[float], unit: str) -> str:
    """Return an effect with its interval as text.

    Parameters
    ----------
    values : sequence of float
        The effect and the ends of its interval.
    unit : str
        What follows the number, with a space in front.

    Returns
    -------
    str
        One decimal each.

    Examples
    --------
    >>> signed([0.31, -0.04, 0.66], " SD")
    '+0.3 SD [0.0, 0.7]'
    """
    value, low, high = values
    return f"{value:+z.1f}{unit} [{low:z.1f}, {high:z.1f}]"

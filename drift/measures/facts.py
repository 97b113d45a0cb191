"""What the results of all kinds of metric have in common: their methods, their words, and too few values."""

from collections.abc import Callable, Sequence
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
    """What a result says of its metric, whatever comes out."""
    method = ",".join(f"{method}-{VERSIONS[method]}" for method in methods)
    return {"name": name, "label": label, "method": method, "n_reference": n, "n_current": m}


def too_small(facts: dict[str, Any], parameters: VerdictParameters) -> bool:
    return min(facts["n_reference"], facts["n_current"]) < parameters.minimum_n


def too_few(
    facts: dict[str, Any],
    what: str,
    parameters: VerdictParameters,
    *,
    effect_of: Callable[[float], str] = "an effect of {:.2f}".format,
) -> MetricResult:
    """Insufficient data, with what these sizes could have shown. effect_of: a delta in the unit of the metric."""
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


def signed(values: Sequence[float], unit: str) -> str:
    """An effect and its interval in words: value, low, high."""
    value, low, high = values
    return f"{value:+z.1f}{unit} [{low:z.1f}, {high:z.1f}]"

"""The figure of a drift report that is compared with the threshold of drift, by method."""

from collections.abc import Mapping, Sequence
from typing import Any

from drift.choices import Verdict
from feedback.choices import DriftMethod

# In the sentence of the trigger: "Drift report 7 has a score of 0.3".
MEASURES = {
    DriftMethod.STANDARD: "a score",
    DriftMethod.PSI: "a largest population stability index",
    DriftMethod.KS: "a largest Kolmogorov-Smirnov statistic",
    DriftMethod.TOTAL_VARIATION: "a largest total variation",
    DriftMethod.MMD: "a largest distance of embeddings",
}


def largest(metrics: Sequence[Mapping[str, Any]], method: DriftMethod) -> float:
    """Return the largest figure of a method among the changed metrics of a report.

    Parameters
    ----------
    metrics : sequence of mapping
        The metrics as a report stores them.
    method : DriftMethod
        What to compare; STANDARD is what a report stores as its score.

    Returns
    -------
    float
        0 if no metric changed, or none that the method measures. A stability index may be above 1.

    Examples
    --------
    >>> moved = {"verdict": "watch", "effect": 0.3, "statistics": {"effect": "cliffs_delta", "ks": 0.2, "psi": 0.4}}
    >>> largest([moved], DriftMethod.PSI), largest([moved], DriftMethod.MMD)
    (0.4, 0.0)
    """
    moved = [metric for metric in metrics if metric["verdict"] in (Verdict.WATCH, Verdict.DRIFTING)]
    return max((figure for metric in moved if (figure := _figure(metric, method)) is not None), default=0.0)


def _figure(metric: Mapping[str, Any], method: DriftMethod) -> float | None:
    statistics = metric["statistics"]
    if method == DriftMethod.MMD:
        return metric["effect"] if statistics.get("effect") == "mmd" else None
    if method == DriftMethod.STANDARD:
        return statistics.get("ks", statistics.get("total_variation"))
    return statistics.get(method.value)

"""From effects and evidence to the verdict of each metric and of a whole run."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from drift.choices import Verdict
from feedback.statistics.multiplicity import benjamini_hochberg


@dataclass(frozen=True)
class VerdictParameters:
    """Thresholds of the standard profile; a report keeps the ones it was made with.

    A change whose 95 % interval lies within the negligible range is negligible; one whose interval lies completely
    beyond it is clear.
    """

    false_discovery_rate: float = 0.04
    smallest_family: int = 10  # smaller runs are corrected as if they had this many metrics, because runs are repeated
    level_weight: float = 0.9  # weight of the level in a number's p; spread and shape share the rest
    minimum_n: int = 50
    negligible_delta: float = 0.1  # an AUC within 0.05 of one half, or 0.18 SD
    negligible_ks: float = 0.1
    negligible_relative: float = 0.025  # of the median, for numbers that hardly vary; bins of amounts are 2 % wide
    atom_share: float = 0.1  # a value with at least this share of all values is also compared as a share
    negligible_h: float = 0.1  # a share of 5 % that becomes 7.4 %, or one of 50 % that becomes 55 %
    negligible_missing: float = 0.05  # of the events; a share near 100 % moves far in h for one client in a hundred
    negligible_mmd: float = 0.015  # with wordllama, a tenth of the texts on another topic
    permutations: int = 999
    embedding_sample: int = 2_000

    @property
    def level(self) -> float:
        """The p-value that a lone metric must stay below."""
        return self.false_discovery_rate / self.smallest_family


@dataclass(frozen=True)
class MetricResult:
    """One metric of a report: verdict, sentence, effect with its interval, evidence and other statistics."""

    name: str
    label: str
    verdict: str
    sentence: str
    method: str
    n_reference: int
    n_current: int
    effect: float | None = None
    effect_interval: tuple[float, float] | None = None
    p_value: float | None = None
    adjusted_p_value: float | None = None
    statistics: dict = field(default_factory=dict)
    segment: str = ""


@dataclass(frozen=True)
class Evidence:
    """A measured metric, before correction for the other metrics of the run.

    Attributes
    ----------
    result : MetricResult
        Everything but the verdict.
    size : Verdict
        The verdict of its effect if the evidence is significant.
    aspect : str
        What changed, if it is not the level.
    reach : str
        What would have been missed because of too few values.
    """

    result: MetricResult
    size: Verdict
    aspect: str = ""
    reach: str = ""


def size_of(low: float, high: float, *, negligible: tuple[float, float]) -> Verdict:
    """Return the verdict for an effect with this interval.

    Parameters
    ----------
    low, high : float
        The 95 % interval of the effect.
    negligible : tuple of float
        The negligible range in the unit of the effect; contains 0.

    Returns
    -------
    Verdict
        DRIFTING completely beyond the negligible range, OK within it, WATCH across its bounds.

    Examples
    --------
    >>> [size_of(*interval, negligible=(-1, 1)).value for interval in ((-0.5, 0.9), (0.5, 2), (1.5, 2))]
    ['ok', 'watch', 'drifting']
    """
    least, most = negligible
    if low > most or high < least:
        return Verdict.DRIFTING
    return Verdict.OK if least <= low and high <= most else Verdict.WATCH


def judge(measured: Sequence[Evidence | MetricResult], parameters: VerdictParameters) -> list[MetricResult]:
    """Return the verdicts of a run.

    Parameters
    ----------
    measured : sequence of Evidence or MetricResult
        The metrics of the run; results are returned as they are.
    parameters : VerdictParameters
        The false discovery rate, and the smallest family that p-values are corrected for.

    Returns
    -------
    list of MetricResult
        In the order given. The verdict is the size of the effect if its adjusted p-value is significant, and OK
        otherwise.

    Examples
    --------
    >>> result = MetricResult("refusal", "Refusals", "", "Refusals: 5% → 10%", "fisher-1", 900, 900, p_value=0.001)
    >>> (judged,) = judge([Evidence(result, Verdict.WATCH)], VerdictParameters())
    >>> judged.verdict.value, judged.adjusted_p_value, judged.sentence
    ('watch', 0.01, 'Refusals: 5% → 10%; a change that may be negligible.')
    """
    p_values = [
        np.nan if one.result.p_value is None else one.result.p_value for one in measured if isinstance(one, Evidence)
    ]
    adjusted = iter(benjamini_hochberg(p_values, at_least=parameters.smallest_family))
    return [
        _judged(item, float(next(adjusted)), parameters) if isinstance(item, Evidence) else item for item in measured
    ]


def _judged(evidence: Evidence, adjusted_p: float, parameters: VerdictParameters) -> MetricResult:
    verdict, words = Verdict.OK, f"no evidence of a change{evidence.reach}"
    if adjusted_p <= parameters.false_discovery_rate:
        verdict = evidence.size
        words = {
            Verdict.OK: "significant but negligible",
            Verdict.WATCH: f"a change{evidence.aspect} that may be negligible",
            Verdict.DRIFTING: f"a clear change{evidence.aspect}",
        }[verdict]
    return replace(
        evidence.result,
        verdict=verdict,
        adjusted_p_value=adjusted_p,
        sentence=f"{evidence.result.sentence}; {words}.",
    )


def overall_verdict(metrics: Sequence[MetricResult]) -> Verdict:
    """Return the worst verdict of a run.

    Parameters
    ----------
    metrics : sequence of MetricResult
        The judged metrics.

    Returns
    -------
    Verdict
        Drift ranks above error and error above OK, so that a failure never reads as no drift. INSUFFICIENT_DATA
        if no metric has another verdict.

    Examples
    --------
    >>> metrics = [MetricResult("refusal", "Refusals", verdict, "", "", 0, 0) for verdict in ("ok", "error")]
    >>> overall_verdict(metrics).value, overall_verdict([]).value
    ('error', 'insufficient_data')
    """
    reached = {metric.verdict for metric in metrics}
    for verdict in (Verdict.DRIFTING, Verdict.WATCH, Verdict.ERROR, Verdict.OK):
        if verdict in reached:
            return verdict
    return Verdict.INSUFFICIENT_DATA


def overall_score(metrics: Sequence[MetricResult]) -> float | None:
    """Return the largest KS statistic or total variation among the changed metrics.

    Parameters
    ----------
    metrics : sequence of MetricResult
        The judged metrics.

    Returns
    -------
    float or None
        0 to 1. 0 if no metric changed, or only embeddings, which have neither; None without a judged metric.

    Examples
    --------
    >>> moved = MetricResult("latency_ms", "Latency", "watch", "", "", 0, 0, statistics={"ks": 0.25})
    >>> overall_score([moved]), overall_score([])
    (0.25, None)
    """
    if overall_verdict(metrics) in (Verdict.INSUFFICIENT_DATA, Verdict.ERROR):
        return None
    moved = [metric.statistics for metric in metrics if metric.verdict in (Verdict.WATCH, Verdict.DRIFTING)]
    return max((found.get("ks", found.get("total_variation", 0.0)) for found in moved), default=0.0)

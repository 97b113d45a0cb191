"""From effects and evidence to the verdict of each metric and of a whole run."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from drift.choices import Verdict
from feedback.statistics.multiplicity import benjamini_hochberg


@dataclass(frozen=True)
class VerdictParameters:
    """Thresholds of the standard profile; a report keeps the ones it was made with.

    A change whose 95 % interval lies within the negligible is negligible; one whose interval lies wholly beyond is
    clear.
    """

    false_discovery_rate: float = 0.04
    smallest_family: int = 10  # fewer metrics are corrected as this many: runs are repeated, and single ones must hold
    level_weight: float = 0.9  # of a number's p for its level; its spread and its shape share the rest
    minimum_n: int = 50
    negligible_delta: float = 0.1  # the same as an AUC within .05 of one half, or .18 SD
    negligible_ks: float = 0.1
    atom_share: float = 0.1  # a value that this many of a number's values have is also watched as a share
    negligible_h: float = 0.1  # a share of 5 % that becomes 7.4 %, or one of 50 % that becomes 55 %
    negligible_mmd: float = 0.015  # with wordllama, a tenth of the texts on another topic
    permutations: int = 999
    embedding_sample: int = 2_000

    @property
    def level(self) -> float:
        """The p that a lone metric must stay below."""
        return self.false_discovery_rate / self.smallest_family


@dataclass(frozen=True)
class MetricResult:
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
    """A metric that could be measured, before the run's other metrics are known.

    size: the verdict that its effect earns if the evidence holds. aspect: what changed, where that needs saying.
    reach: what too few values would have hidden.
    """

    result: MetricResult
    size: Verdict
    aspect: str = ""
    reach: str = ""


def size_of(low: float, high: float, *, negligible: tuple[float, float]) -> Verdict:
    """What an effect with this interval earns: drifting beyond the negligible, ok within it, watch across its bounds.

    All four are in the unit of the effect; negligible holds 0.
    """
    least, most = negligible
    if low > most or high < least:
        return Verdict.DRIFTING
    return Verdict.OK if least <= low and high <= most else Verdict.WATCH


def judge(measured: Sequence[Evidence | MetricResult], parameters: VerdictParameters) -> list[MetricResult]:
    """Return one result for each metric of a run, in order: its size, if its p holds among the p of all of them."""
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
    """The worst verdict that was reached: drift that was seen stands, a failure never reads as no drift."""
    reached = {metric.verdict for metric in metrics}
    for verdict in (Verdict.DRIFTING, Verdict.WATCH, Verdict.ERROR, Verdict.OK):
        if verdict in reached:
            return verdict
    return Verdict.INSUFFICIENT_DATA


def overall_score(metrics: Sequence[MetricResult]) -> float | None:
    """The largest KS statistic or total variation, 0 to 1, among metrics that moved.

    0 if none did or only embeddings, which have neither; None when there was nothing to judge by.
    """
    if overall_verdict(metrics) in (Verdict.INSUFFICIENT_DATA, Verdict.ERROR):
        return None
    moved = [metric.statistics for metric in metrics if metric.verdict in (Verdict.WATCH, Verdict.DRIFTING)]
    return max((found.get("ks", found.get("total_variation", 0.0)) for found in moved), default=0.0)

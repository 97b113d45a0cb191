"""Two windows side by side: what is measured, how strong the evidence is, and the verdict of each metric."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt

import numpy as np

from drift import statistics
from drift.choices import Verdict

VERSIONS = {"ks": "1", "psi": "1", "cliffs_delta": "1", "centroid": "1", "benjamini_hochberg": "1"}


@dataclass(frozen=True)
class Parameters:
    """Thresholds of the standard profile; a report keeps the ones it was made with.

    The shifts are for unit-length embeddings: with wordllama, prompts of which a fifth come from another topic move by
    about .05 beyond chance, a third by about .1, and wholly different topics by .2 to .4.
    """

    false_discovery_rate: float = 0.01
    minimum_n: int = 50
    negligible_delta: float = 0.1  # the same as an AUC within .05 of one half
    negligible_ks: float = 0.1
    negligible_shift: float = 0.05
    clear_shift: float = 0.1
    permutations: int = 999
    embedding_sample: int = 2_000


@dataclass(frozen=True)
class WindowData:
    """One window's values. Arrays have one entry per event, NaN where missing; vectors are a sample of shape (k, d)."""

    n: int
    prompt_length: np.ndarray
    response_length: np.ndarray
    quality: np.ndarray
    vectors: np.ndarray
    embedding_client: str = ""


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
    """A metric that could be measured, before the run's other metrics are known. `size` is what its effect earns."""

    result: MetricResult
    size: str
    words: str = ""


def compare(
    reference: WindowData, current: WindowData, *, parameters: Parameters, rng: np.random.Generator
) -> list[MetricResult]:
    """Return one result per metric, judged by effect and by evidence corrected for the number of metrics."""
    measured = [
        _numbers("prompt_length", "Prompt length", "characters", reference, current, parameters),
        _numbers("response_length", "Response length", "characters", reference, current, parameters),
        _numbers("quality", "Quality score", "", reference, current, parameters),
        _embeddings(reference, current, parameters, rng),
    ]
    p_values = [item.result.p_value for item in measured if isinstance(item, Evidence)]
    adjusted = iter(statistics.benjamini_hochberg(p_values))
    return [
        _judged(item, float(next(adjusted)), parameters) if isinstance(item, Evidence) else item for item in measured
    ]


def overall_verdict(metrics: Sequence[MetricResult]) -> str:
    """The worst verdict that was reached: drift that was seen stands, a failure never reads as no drift."""
    reached = {metric.verdict for metric in metrics}
    for verdict in (Verdict.DRIFTING, Verdict.WATCH, Verdict.ERROR, Verdict.OK):
        if verdict in reached:
            return verdict
    return Verdict.INSUFFICIENT_DATA


def overall_score(metrics: Sequence[MetricResult]) -> float | None:
    """The largest KS statistic among metrics that moved, 0 if none did, None when there was nothing to judge by."""
    if overall_verdict(metrics) in (Verdict.INSUFFICIENT_DATA, Verdict.ERROR):
        return None
    moved = [metric for metric in metrics if metric.verdict in (Verdict.WATCH, Verdict.DRIFTING)]
    return max((metric.statistics["ks"] for metric in moved if "ks" in metric.statistics), default=0.0)


def _numbers(name, label, unit, reference, current, parameters):
    before, after = statistics.present(getattr(reference, name)), statistics.present(getattr(current, name))
    n, m = len(before), len(after)
    facts = {"name": name, "label": label, "method": f"ks-{VERSIONS['ks']}", "n_reference": n, "n_current": m}
    if min(n, m) < parameters.minimum_n:
        return _too_few(facts, "scored values" if name == "quality" else "values", parameters)
    ks, effect = statistics.ks(before, after), statistics.cliffs_delta(before, after)
    psi = statistics.psi(before, after)
    result = MetricResult(
        **facts,
        verdict=Verdict.OK,
        sentence=f"{label}: {_movement(before, after, unit)}, n = {n:,} and {m:,}",
        effect=effect.delta,
        effect_interval=(effect.low, effect.high),
        p_value=ks.p_value,
        statistics={
            "effect": "cliffs_delta",
            "ks": ks.statistic,
            "ks_interval": [ks.low, ks.high],
            "psi": psi.index,
            "psi_p_value": psi.p_value,
            "psi_by_chance": psi.null_mean,
        },
    )
    shifted = _size(abs(effect.delta), max(effect.low, -effect.high), parameters.negligible_delta)
    spread = _size(ks.statistic, ks.low, parameters.negligible_ks)
    only_shape = shifted == Verdict.OK and spread != Verdict.OK
    size = Verdict.DRIFTING if Verdict.DRIFTING in (shifted, spread) else spread if only_shape else shifted
    return Evidence(result, size, " in shape, not in level" if only_shape else "")


def _size(effect, nearest_to_zero, negligible):
    """What an effect earns once it is significant: clear when its whole interval is beyond the negligible."""
    if effect < negligible:
        return Verdict.OK
    return Verdict.DRIFTING if nearest_to_zero >= negligible else Verdict.WATCH


def _movement(before, after, unit):
    """The medians, or the means when ties keep the medians from moving."""
    old, new = np.median(before), np.median(after)
    name = "median"
    if not unit or old == new:
        name, old, new = "mean", before.mean(), after.mean()
    digits = 3 if not unit else 1 if round(old) == round(new) else 0
    return f"{name} {old:,.{digits}f} → {new:,.{digits}f} {unit}".rstrip()


def _embeddings(reference, current, parameters, rng):
    n, m = len(reference.vectors), len(current.vectors)
    facts = {
        "name": "prompt_embedding",
        "label": "Prompt embeddings",
        "method": f"centroid-{VERSIONS['centroid']}",
        "n_reference": n,
        "n_current": m,
    }
    if min(n, m) < parameters.minimum_n:
        return _too_few(facts, "embedded prompts", parameters)
    if reference.embedding_client != current.embedding_client:
        clients = f"{reference.embedding_client} and {current.embedding_client}"
        return MetricResult(
            **facts, verdict=Verdict.ERROR, sentence=f"Prompt embeddings: the windows are embedded by {clients}."
        )
    try:
        shift = statistics.centroid_shift(
            reference.vectors, current.vectors, rng=rng, permutations=parameters.permutations
        )
    except ValueError as error:
        return MetricResult(**facts, verdict=Verdict.ERROR, sentence=f"Prompt embeddings: {error}")
    beyond_chance = sqrt(max(0.0, shift.distance**2 - shift.chance_distance**2))
    result = MetricResult(
        **facts,
        verdict=Verdict.OK,
        sentence=f"Prompt embeddings: centroids {shift.distance:.3f} apart, {shift.chance_distance:.3f} by chance, "
        f"n = {n:,} and {m:,}",
        effect=shift.distance,
        p_value=shift.p_value,
        statistics={"effect": "centroid_distance", "by_chance": shift.chance_distance, "beyond_chance": beyond_chance},
    )
    if beyond_chance < parameters.negligible_shift:
        return Evidence(result, Verdict.OK)
    return Evidence(result, Verdict.DRIFTING if beyond_chance >= parameters.clear_shift else Verdict.WATCH)


def _too_few(facts, what, parameters):
    n, m = facts["n_reference"], facts["n_current"]
    detectable = statistics.smallest_detectable_delta(n, m, alpha=parameters.false_discovery_rate)
    reach = f"an effect of {detectable:.2f} or more" if detectable < 1 else "no effect of any size"
    return MetricResult(
        **facts,
        verdict=Verdict.INSUFFICIENT_DATA,
        sentence=f"{facts['label']}: too few {what}, n = {n:,} and {m:,}; {parameters.minimum_n} a side are needed, "
        f"these would show {reach}.",
        statistics={"smallest_detectable_delta": detectable},
    )


def _judged(evidence: Evidence, adjusted_p: float, parameters: Parameters) -> MetricResult:
    verdict, words = Verdict.OK, "no evidence of a change"
    if adjusted_p < parameters.false_discovery_rate:
        verdict = evidence.size
        words = {
            Verdict.OK: "significant but negligible",
            Verdict.WATCH: f"a small change{evidence.words}",
            Verdict.DRIFTING: f"a clear change{evidence.words}",
        }[verdict]
    result = evidence.result
    return MetricResult(
        **{
            **vars(result),
            "verdict": verdict,
            "adjusted_p_value": adjusted_p,
            "sentence": f"{result.sentence}; {words}.",
        }
    )

"""The crucible profile: the original's three detectors over two windows, their thresholds and their maximum."""

from dataclasses import dataclass

import numpy as np

from drift.choices import Verdict
from drift.crucible import detectors
from drift.measures.verdicts import MetricResult
from feedback.statistics.histogram_pairs import HistogramPair

METHOD = "crucible-1"


@dataclass(frozen=True)
class ParityParameters:
    ks_threshold: float = detectors.KS_THRESHOLD
    psi_threshold: float = detectors.PSI_THRESHOLD
    centroid_threshold: float = detectors.CENTROID_THRESHOLD
    output_threshold: float = detectors.OUTPUT_THRESHOLD
    embedding_sample: int = 2_000


@dataclass(frozen=True)
class EventValues:
    """One window's values. Arrays have one entry per event, NaN where missing; vectors are a sample of shape (k, d)."""

    n: int
    prompt_length: np.ndarray
    response_length: np.ndarray
    quality: np.ndarray
    vectors: np.ndarray
    embedding_failure: str = ""


def compare(reference: EventValues, current: EventValues) -> list[MetricResult]:
    """Return the original's numbers. An empty window has no verdict, where the original reports drift."""
    return [_statistical(reference, current), _embedding(reference, current), _output(reference, current)]


def overall_score(metrics: list[MetricResult]) -> float | None:
    """The original's score: the largest of three numbers in different units."""
    if any(metric.verdict == Verdict.ERROR for metric in metrics):
        return None
    judged = [metric.effect for metric in metrics if metric.verdict != Verdict.INSUFFICIENT_DATA]
    return max(judged, default=None)


def _statistical(reference, current):
    drift = detectors.statistical_drift(HistogramPair.of_samples(reference.prompt_length, current.prompt_length))
    words = f"Prompt length: KS {drift.ks:.4f}, stability index {drift.psi:.4f}"
    return _result("statistical", "Statistical", reference.n, current.n, drift.score, drift.drifted, words, vars(drift))


def _output(reference, current):
    drift = detectors.output_drift(
        current.response_length, reference.response_length, current.quality, reference.quality
    )
    words = f"Response length changed by {drift.length_change:.4f}, mean quality by {drift.quality_change:.4f}"
    return _result("output", "Output", reference.n, current.n, drift.score, drift.drifted, words, vars(drift))


def _embedding(reference, current):
    n, m = len(reference.vectors), len(current.vectors)
    distance = 0.0
    if failure := reference.embedding_failure or current.embedding_failure:
        return MetricResult("embedding", "Embedding", Verdict.ERROR, f"Prompt embeddings: {failure}", METHOD, n, m)
    if n and m:
        if reference.vectors.shape[1] != current.vectors.shape[1]:
            sentence = "Prompt embeddings: the windows have different dimensions."
            return MetricResult("embedding", "Embedding", Verdict.ERROR, sentence, METHOD, n, m)
        distance = detectors.centroid_distance(current.vectors, reference.vectors)
    words = f"Prompt embeddings: centroids {distance:.4f} apart"
    return _result("embedding", "Embedding", n, m, distance, distance > detectors.CENTROID_THRESHOLD, words, {})


def _result(name, label, n, m, score, drifted, words, numbers):
    verdict = Verdict.DRIFTING if drifted else Verdict.OK
    if not n or not m:
        verdict, words = Verdict.INSUFFICIENT_DATA, f"{words}; a window is empty"
    sentence = f"{words}, n = {n:,} and {m:,}."
    return MetricResult(name, label, verdict, sentence, METHOD, n, m, effect=score, statistics=dict(numbers))

"""Measures false alarms and power of drift verdicts: `python -m benchmarks.drift_calibration`.

Every figure comes from a fixed seed. Flagged is a verdict of watch or drifting.
"""

import time
from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np

from benchmarks import drift_populations
from benchmarks.drift_populations import ALONE, METRICS, Population, lognormal, mostly_none, score
from benchmarks.labelled_data import print_table
from drift.choices import Verdict
from drift.measures import embeddings
from drift.measures.verdicts import MetricResult, VerdictParameters, judge
from feedback.statistics import distances, ranks
from feedback.statistics.histogram_pairs import HistogramPair

FLAGGED = (Verdict.WATCH, Verdict.DRIFTING)
SIZES = (20, 50, 100, 200, 500, 1000)
REFERENCES = (1000, 10_000)
REPORTS, RUNS = 200, 50
# Of the change whose power stands in the requirements: .85 is told from less with a standard error of .01.
REPORTS_OF_SMALLEST = 1000
SMALLEST = "level of a number by 0.2 sd"
SPREAD = 0.7  # of response lengths, in logarithms
CHANGES: dict[str, tuple[int, int, str, Population]] = {
    **{
        f"level of a number by {shift:g} sd": (1000, 1000, "response length", lognormal(6 + shift * SPREAD, SPREAD))
        for shift in (0.1, 0.2, 0.3, 0.5)
    },
    "level of a number by 0.2 sd, large reference": (10_000, 1000, "response length", lognormal(6.14, SPREAD)),
    "spread of a number by 1.3": (1000, 1000, "response length", lognormal(6, 1.3 * SPREAD)),
    "perfect scores 20 % to 15 %": (1000, 1000, "quality", score(0.15)),
    "texts with code 2 % to 6 %": (10_000, 1000, "code blocks", mostly_none(0.06)),
    "refusals 5 % to 10 %": (10_000, 1000, "refused", 0.1),
    "refusals 5 % to 10 %, as categories": (10_000, 1000, "refusal", {"none": 0.89, "partial": 0.01, "full": 0.1}),
    "refusals 5 % to 10 %, small windows": (1000, 500, "refused", 0.1),
    "reports 0.5 % to 2 %": (10_000, 1000, "reported", 0.02),
    "plain text 60 % to 50 %": (1000, 1000, "format", {"plain": 0.5, "markdown": 0.45, "json": 0.05}),
}
EMBEDDED = (
    ("none", 1000, 50, {}),
    ("none", 1000, 500, {}),
    ("none", 2000, 2000, {}),
    ("a new topic of 3 %", 1000, 500, {"new": 0.03}),
    ("a new topic of 10 %", 1000, 500, {"new": 0.1}),
    ("two clusters of 10 % either side of the mean", 1000, 500, {"symmetric": 0.2}),
)


def main() -> None:
    header = (
        "reference",
        "current",
        "reports",
        "metrics flagged",
        "most flagged metric",
        "its share",
        "reports flagged",
    )
    print_table("Identical windows: share flagged", header, list(null_lines()))
    header = ("metric alone", "reports", "flagged", "most flagged sizes", "there")
    print_table("Identical windows of one metric: share flagged", header, list(alone_lines()))
    header = ("change", "reference", "current", "reports", "flagged", "drifting", "reports flagged by others")
    print_table("Changed windows: share with the metric flagged", header, list(power_lines()))
    header = ("change", "reference", "current", "runs", "flagged", "drifting", "mean distance")
    print_table("Embeddings: share flagged", header, list(embedding_lines()))
    header = ("values a side", "path", "milliseconds")
    print_table("One metric, processor time", header, list(time_lines()))


def null_lines(
    repetitions: int = REPORTS, sizes: Iterable[int] = SIZES, references: Iterable[int] = REFERENCES, seed: int = 1
) -> Iterable[tuple]:
    """Yield, for each pair of sizes, how often a metric and how often a report of identical windows is flagged."""
    for reference in references:
        for size in sizes:
            rng = np.random.default_rng([seed, reference, size])
            reports = [drift_populations.report(rng, reference, size) for _ in range(repetitions)]
            by_metric = Counter(metric.name for metrics in reports for metric in flagged(metrics))
            name, most = by_metric.most_common(1)[0] if by_metric else ("-", 0)
            metrics_flagged = by_metric.total() / (repetitions * len(METRICS))
            reports_flagged = sum(bool(flagged(metrics)) for metrics in reports) / repetitions
            yield reference, size, repetitions, metrics_flagged, name, most / repetitions, reports_flagged


def alone_lines(repetitions: int = REPORTS // 2, seed: int = 5) -> Iterable[tuple]:
    """Yield, for each kind of metric as the only one of its reports, how often identical windows of it are flagged."""
    for name, population in ALONE.items():
        shares = {}
        for reference in REFERENCES:
            for size in SIZES:
                rng = np.random.default_rng([seed, reference, size])
                reports = (
                    drift_populations.report(rng, reference, size, metrics={name: population})
                    for _ in range(repetitions)
                )
                shares[f"{reference} and {size}"] = sum(bool(flagged(metrics)) for metrics in reports) / repetitions
        most = max(shares, key=shares.get)
        yield name, repetitions * len(shares), float(np.mean(list(shares.values()))), most, shares[most]


def power_lines(
    repetitions: int | None = None, changes: Mapping[str, tuple[int, int, str, Population]] = CHANGES, seed: int = 2
) -> Iterable[tuple]:
    for change, (reference, size, name, population) in changes.items():
        rng = np.random.default_rng([seed, reference, size])
        found, clear, others = 0, 0, 0
        reports = repetitions or (REPORTS_OF_SMALLEST if change == SMALLEST else REPORTS)
        for _ in range(reports):
            names = {
                metric.name: metric.verdict
                for metric in flagged(drift_populations.report(rng, reference, size, changed={name: population}))
            }
            found += name in names
            clear += names.get(name) == Verdict.DRIFTING
            others += bool(names.keys() - {name})
        yield change, reference, size, reports, *(count / reports for count in (found, clear, others))


def embedding_lines(
    repetitions: int = RUNS, changes: Iterable[tuple[str, int, int, dict[str, float]]] = EMBEDDED, seed: int = 3
) -> Iterable[tuple]:
    for change, reference, size, parts in changes:
        rng = np.random.default_rng([seed, reference, size])
        results = [_embedded(rng, reference, size, parts) for _ in range(repetitions)]
        distance = float(np.mean([metric.effect for metric in results]))
        clear = sum(metric.verdict == Verdict.DRIFTING for metric in results) / repetitions
        yield change, reference, size, repetitions, len(flagged(results)) / repetitions, clear, distance


def _embedded(rng, reference, size, parts) -> MetricResult:
    rows = drift_populations.embeddings(rng, reference), drift_populations.embeddings(rng, size, **parts)
    (result,) = judge(
        [embeddings.measure("prompts", "Prompts", *rows, VerdictParameters(), rng=rng)], VerdictParameters()
    )
    return result


def flagged(metrics: Iterable[MetricResult]) -> list[MetricResult]:
    return [metric for metric in metrics if metric.verdict in FLAGGED]


def time_lines(seed: int = 4) -> Iterable[tuple]:
    rng = np.random.default_rng(seed)
    for n in (1000, 10_000, 100_000, 1_000_000):
        samples = rng.lognormal(5, 0.8, n), rng.lognormal(5, 0.8, n)
        yield n, "arrays", _milliseconds(lambda samples=samples: _all_distances(HistogramPair.of_samples(*samples)))
    population = METRICS["response length"]
    for n in (1000, 1_000_000_000):
        counts = rng.multinomial(n, population.shares), rng.multinomial(n, population.shares)
        pair = HistogramPair(population.axis, *counts)
        yield n, "histograms", _milliseconds(lambda pair=pair: _all_distances(pair))


def _all_distances(pair):
    return distances.ks(pair), ranks.cliffs_delta(pair), distances.psi(pair), distances.wasserstein(pair)


def _milliseconds(call, rounds: int = 5) -> float:
    call()
    begun = time.process_time()
    for _ in range(rounds):
        call()
    return 1000 * (time.process_time() - begun) / rounds


if __name__ == "__main__":
    main()

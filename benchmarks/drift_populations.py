"""A made-up deployment whose every metric is known exactly, drawn as the histograms that a window would have."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from drift.measures import categories, numbers
from drift.measures.verdicts import Evidence, MetricResult, VerdictParameters, judge
from feedback.statistics.histogram_pairs import HistogramPair

DIMENSIONS = 64


@dataclass(frozen=True)
class Numbers:
    """A number: its values on an axis and how often each of them comes."""

    axis: np.ndarray
    shares: np.ndarray


Population = Numbers | float | dict[str, float]


def lognormal(level: float, spread: float) -> Numbers:
    """Lengths, times and costs: whole values at most, bins of 2 % above."""
    axis = np.unique(np.floor(np.geomspace(1, 1e6, 700)))
    reached = stats.lognorm.cdf(axis, spread, scale=np.exp(level))
    return Numbers(axis, np.diff(reached, prepend=0) / reached[-1])


def score(perfect: float) -> Numbers:
    """A score from 0 to 1 of which this share is exactly 1."""
    axis = np.linspace(0, 1, 201)
    rest = np.diff(stats.beta.cdf(axis, 8, 2), prepend=0)
    return Numbers(axis, (1 - perfect) * rest + perfect * (axis == 1))


def mostly_none(share: float) -> Numbers:
    """A descriptor that only this share of texts has at all, such as the number of list items."""
    axis = np.arange(40.0)
    return Numbers(axis, np.append(1 - share, share * stats.geom.pmf(axis[1:], 0.25) / stats.geom.cdf(39, 0.25)))


def _halving(k: int) -> np.ndarray:
    """Shares of k categories of which each tenth one is half as large."""
    sizes = 2.0 ** (-np.arange(k) / 10)
    return sizes / sizes.sum()


METRICS: dict[str, Population] = {
    "prompt length": lognormal(5, 0.8),
    "response length": lognormal(6, 0.7),
    "latency": lognormal(7, 0.5),
    "prompt tokens": lognormal(3.6, 0.8),
    "completion tokens": lognormal(4.6, 0.7),
    "cost": lognormal(8, 0.9),
    "quality": score(0.2),
    "refusal check": score(0.94),
    "format check": score(0.7),
    "repetition check": score(0.9),
    "list items": mostly_none(0.3),
    "bold marks": mostly_none(0.1),
    "code blocks": mostly_none(0.02),
    "exclamations": mostly_none(0.2),
    "questions": mostly_none(0.4),
    "words in a sentence": lognormal(2.7, 0.4),
    "thumbs up": 0.7,
    "regenerated": 0.03,
    "edited": 0.02,
    "reported": 0.005,
    "refused": 0.05,
    "refusal": {"none": 0.94, "partial": 0.01, "full": 0.05},
    "format": {"plain": 0.6, "markdown": 0.35, "json": 0.05},
    "language": dict(
        zip(("en", "de", "fr", "es", "it", "pt", "ja", "zh", "nl", "pl"), np.arange(10, 0, -1) / 55, strict=True)
    ),
    "plan": {f"plan {number}": share for number, share in enumerate([0.5, 0.3, 0.1, 0.05, 0.03, 0.01, 0.01])},
}
# One of each kind, to be the only metric of a report.
ALONE: dict[str, Population] = {
    **{name: METRICS[name] for name in ("prompt length", "quality", "refusal check", "code blocks", "exclamations")},
    "0 or 1, as a number": Numbers(np.array([0.0, 1.0]), np.array([0.95, 0.05])),
    **{name: METRICS[name] for name in ("thumbs up", "refused", "reported", "refusal", "language", "plan")},
    "30 categories": {f"intent {number}": float(share) for number, share in enumerate(_halving(30))},
}


def report(
    rng: np.random.Generator,
    n_reference: int,
    n_current: int,
    *,
    changed: Mapping[str, Population] | None = None,
    metrics: Mapping[str, Population] = METRICS,
) -> list[MetricResult]:
    """Return the judged metrics of two windows of these sizes, some of them changed in the current one."""
    after = {**metrics, **(changed or {})}
    measured = [_measured(name, metrics[name], after[name], rng, n_reference, n_current) for name in metrics]
    return judge(measured, VerdictParameters())


def _measured(name, before, after, rng, n, m) -> Evidence | MetricResult:
    if isinstance(before, Numbers):
        counts = rng.multinomial(n, before.shares), rng.multinomial(m, after.shares)
        return numbers.measure(name, name.capitalize(), HistogramPair(before.axis, *counts), VerdictParameters())
    if isinstance(before, dict):
        sides = [
            dict(zip(side, rng.multinomial(size, list(side.values())).tolist(), strict=True))
            for side, size in ((before, n), (after, m))
        ]
        return categories.measure(name, name.capitalize(), *sides, VerdictParameters())
    seen = (int(rng.binomial(n, before)), n), (int(rng.binomial(m, after)), m)
    return categories.measure_share(name, name.capitalize(), *seen, VerdictParameters())


def embeddings(rng: np.random.Generator, n: int, *, symmetric: float = 0.0, new: float = 0.0) -> np.ndarray:
    """Unit vectors of eight topics; a share of them in two clusters either side of the mean, or in one new cluster."""
    rows = rng.normal(size=(n, DIMENSIONS)) + 3 * np.eye(DIMENSIONS)[rng.integers(0, 8, n)]
    place = rng.random(n)[:, None]
    side = rng.choice([-1.0, 1.0], n)[:, None]
    rows = np.where(place < symmetric, rng.normal(size=rows.shape) * 0.5 + side, rows)
    rows = np.where(place < new, rng.normal(size=rows.shape) * 0.5 + 1, rows)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)

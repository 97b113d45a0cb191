"""Precision, recall and F1 with their 95 % intervals, for tables."""

from collections.abc import Hashable, Sequence

import numpy as np

from benchmarks.quality_checks import agreement
from feedback.statistics.intervals import wilson

HEADER = ("judged", "answers", "precision", "95 %", "recall", "95 %", "F1", "95 %")
_DRAWS = 2_000


def line(name: str, labels: Sequence[bool], found: Sequence[bool], groups: Sequence[Hashable]) -> tuple:
    """One line of a table: precision and recall by Wilson; F1 by resampling groups of answers."""
    hits = sum(label and hit for label, hit in zip(labels, found, strict=True))
    _, n, precision, recall, f1 = agreement(name, list(labels), list(found))
    intervals = wilson(hits, max(1, sum(found))), wilson(hits, sum(labels)), _f1_interval(labels, found, groups)
    first, second, third = (f"{low:.2f} to {high:.2f}" for low, high in intervals)
    return name, n, precision, first, recall, second, f1, third


def _f1_interval(labels: Sequence[bool], found: Sequence[bool], groups: Sequence[Hashable]) -> tuple[float, float]:
    rng = np.random.default_rng(1)
    drawn = 0
    for positive in (True, False):
        counts: dict[Hashable, np.ndarray] = {}
        for label, hit, group in zip(labels, found, groups, strict=True):
            if label == positive:
                counted = counts.setdefault(group, np.zeros(3))
                counted += (label and hit, hit and not label, label and not hit)
        every = np.array(list(counts.values()))
        drawn = drawn + every[rng.integers(0, len(every), (_DRAWS, len(every)))].sum(axis=1)
    hits, false, missed = drawn.T
    low, high = np.quantile(2 * hits / np.maximum(1, 2 * hits + false + missed), (0.025, 0.975))
    return float(low), float(high)

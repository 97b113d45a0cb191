"""Compares two windows: all metrics are measured and judged together."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

import numpy as np

from drift.choices import Verdict
from drift.measures import categories, embeddings, numbers, watched
from drift.measures.facts import facts_of, measured_differently
from drift.measures.verdicts import Evidence, MetricResult, VerdictParameters, judge
from drift.reports import drawings
from drift.windows.data import LARGEST_NUMBER_OF_SEGMENTS, Embeddings, Summaries, Summary, WindowData
from feedback.choices import EmbeddedField, Metric, SignalType
from feedback.measures import catalogue
from feedback.measures.binning import Kind
from feedback.measures.catalogue import kind_of
from feedback.measures.histograms import Aligned, Categories, Histogram, aligned
from feedback.measures.repeats import count_repeated
from feedback.statistics.histogram_pairs import HistogramPair

_SIGNALS = (
    (SignalType.REGENERATE, "Regenerated answers"),
    (SignalType.EDIT, "Edited answers"),
    (SignalType.REPORT, "Reported answers"),
)


@dataclass(frozen=True)
class Compared:
    """A judged metric with its chart; before and after are summary figures of each window."""

    result: MetricResult
    before: dict
    after: dict
    drawing: dict | None


def compare(
    reference: WindowData,
    current: WindowData,
    *,
    parameters: VerdictParameters,
    seed: int,
    measured_since: Mapping[str, datetime] = MappingProxyType({}),
) -> list[Compared]:
    """Return one result per metric and segment, judged by effect and by p-values corrected for multiplicity.

    measured_since: for metrics with values of two measure versions, the first hour of the newer one.
    """
    pair = _Pair(reference, current, parameters, measured_since)
    measured = [
        (with_segment(item, segment), sides)
        for segment in ("", *_common_segments(reference, current, parameters))
        for item, sides in pair.measured(segment)
    ]
    embedded = list(_embeddings(reference.embeddings, current.embeddings, parameters, seed))
    results = judge([*(item for item, _ in measured), *embedded], parameters)
    pairs = [*(sides for _, sides in measured), *(None for _ in embedded)]
    return [_drawn(result, sides) for result, sides in zip(results, pairs, strict=True)]


def with_segment(item: Evidence | MetricResult, segment: str) -> Evidence | MetricResult:
    if isinstance(item, Evidence):
        return replace(item, result=replace(item.result, segment=segment))
    return replace(item, segment=segment)


def _common_segments(reference, current, parameters) -> list[str]:
    """The largest segments with enough events in both windows."""
    sizes = {
        segment: min(reference.events(segment), current.events(segment))
        for segment in reference.parts.keys() & current.parts.keys() - {""}
    }
    large = [segment for segment, n in sizes.items() if n >= parameters.minimum_n]
    return sorted(large, key=lambda segment: (-sizes[segment], segment))[:LARGEST_NUMBER_OF_SEGMENTS]


@dataclass(frozen=True)
class _Sides:
    """The summaries of a metric in both windows; both: numbers over the same bins."""

    before: Summary
    after: Summary
    both: Aligned | None

    @classmethod
    def of(cls, name: str, before: Summary | None, after: Summary | None) -> "_Sides":
        before, after = (_empty_if_absent(name, side) for side in (before, after))
        return cls(before, after, aligned(before, after) if isinstance(before, Histogram) else None)


@dataclass(frozen=True)
class _Pair:
    """Both windows and the parameters of the comparison."""

    reference: WindowData
    current: WindowData
    parameters: VerdictParameters
    measured_since: Mapping[str, datetime]

    def measured(self, segment: str):
        """(result or evidence, both sides) of each metric with values in either window."""
        before, after = self.reference.of(segment), self.current.of(segment)
        for name in watched.in_order({*before, *after, *(() if segment else watched.ALWAYS)}):
            if segment and not watched.is_for_segments(name):
                continue
            sides = _Sides.of(name, before.get(name), after.get(name))
            if name in watched.ALWAYS or sides.before.n or sides.after.n:
                yield self._one(name, sides)
        events = [side.events(segment) for side in (self.reference, self.current)]
        yield from _signals(before, after, events, self.parameters)
        yield from self._present(segment, events)
        if not segment:
            yield from self._repeated()

    def _present(self, segment: str, events: Sequence[int]):
        """The share of events that have each fact an event may lack; facts that no event has are skipped."""
        for name in (*catalogue.OPTIONAL, *(() if segment else (catalogue.MODEL_VERSION,))):
            found = [side.having(name, segment) for side in (self.reference, self.current)]
            if None in found or not any(found):
                continue
            metric = catalogue.PRESENT + name
            label = watched.describe(metric).label
            if name in self.reference.mixed | self.current.mixed:
                yield measured_differently(metric, label, *events, self.measured_since.get(name)), None
                continue
            counts = list(zip(found, events, strict=True))
            sides = [Categories({"yes": count, "no": n - count}) for count, n in counts]
            limit = self.parameters.negligible_missing
            yield (
                categories.measure_share(metric, label, *counts, self.parameters, negligible=limit),
                _Sides(*sides, None),
            )

    def _repeated(self):
        """The share of sampled answers that are one answer to many prompts; without any there is nothing to compare."""
        samples = self.reference.answers, self.current.answers
        counts = [(count, len(sample)) for count, sample in zip(count_repeated(*samples), samples, strict=True)]
        if any(count for count, _ in counts):
            about = watched.describe(watched.REPEATED)
            sides = [Categories({"yes": count, "no": n - count}) for count, n in counts]
            yield (
                categories.measure_share(watched.REPEATED, about.label, *counts, self.parameters, what=about.what),
                _Sides(*sides, None),
            )

    def _one(self, name: str, sides: "_Sides"):
        """Values of different measure versions are neither compared nor drawn together."""
        is_different = name in self.reference.measured_differently_from(self.current)
        found = None if is_different else _one(name, sides, self.parameters)
        is_mixed = name in self.reference.mixed | self.current.mixed
        if is_different or is_mixed and isinstance(found, MetricResult):
            label, since = watched.describe(name).label, self.measured_since.get(name)
            return measured_differently(name, label, sides.before.n, sides.after.n, since), None
        return found, sides


def _empty_if_absent(name: str, found: Summary | None) -> Summary:
    if found is not None:
        return found
    if name.startswith(watched.METADATA) or kind_of(name) == Kind.CATEGORY:
        return Categories({})
    return Histogram.of(np.empty(0), kind_of(name))


def _one(name: str, sides: _Sides, parameters: VerdictParameters) -> Evidence | MetricResult:
    about = watched.describe(name)
    if sides.both is None:
        return categories.measure(name, about.label, sides.before.counts, sides.after.counts, parameters)
    pair = HistogramPair(sides.both.values * about.factor, sides.both.reference, sides.both.current)
    return numbers.measure(name, about.label, pair, parameters, unit=about.unit, what=about.what)


def _signals(before: Summaries, after: Summaries, events: Sequence[int], parameters: VerdictParameters):
    """The share of thumbs up, and the rate of each other signal; signals without any occurrence are skipped."""
    counts = [Counter(side[Metric.SIGNAL].counts) if Metric.SIGNAL in side else Counter() for side in (before, after)]
    up, down = SignalType.THUMBS_UP, SignalType.THUMBS_DOWN
    thumbs = [(side[up], side[up] + side[down]) for side in counts]
    if any(n for _, n in thumbs):
        yield _share("thumbs_up", "Thumbs up", thumbs, parameters, "thumbs")
    for kind, label in _SIGNALS:
        # Several users may send the same signal about one event.
        rates = [(min(side[kind], n), n) for side, n in zip(counts, events, strict=True)]
        if any(count for count, _ in rates):
            yield _share(kind, label, rates, parameters, "events")


def _share(kind, label, counts, parameters, what):
    sides = [Categories({"yes": count, "no": n - count}) for count, n in counts]
    return categories.measure_share(f"signal.{kind}", label, *counts, parameters, what=what), _Sides(*sides, None)


def _embeddings(before: Embeddings, after: Embeddings, parameters: VerdictParameters, seed: int):
    for index, name in enumerate(EmbeddedField):
        label = f"{name.label} embeddings"
        sides = before.of(name), after.of(name)
        if failure := before.failure or after.failure:
            facts = facts_of(f"{name}_embedding", label, ("mmd",), len(sides[0]), len(sides[1]))
            yield MetricResult(**facts, verdict=Verdict.ERROR, sentence=f"{label}: {failure}")
        else:
            rng = np.random.default_rng([seed, index])
            clients = (before.client, after.client)
            yield embeddings.measure(f"{name}_embedding", label, *sides, parameters, rng=rng, clients=clients)


def _drawn(result: MetricResult, sides: _Sides | None) -> Compared:
    if sides is None:
        return Compared(result, {"n": result.n_reference}, {"n": result.n_current}, None)
    factor = watched.describe(result.name).factor
    before, after = (drawings.figures(side, factor) for side in (sides.before, sides.after))
    drawing = None
    if not result.segment or result.verdict in (Verdict.WATCH, Verdict.DRIFTING):
        numbers_drawn = sides.both and drawings.of_numbers(sides.both, factor)
        drawing = numbers_drawn or drawings.of_categories(sides.before.counts, sides.after.counts)
    return Compared(result, before, after, drawing)

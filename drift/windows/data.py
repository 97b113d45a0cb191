"""The contents of a window: summaries of its metrics, and the embeddings of a sample."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from feedback.choices import Metric
from feedback.measures.catalogue import MODEL_VERSION, PRESENT
from feedback.measures.histograms import Categories, Histogram
from feedback.measures.repeats import SampledAnswer

Summary = Histogram | Categories
Summaries = Mapping[str, Summary]
# Every event has a response length, so its count is the number of events.
EVENTS = Metric.RESPONSE_LENGTH.value
LARGEST_NUMBER_OF_SEGMENTS = 20


def with_model_version(count: int, n: int) -> Summaries:
    """How many of n events say their model version, as a part of a window."""
    return {PRESENT + MODEL_VERSION: Categories({"yes": count, "no": n - count})}


@dataclass(frozen=True)
class Embeddings:
    """vectors: by embedded field, float arrays of shape (k, d). failure: why they are missing."""

    vectors: Mapping[str, np.ndarray] = field(default_factory=dict)
    client: str = ""
    failure: str = ""

    def of(self, name: str) -> np.ndarray:
        return self.vectors.get(name, np.empty((0, 0)))


@dataclass(frozen=True)
class WindowData:
    """The contents of one window. parts: summaries by metric, for each segment; "" is the whole window.

    versions: the measure version of each metric; mixed: metrics with values of other versions, which are excluded.
    sizes: numbers of events by segment, where they differ from the count of response lengths. answers: of a sample.
    """

    parts: Mapping[str, Summaries]
    embeddings: Embeddings = field(default_factory=Embeddings)
    versions: Mapping[str, str] = field(default_factory=dict)
    mixed: frozenset[str] = frozenset()
    sizes: Mapping[str, int] = field(default_factory=dict)
    answers: Sequence[SampledAnswer] = ()

    @property
    def n(self) -> int:
        return self.events("")

    def events(self, segment: str) -> int:
        found = self.of(segment).get(EVENTS)
        return self.sizes.get(segment, found.n if found else 0)

    def having(self, name: str, segment: str) -> int | None:
        """How many events have a fact that an event may lack, or None if that is unknown."""
        if name == MODEL_VERSION:
            found = self.of(segment).get(PRESENT + name)
            return found.counts["yes"] if isinstance(found, Categories) else None
        values, n = self.of(segment).get(name), self.events(segment)
        count = values.n if values else 0
        # Of segments of a baseline only the responses of one measure version may be known.
        return count if count <= n else None

    def of(self, segment: str) -> Summaries:
        return self.parts.get(segment, {})

    def measured_differently_from(self, other: "WindowData") -> set[str]:
        """Metrics with values in both windows, but of different measure versions."""
        shared = self.versions.keys() & other.versions.keys()
        return {name for name in shared if self.versions[name] != other.versions[name]}

    def largest_parts(self) -> dict[str, Summaries]:
        """The whole window and its largest segments."""
        segments = sorted(self.parts.keys() - {""}, key=lambda segment: (-self.events(segment), segment))
        return {segment: self.of(segment) for segment in ["", *segments[:LARGEST_NUMBER_OF_SEGMENTS]]}

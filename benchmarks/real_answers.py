"""Real answers of models as windows of events: measured, binned and compared as those of a deployment are."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from drift.measures import watched
from drift.measures.verdicts import MetricResult, VerdictParameters
from drift.reports import comparison
from drift.windows.data import Embeddings, WindowData
from feedback.choices import EmbeddedField
from feedback.embeddings.clients import embed
from feedback.measures.catalogue import kind_of
from feedback.measures.histograms import Categories, Histogram
from feedback.measures.measuring import Measured, measure
from feedback.quality import assessment
from feedback.stores import schema

_OCCURRED_AT = datetime(2026, 5, 4, tzinfo=UTC)


@dataclass(frozen=True)
class Answers:
    """n answers, measured. metadata: values by key, n of each; vectors: by embedded field, shape (n, d)."""

    n: int
    found: Measured
    metadata: Mapping[str, Sequence[str]]
    vectors: Mapping[str, np.ndarray]

    @classmethod
    def of(cls, rows: Sequence[dict], *, metadata: Mapping[str, str], embedded: bool = True) -> "Answers":
        """rows: prompt, response, perhaps latency_s, completion_tokens and cost_usd; metadata: columns by key."""
        events = [_event(place, row) for place, row in enumerate(rows)]
        texts = {field: [event[field] for event in events] for field in EmbeddedField.values}
        scores = {event["id"]: [assessment.score_row(event)] for event in events}
        chosen = {key: [str(row[column]) for row in rows] for key, column in metadata.items() if column in rows[0]}
        vectors = {field: embed(side) for field, side in texts.items()} if embedded else {}
        return cls(len(rows), measure(events, scores), chosen, vectors)

    def window(self, chosen: np.ndarray | None = None) -> WindowData:
        """What a report reads of these answers. chosen: their places, all of them by default."""
        chosen = np.arange(self.n) if chosen is None else chosen
        numbers = {
            one.metric: Histogram.of(values[chosen], kind_of(one.metric)) for one, values in self.found.numbers.items()
        }
        names = {one.metric: _counted(values, chosen) for one, values in self.found.names.items()}
        metadata = {watched.METADATA + key: _counted(values, chosen) for key, values in self.metadata.items()}
        vectors = {field: rows[chosen] for field, rows in self.vectors.items()}
        return WindowData({"": {**numbers, **names, **metadata}}, Embeddings(vectors, "wordllama" if vectors else ""))


def compare(reference: WindowData, current: WindowData, *, seed: int = 0) -> list[MetricResult]:
    return [one.result for one in comparison.compare(reference, current, parameters=VerdictParameters(), seed=seed)]


def _event(place: int, row: dict) -> dict:
    texts = {field: row[field] or "" for field in EmbeddedField.values}
    latency = {"latency_ms": 1_000 * row["latency_s"]} if row.get("latency_s") is not None else {}
    facts = {name: row[name] for name in ("completion_tokens", "cost_usd") if row.get(name) is not None}
    lengths = {f"{field}_length": len(text) for field, text in texts.items()}
    nothing = dict.fromkeys(schema.EVENT.names)
    identity = {"id": str(place), "occurred_at": _OCCURRED_AT, "content_dropped": False}
    return {**nothing, **identity, **texts, **latency, **facts, **lengths}


def _counted(values: Sequence[str | None], chosen: np.ndarray) -> Categories:
    return Categories(dict(Counter(values[place] for place in chosen if values[place] is not None)))

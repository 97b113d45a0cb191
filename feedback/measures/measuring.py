"""From rows of events to arrays, one for each metric."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
import numpy as np

from feedback.choices import Metric
from feedback.measures import catalogue, descriptors
from feedback.measures.language import language_of
from feedback.stores.schema import Row
from feedback.times import floor_hour

PLACING_COLUMNS = (
    *("id", "deployment_id", "model_version_id", "prompt_version", "occurred_at", "received_at", "metadata"),
    "user_hash",
)
COLUMNS = (
    *PLACING_COLUMNS,
    *("prompt", "response", "content_dropped", "finish_reason", "token_count"),
    *catalogue.COLUMNS.values(),
)
Names = dict[str, list[str | None]]
_DESCRIPTORS = [[side + name for name in descriptors.KINDS] for side in (catalogue.PROMPT, catalogue.RESPONSE)]


class _Details(msgspec.Struct):
    format: Any = None
    refusal: Any = None


class _Check(msgspec.Struct):
    name: str
    score: float
    details: _Details


_checks = msgspec.json.Decoder(list[_Check])


@dataclass(frozen=True)
class Place:
    """To which rollups an event belongs, its segments aside."""

    deployment_id: str
    model_version_id: str
    prompt_version: str
    hour_at: datetime


@dataclass(frozen=True)
class Measured:
    """What n events say. numbers: by metric, float64 arrays of shape (n,), NaN where missing; names: likewise, None."""

    ids: list[str]
    places: list[Place]
    numbers: Mapping[str, np.ndarray]
    names: Mapping[str, list[str | None]]
    user_hashes: list[str]
    metadata: list[str]
    received_at: list[datetime]

    def only(self, ids: set[str]) -> "Measured":
        """The same of these events alone."""
        if len(ids) == len(self.ids):
            return self
        kept = [index for index, event_id in enumerate(self.ids) if event_id in ids]
        return Measured(
            ids=[self.ids[index] for index in kept],
            places=[self.places[index] for index in kept],
            numbers={metric: values[kept] for metric, values in self.numbers.items()},
            names={metric: [values[index] for index in kept] for metric, values in self.names.items()},
            user_hashes=[self.user_hashes[index] for index in kept],
            metadata=[self.metadata[index] for index in kept],
            received_at=[self.received_at[index] for index in kept],
        )


def measure(rows: Sequence[Row], checks: Mapping[str, str]) -> Measured:
    """Measure events.

    Parameters
    ----------
    rows : sequence of Row
        Rows with COLUMNS, metadata as JSON text.
    checks : mapping of str to str
        The quality checks of an event as JSON text, by its id.

    Returns
    -------
    Measured
        Every metric of the n events, in their order.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> row = dict.fromkeys(COLUMNS) | {"id": "a", "prompt": "Hello", "response": "", "content_dropped": False}
    >>> row |= {"occurred_at": datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "latency_ms": 250}
    >>> measured = measure([row], {"a": '[{"name": "length", "score": 0.5, "details": {}}]'})
    >>> [measured.numbers[name].tolist() for name in ("latency_ms", "check.length", "prompt.words")]
    [[250.0], [0.5], [1.0]]
    """
    names: Names = {Metric.FINISH_REASON: [row["finish_reason"] or None for row in rows]}
    numbers = _columns(rows) | _from_checks(rows, checks, names) | _from_texts(rows, names)
    return replace(placed(rows), numbers=numbers, names=names)


def placed(rows: Sequence[Row]) -> Measured:
    """Return which rollups events belong to without their metrics, which is enough to count their signals.

    Parameters
    ----------
    rows : sequence of Row
        Rows with PLACING_COLUMNS.

    Returns
    -------
    Measured
        Without numbers and names.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> row = dict.fromkeys(PLACING_COLUMNS, "") | {"id": "a", "occurred_at": datetime(2026, 1, 2, 3, 4, tzinfo=UTC)}
    >>> placed([row]).places[0].hour_at.isoformat()
    '2026-01-02T03:00:00+00:00'
    """
    return Measured(
        [row["id"] for row in rows],
        _places(rows),
        {},
        {},
        [row["user_hash"] for row in rows],
        [row["metadata"] for row in rows],
        [row["received_at"] for row in rows],
    )


def _places(rows: Sequence[Row]) -> list[Place]:
    known: dict[tuple, Place] = {}
    places = []
    for row in rows:
        at = row["occurred_at"]
        key = (row["deployment_id"], row["model_version_id"], row["prompt_version"], at.toordinal(), at.hour)
        if key not in known:
            known[key] = Place(*key[:3], floor_hour(at))
        places.append(known[key])
    return places


def _columns(rows: Sequence[Row]) -> dict[str, np.ndarray]:
    numbers = {
        str(metric): np.array([row[column] for row in rows], dtype=np.float64)
        for metric, column in catalogue.COLUMNS.items()
    }
    total = np.array([row["token_count"] for row in rows], dtype=np.float64)
    parts = numbers[Metric.PROMPT_TOKENS] + numbers[Metric.COMPLETION_TOKENS]
    return numbers | {str(Metric.TOTAL_TOKENS): np.where(np.isnan(total), parts, total)}


def _from_checks(rows: Sequence[Row], checks: Mapping[str, str], names: Names) -> dict[str, np.ndarray]:
    scores: dict[str, np.ndarray] = {}
    formats: list[str | None] = [None] * len(rows)
    refusals: list[str | None] = [None] * len(rows)
    names |= {Metric.FORMAT: formats, Metric.REFUSAL: refusals}
    for index, row in enumerate(rows):
        found = checks.get(row["id"])
        for check in _checks.decode(found) if found else ():
            if check.name not in scores:
                scores[check.name] = np.full(len(rows), np.nan)
            scores[check.name][index] = check.score
            if isinstance(check.details.format, str):
                formats[index] = check.details.format
            if isinstance(check.details.refusal, str):
                refusals[index] = check.details.refusal
    return {catalogue.CHECK + name: values for name, values in scores.items()}


def _from_texts(rows: Sequence[Row], names: Names) -> dict[str, np.ndarray]:
    kept = [index for index, row in enumerate(rows) if not row["content_dropped"]]
    numbers: dict[str, np.ndarray] = {}
    for column, metric, labels in zip(
        ("prompt", "response"), (Metric.PROMPT_LANGUAGE, Metric.LANGUAGE), _DESCRIPTORS, strict=True
    ):
        texts = [rows[index][column] for index in kept]
        values = np.full((len(labels), len(rows)), np.nan)
        values[:, kept] = descriptors.describe(texts)
        numbers |= dict(zip(labels, values, strict=True))
        languages: list[str | None] = [None] * len(rows)
        for index, text in zip(kept, texts, strict=True):
            languages[index] = language_of(text) if text else None
        names[metric] = languages
    return numbers

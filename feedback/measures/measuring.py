"""Measures events: from rows to arrays, one for each metric."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from feedback.choices import Metric
from feedback.measures import catalogue, descriptors, scored
from feedback.measures.catalogue import Measure, Named, measure_of
from feedback.measures.language import language_of
from feedback.stores.schema import Row
from feedback.times import floor_hour

PLACING_COLUMNS = (
    *("id", "deployment_id", "model_version_id", "prompt_version", "occurred_at", "received_at", "metadata"),
    *("user_hash", "experiment"),
)
COLUMNS = (
    *PLACING_COLUMNS,
    *("prompt", "response", "content_dropped", "finish_reason", "token_count"),
    *catalogue.COLUMNS.values(),
    "tools_called",
)
Names = dict[Measure, list[Named]]
_DESCRIPTORS = [[side + name for name in descriptors.KINDS] for side in (catalogue.PROMPT, catalogue.RESPONSE)]


@dataclass(frozen=True)
class Place:
    """To which rollups an event belongs, its segments aside."""

    deployment_id: str
    model_version_id: str
    prompt_version: str
    hour_at: datetime


@dataclass(frozen=True)
class Measured:
    """The measures of n events. numbers: by measure, float64 arrays of shape (n,), NaN where missing; names: likewise,
    None.

    A metric of events that were measured in different ways has one array for each of them.
    """

    ids: list[str]
    places: list[Place]
    numbers: Mapping[Measure, np.ndarray]
    names: Mapping[Measure, list[Named]]
    user_hashes: list[str]
    metadata: list[str]
    received_at: list[datetime]
    experiments: list[str]

    def only(self, ids: set[str]) -> "Measured":
        """The same of these events alone."""
        if len(ids) == len(self.ids):
            return self
        kept = [index for index, event_id in enumerate(self.ids) if event_id in ids]
        return Measured(
            ids=[self.ids[index] for index in kept],
            places=[self.places[index] for index in kept],
            numbers={one: values[kept] for one, values in self.numbers.items()},
            names={one: [values[index] for index in kept] for one, values in self.names.items()},
            user_hashes=[self.user_hashes[index] for index in kept],
            metadata=[self.metadata[index] for index in kept],
            received_at=[self.received_at[index] for index in kept],
            experiments=[self.experiments[index] for index in kept],
        )


def measure(rows: Sequence[Row], scores: Mapping[str, Sequence[Row]]) -> Measured:
    """Measure events.

    Parameters
    ----------
    rows : sequence of Row
        Rows with COLUMNS, metadata as JSON text.
    scores : mapping of str to sequence of Row
        The scores of an event, by its id.

    Returns
    -------
    Measured
        Every metric of the n events, in their order.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> row = dict.fromkeys(COLUMNS) | {"id": "a", "prompt": "Hello", "response": "", "content_dropped": False}
    >>> row |= {"occurred_at": datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "latency_ms": 250}
    >>> score = {"assessor": "checks", "name": "quality", "profile": "default", "score": 0.5, "version": "1"}
    >>> score |= {"checks": '[{"name": "length", "score": 0.5, "details": {}, "version": "1"}]'}
    >>> measured = measure([row], {"a": [score]})
    >>> measures = [measure_of("latency_ms"), Measure("check.length", "checks", "1"), measure_of("prompt.words")]
    >>> [measured.numbers[one].tolist() for one in measures]
    [[250.0], [0.5], [1.0]]
    """
    names: Names = {
        catalogue.FINISH_REASON: [row["finish_reason"] or None for row in rows],
        catalogue.TOOL_CALLED: [tuple(dict.fromkeys(row.get("tools_called") or ())) or None for row in rows],
    }
    found = scored.measure(rows, scores)
    numbers = _columns(rows) | found.numbers | _from_texts(rows, names)
    return replace(placed(rows), numbers=numbers, names=names | found.names)


def measure_scores(rows: Sequence[Row], scores: Mapping[str, Sequence[Row]]) -> Measured:
    """Measure scores alone.

    Parameters
    ----------
    rows : sequence of Row
        Rows with PLACING_COLUMNS, metadata as JSON text.
    scores : mapping of str to sequence of Row
        Scores of an event, by its id.

    Returns
    -------
    Measured
        The metrics of these scores, without users: those were counted with the events.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> row = dict.fromkeys(PLACING_COLUMNS) | {"id": "a", "occurred_at": datetime(2026, 1, 2, 3, 4, tzinfo=UTC)}
    >>> score = {"assessor": "judge:strict", "name": "helpful", "profile": "default", "score": 0.5, "version": "2"}
    >>> measure_scores([row], {"a": [score]}).numbers
    {Measure(metric='helpful', assessor='judge:strict', version='2'): array([0.5])}
    """
    found = scored.measure(rows, scores)
    return replace(placed(rows), numbers=found.numbers, names=found.names, user_hashes=[""] * len(rows))


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
        [row["experiment"] for row in rows],
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


def _columns(rows: Sequence[Row]) -> dict[Measure, np.ndarray]:
    numbers = {
        metric: np.array([row[column] for row in rows], dtype=np.float64)
        for metric, column in catalogue.COLUMNS.items()
    }
    total = np.array([row["token_count"] for row in rows], dtype=np.float64)
    parts = numbers[Metric.PROMPT_TOKENS] + numbers[Metric.COMPLETION_TOKENS]
    numbers[Metric.TOTAL_TOKENS] = np.where(np.isnan(total), parts, total)
    return {measure_of(metric): values for metric, values in numbers.items()}


def _from_texts(rows: Sequence[Row], names: Names) -> dict[Measure, np.ndarray]:
    kept = [index for index, row in enumerate(rows) if not row["content_dropped"]]
    numbers: dict[Measure, np.ndarray] = {}
    for column, metric, labels in zip(
        ("prompt", "response"), (Metric.PROMPT_LANGUAGE, Metric.LANGUAGE), _DESCRIPTORS, strict=True
    ):
        texts = [rows[index][column] for index in kept]
        values = np.full((len(labels), len(rows)), np.nan)
        values[:, kept] = descriptors.describe(texts)
        numbers |= dict(zip(map(measure_of, labels), values, strict=True))
        languages: list[Named] = [None] * len(rows)
        for index, text in zip(kept, texts, strict=True):
            languages[index] = language_of(text) if text else None
        names[measure_of(metric)] = languages
    return numbers

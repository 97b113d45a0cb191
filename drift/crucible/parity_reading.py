"""Reads windows for the crucible profile: lengths in graphemes, measured from the texts."""

from dataclasses import replace

import numpy as np

from drift.crucible.parity import EventValues
from drift.reading import embedded
from drift.reading.from_events import Events
from drift.windows.window import MAX_EVENTS, Window
from feedback.choices import EmbeddedField
from feedback.measures.scored import measure_of
from feedback.quality.checks.length import grapheme_count
from feedback.stores import event_store
from feedback.stores.base import EventFilter, Paging
from feedback.stores.replacing import is_quality

_COLUMNS = ["id", "occurred_at", "model_version_id", "prompt_version", "prompt", "response", "quality_score"]


def read_pair(
    deployment_id: str, reference: Window, current: Window, *, embedding_sample: int, failure: str
) -> list[tuple[EventValues, Events, dict]]:
    """(values, events, resolved window) of both; the older one by count is read first."""
    sides = [reference, current]
    if reference.skip < current.skip:
        sides.reverse()
    read = {id(side): _read(deployment_id, side, embedding_sample, failure) for side in sides}
    return _without_mixed_quality([read[id(reference)], read[id(current)]])


def _without_mixed_quality(sides: list[tuple[EventValues, Events, dict]]) -> list[tuple[EventValues, Events, dict]]:
    """Drop quality if the windows contain scores of several versions of the checks."""
    versions = set()
    for _, events, _ in sides:
        scores = event_store().scores(sorted(events.ids)).to_pylist()
        versions |= {measure_of(score).version for score in scores if is_quality(score)}
    if len(versions) < 2:
        return sides
    note = "Quality is not compared: it was scored by several versions of the checks."
    return [
        (replace(values, quality=np.full(values.n, np.nan)), events, {**facts, "notes": [*facts["notes"], note]})
        for values, events, facts in sides
    ]


def _read(deployment_id, window, embedding_sample, failure):
    where = EventFilter(
        deployment_id=deployment_id,
        model_version_id=window.model_version_id,
        prompt_version=window.prompt_version,
        occurred_from=window.start_at,
        occurred_to=window.end_at,
    )
    limit = min(window.last_events or MAX_EVENTS, MAX_EVENTS)
    events = Events(event_store().scan(where, _COLUMNS, Paging(limit=limit, skip=window.skip)).read_all().to_pylist())
    span = [events.span] if events.rows else []
    found = embedded.read(where, span, limit=embedding_sample, among=events.ids, failure=failure)
    values = EventValues(
        n=len(events.rows),
        prompt_length=np.array([grapheme_count(row["prompt"]) for row in events.rows], dtype=float),
        response_length=np.array([grapheme_count(row["response"]) for row in events.rows], dtype=float),
        quality=np.array([row["quality_score"] for row in events.rows], dtype=float),
        vectors=found.of(EmbeddedField.PROMPT),
        embedding_failure=failure,
    )
    cut = window.last_events is None or window.last_events > MAX_EVENTS
    notes = [f"Limited to the newest {MAX_EVENTS:,} events."] if cut and len(events.rows) == MAX_EVENTS else []
    facts = {"n": values.n, "embedding_client": found.client, "notes": notes}
    return values, events, {**events.resolved(), **facts}

"""Reads the embedded sample of a window: prompts and responses of the same events."""

from collections.abc import Sequence

import numpy as np

from drift.reading import sampled
from drift.windows.data import Embeddings
from drift.windows.window import Span
from feedback.models import SampledEvent
from feedback.stores import event_store
from feedback.stores.base import EventFilter


def read(
    where: EventFilter, spans: Sequence[Span], *, limit: int, among: set[str] | None = None, failure: str = ""
) -> Embeddings:
    """At most `limit` embedded events of these spans, always the same ones. among: only events with these ids.

    Vectors of other clients than that of the first event are skipped.
    """
    if failure:
        return Embeddings(failure=failure)
    embedded = SampledEvent.objects.matching(where).embedded()
    ids = sampled.ids_of(embedded, spans, limit=limit, among=among) if limit else []
    found = event_store().embeddings(ids)
    if not len(found):
        return Embeddings()
    event_ids, fields, clients = (found[name].to_pylist() for name in ("event_id", "field", "client"))
    client_of = dict(zip(event_ids, clients, strict=True))
    client = next(client_of[event_id] for event_id in ids if event_id in client_of)
    rows = found["vector"].combine_chunks()
    ends, values = np.asarray(rows.offsets), rows.values.to_numpy(zero_copy_only=False)
    position = {event_id: index for index, event_id in enumerate(ids)}
    chosen: dict[str, list[tuple[int, int]]] = {name: [] for name in set(fields)}
    for index, (event_id, name, by) in enumerate(zip(event_ids, fields, clients, strict=True)):
        if by == client:
            chosen[name].append((position[event_id], index))
    vectors = {
        name: np.array([values[ends[index] : ends[index + 1]] for _, index in sorted(pairs)], dtype=np.float32)
        for name, pairs in chosen.items()
    }
    return Embeddings(vectors, client)

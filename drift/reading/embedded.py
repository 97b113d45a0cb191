"""Reads the embedded sample of a window: prompts and responses of the same events."""

from collections.abc import Sequence

import numpy as np

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
    ids = _sampled(where, spans, limit, among) if limit else []
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


def _sampled(where, spans, limit, among):
    """Ids of sampled events in the order of their ranks, an equal share from each span."""
    ids = []
    for start, end in spans:
        rows = SampledEvent.objects.matching(where).within(start, end).embedded().order_by("sample_rank", "event_id")
        found = [str(event_id) for event_id in rows.values_list("event_id", flat=True)[: None if among else limit]]
        if among is not None:
            found = [event_id for event_id in found if event_id in among]
        ids += found[: -(-limit // len(spans))]
    return ids[:limit]

"""The values of a window, read from the event store in batches."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import xxhash

from drift.comparison import WindowData
from drift.windows import MAX_EVENTS, Window
from feedback.stores import event_store
from feedback.stores.base import EventFilter

_COLUMNS = ["id", "occurred_at", "prompt", "response", "quality_score"]


@dataclass(frozen=True)
class Reading:
    """A window's values and the events they come from."""

    data: WindowData
    event_ids: list[str]
    resolved: dict


def read_pair(
    deployment_id: str, reference: Window, current: Window, *, length: Callable[[str], int], embedding_sample: int
) -> tuple[Reading, Reading]:
    """Read both windows, the older one by count first: an event that arrives in between can open a gap, no overlap.

    length: counts the characters of a text.
    """
    if reference.skip >= current.skip:
        before = _read(deployment_id, reference, length, embedding_sample)
        return before, _read(deployment_id, current, length, embedding_sample)
    after = _read(deployment_id, current, length, embedding_sample)
    return _read(deployment_id, reference, length, embedding_sample), after


def _read(deployment_id, window, length, embedding_sample):
    where = EventFilter(
        deployment_id=deployment_id,
        model_version_id=window.model_version_id,
        occurred_from=window.start_at,
        occurred_to=window.end_at,
    )
    limit = window.last_events or MAX_EVENTS
    ids, times, prompts, responses, quality = [], [], [], [], []
    for batch in event_store().scan(where, _COLUMNS, limit=limit, skip=window.skip):
        columns = batch.to_pydict()
        ids += columns["id"]
        times += columns["occurred_at"]
        prompts += map(length, columns["prompt"])
        responses += map(length, columns["response"])
        quality += columns["quality_score"]
    vectors, client = _sampled_vectors(where, ids, times, embedding_sample)
    data = WindowData(
        n=len(ids),
        prompt_length=np.array(prompts, dtype=float),
        response_length=np.array(responses, dtype=float),
        quality=np.array(quality, dtype=float),
        vectors=vectors,
        embedding_client=client,
    )
    resolved = {
        "n": len(ids),
        "first_at": times[-1].isoformat() if times else None,
        "last_at": times[0].isoformat() if times else None,
        "first_id": ids[-1] if ids else None,
        "last_id": ids[0] if ids else None,
        "events_digest": xxhash.xxh3_128_hexdigest("".join(sorted(ids)).encode()),
        "cut_to_newest": window.last_events is None and len(ids) == MAX_EVENTS,
        "embedding_client": client,
    }
    return Reading(data, ids, resolved)


def _sampled_vectors(where, ids, times, limit):
    """The embeddings of sampled events among these. Asked for by time, so that no list of thousands of ids is sent."""
    if not ids:
        return np.empty((0, 0)), ""
    span = replace(where, occurred_from=times[-1], occurred_to=times[0] + timedelta(microseconds=1))
    sample = event_store().sample_embeddings(span, limit=limit)
    window_ids = set(ids)
    inside = [position for position, event_id in enumerate(sample.event_ids) if event_id in window_ids]
    return sample.vectors[inside], sample.client

"""Reading the embedded sample of a window."""

from dataclasses import dataclass

import numpy as np

from feedback.choices import EmbeddedField
from feedback.models import SampledEvent
from feedback.stores import event_store
from feedback.stores.base import EventFilter


@dataclass(frozen=True)
class EmbeddingSample:
    """event_ids: n strings; vectors: float32 array of shape (n, d), each row of Euclidean length 1."""

    event_ids: list[str]
    vectors: np.ndarray
    client: str


def sample_embeddings(
    where: EventFilter, *, limit: int, field: EmbeddedField = EmbeddedField.PROMPT
) -> EmbeddingSample:
    """At most `limit` embedded events of those that match, the same ones at every call; none gives shape (0, 0).

    Only deployment, versions and times of the filter are looked at. Vectors of another client than that of the first
    in the sample are left out.
    """
    members = SampledEvent.objects.matching(where).embedded().order_by("sample_rank", "event_id")
    ranked = [str(event_id) for event_id in members.values_list("event_id", flat=True)[:limit]]
    found = event_store().embeddings(ranked)
    rows = {row["event_id"]: row for row in found.to_pylist() if row["field"] == field}
    inside = [rows[event_id] for event_id in ranked if event_id in rows]
    if not inside:
        return EmbeddingSample([], np.empty((0, 0), dtype=np.float32), "")
    client = inside[0]["client"]
    inside = [row for row in inside if row["client"] == client]
    vectors = np.array([row["vector"] for row in inside], dtype=np.float32)
    return EmbeddingSample([row["event_id"] for row in inside], vectors, client)

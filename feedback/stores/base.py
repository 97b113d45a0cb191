"""What an event store can do. Readers ask for columns and get Arrow batches; nothing else reads events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

import numpy as np
import pyarrow as pa


@dataclass(frozen=True)
class EventFilter:
    """Which events. A field left at None does not restrict; `occurred_to` is exclusive.

    `deployment_ids` are the only deployments to look in, whatever else is asked.
    `scored` leaves out events without a score; `older_than` and `newer_than` are places (occurred_at, id) in the
    order of a scan.
    """

    deployment_id: str | None = None
    deployment_ids: Sequence[str] | None = None
    model_version_id: str | None = None
    prompt_version: str | None = None
    ids: Sequence[UUID | str] | None = None
    occurred_from: datetime | None = None
    occurred_to: datetime | None = None
    min_quality: float | None = None
    max_quality: float | None = None
    signal: str | None = None
    text: str = ""
    scored: bool = False
    older_than: tuple[datetime, UUID] | None = None
    newer_than: tuple[datetime, UUID] | None = None


@dataclass(frozen=True)
class SignalFilter:
    """Which signals: live ones that found their event, unless said otherwise."""

    deployment_id: str | None = None
    event_ids: Sequence[UUID | str] | None = None
    types: Sequence[str] | None = None
    live: bool = True
    attached: bool = True


@dataclass(frozen=True)
class EmbeddingSample:
    """event_ids: n strings; vectors: float32 array of shape (n, d), each row of Euclidean length 1."""

    event_ids: list[str]
    vectors: np.ndarray
    client: str


class EventStore(Protocol):
    def scan(
        self,
        where: EventFilter,
        columns: Sequence[str],
        *,
        newest_first: bool = True,
        limit: int | None = None,
        skip: int = 0,
        batch_size: int = 2_000,
    ) -> pa.RecordBatchReader:
        """Stream events ordered by (occurred_at, id), newest first unless said otherwise.

        columns: names of `feedback.schema.EVENT`. Raises KeyError for an unknown name.
        """

    def scan_signals(
        self, where: SignalFilter, columns: Sequence[str], *, limit: int | None = None, batch_size: int = 2_000
    ) -> pa.RecordBatchReader:
        """Stream signals ordered by (occurred_at, id), newest first. columns: names of `feedback.schema.SIGNAL`."""

    def sample_embeddings(self, where: EventFilter, *, limit: int) -> EmbeddingSample:
        """At most `limit` embedded events of those that match, the same ones at every call; none gives shape (0, 0)."""

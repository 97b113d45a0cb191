"""Events in ClickHouse: a server, a cluster, or the same engine inside this process."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import pyarrow as pa
from django.conf import settings

from feedback.stores import schema
from feedback.stores.base import WHOLE, EventFilter, Paging, Purged, ScoreChanges, SignalChange, SignalFilter
from feedback.stores.clickhouse import conditions, reading, removing, signals, upgrading, writing
from feedback.stores.clickhouse.address import parse
from feedback.stores.clickhouse.connection import Connection


class ClickHouseStore:
    shares_transaction = False

    def __init__(self, url: str | None = None) -> None:
        self._connection = Connection(parse(settings.CLICKHOUSE_URL if url is None else url))

    def prepare(self) -> None:
        upgrading.prepare(self._connection)

    def check(self) -> None:
        upgrading.check(self._connection)

    def close(self) -> None:
        """Close the connection to the server, or the folder of the engine in this process."""
        self._connection.close()

    def scan(self, where: EventFilter, columns: Sequence[str], paging: Paging = WHOLE) -> pa.RecordBatchReader:
        return reading.scan_events(self._connection, where, schema.columns(schema.EVENT, columns), paging)

    def count(self, where: EventFilter, *, at_most: int | None = None) -> int:
        return reading.count_events(self._connection, where, at_most)

    def scan_signals(self, where: SignalFilter, columns: Sequence[str], paging: Paging = WHOLE) -> pa.RecordBatchReader:
        target = schema.columns(schema.SIGNAL, columns)
        return reading.scan_signals(self._connection, conditions.of_signals(where), target, paging)

    def count_signals(self, where: SignalFilter, *, at_most: int | None = None) -> int:
        return reading.count_signals(self._connection, conditions.of_signals(where), at_most)

    def scores(self, event_ids: Sequence[UUID | str], *, assessor: str | None = None) -> pa.Table:
        return reading.scores(self._connection, event_ids, assessor)

    def embeddings(self, event_ids: Sequence[UUID | str]) -> pa.Table:
        return reading.embeddings(self._connection, event_ids)

    def append_events(self, events: pa.Table, scores: pa.Table) -> set[str]:
        return writing.append_events(self._connection, events, scores)

    def append_scores(self, scores: pa.Table) -> ScoreChanges:
        return writing.append_scores(self._connection, scores)

    def append_signals(self, signals: pa.Table) -> set[str]:
        return writing.append_signals(self._connection, signals)

    def attach_signals(
        self,
        event_ids: set[str],
        signal_ids: set[str],
        *,
        uncounted: frozenset[str] = frozenset(),
        uncollected: frozenset[str] = frozenset(),
    ) -> list[SignalChange]:
        return signals.attach(self._connection, event_ids, signal_ids, uncounted=uncounted, uncollected=uncollected)

    def append_embeddings(self, embeddings: pa.Table) -> None:
        writing.append_embeddings(self._connection, embeddings)

    def remove_embeddings(self, event_ids: Sequence[UUID | str]) -> None:
        removing.remove_embeddings(self._connection, event_ids)

    def remove_events(self, event_ids: Sequence[UUID | str]) -> tuple[set[str], int]:
        return removing.remove_events(self._connection, event_ids)

    def remove_signals(self, signal_ids: Sequence[UUID | str]) -> int:
        return removing.remove_signals(self._connection, signal_ids)

    def purge(self, deployment_id: str, before: datetime) -> Purged:
        return removing.purge(self._connection, deployment_id, before)

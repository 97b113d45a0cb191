"""Events in the memory of this process, for tests and notebooks; they end with it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from threading import RLock
from uuid import UUID

import numpy as np
import pyarrow as pa

from feedback.stores import attaching, matching, replacing, schema
from feedback.stores.base import WHOLE, EventFilter, Paging, Purged, ScoreChanges, SignalChange, SignalFilter
from feedback.stores.schema import Row


class MemoryStore:
    """Rows are never changed in place, so that a scan goes on with what there was when it began."""

    shares_transaction = False

    def __init__(self) -> None:
        self._lock = RLock()
        self._events: dict[str, Row] = {}
        self._signals: dict[str, Row] = {}
        self._scores: dict[str, dict[replacing.Key, Row]] = {}
        self._embeddings: dict[str, dict[str, Row]] = {}

    def prepare(self) -> None:
        """No schema is needed."""

    def check(self) -> None:
        """Memory is always available."""

    def scan(self, where: EventFilter, columns: Sequence[str], paging: Paging = WHOLE) -> pa.RecordBatchReader:
        target = schema.columns(schema.EVENT, columns)
        rows = sorted(self._matching_events(where), key=matching.place, reverse=paging.newest_first)
        return _stream(rows, target, paging)

    def count(self, where: EventFilter, *, at_most: int | None = None) -> int:
        return _bounded(len(self._matching_events(where)), at_most)

    def scan_signals(self, where: SignalFilter, columns: Sequence[str], paging: Paging = WHOLE) -> pa.RecordBatchReader:
        target = schema.columns(schema.SIGNAL, columns)
        rows = sorted(self._matching_signals(where), key=matching.place, reverse=paging.newest_first)
        return _stream(rows, target, paging)

    def count_signals(self, where: SignalFilter, *, at_most: int | None = None) -> int:
        return _bounded(len(self._matching_signals(where)), at_most)

    def scores(self, event_ids: Sequence[UUID | str], *, assessor: str | None = None) -> pa.Table:
        with self._lock:
            rows = [row for event_id in _ids(event_ids) for row in self._scores.get(event_id, {}).values()]
        wanted = [row for row in rows if assessor in (None, row["assessor"])]
        return schema.table(schema.SCORE, sorted(wanted, key=replacing.key_of))

    def embeddings(self, event_ids: Sequence[UUID | str]) -> pa.Table:
        with self._lock:
            rows = [row for event_id in _ids(event_ids) for row in self._embeddings.get(event_id, {}).values()]
        return schema.table(schema.EMBEDDING, sorted(rows, key=lambda row: (row["event_id"], row["field"])))

    def append_events(self, events: pa.Table, scores: pa.Table) -> set[str]:
        rows, score_rows = events.to_pylist(), scores.to_pylist()
        with self._lock:
            new = {row["id"]: row for row in rows if row["id"] not in self._events}
            self._events |= new
            for row in score_rows:
                if row["event_id"] in new:
                    self._scores.setdefault(row["event_id"], {})[replacing.key_of(row)] = row
        return set(new)

    def append_scores(self, scores: pa.Table) -> ScoreChanges:
        rows = scores.to_pylist()
        with self._lock:
            held = [row for given in rows for row in self._scores.get(given["event_id"], {}).values()]
            changes = replacing.changes(rows, held, there=self._events.keys())
            stored = changes.stored.to_pylist()
            for row in stored:
                self._scores.setdefault(row["event_id"], {})[replacing.key_of(row)] = row
            for event_id, score in replacing.quality_scores(stored).items():
                self._events[event_id] = self._events[event_id] | {"quality_score": score}
        return changes

    def append_signals(self, signals: pa.Table) -> set[str]:
        rows = signals.to_pylist()
        with self._lock:
            new = {row["id"]: row for row in rows if row["id"] not in self._signals}
            self._signals |= new
        return set(new)

    def attach_signals(
        self,
        event_ids: set[str],
        signal_ids: set[str],
        *,
        uncounted: frozenset[str] = frozenset(),
        uncollected: frozenset[str] = frozenset(),
    ) -> list[SignalChange]:
        with self._lock:
            if not self._signals:
                return []
            events = self._events_to_attach(event_ids, signal_ids)
            attachments = attaching.attach(
                [attaching.EventFacts(**_columns(row, attaching.EVENT_COLUMNS)) for row in events.values()],
                [
                    attaching.SignalFacts(**_columns(row, attaching.SIGNAL_COLUMNS))
                    for row in self._signals.values()
                    if row["event_id"] is None or row["event_id"] in events or row["id"] in signal_ids
                ],
                event_ids=event_ids,
                signal_ids=signal_ids,
                uncounted=uncounted,
                uncollected=uncollected,
            )
            for signal_id, standing in attachments.updates.items():
                self._signals[signal_id] = self._signals[signal_id] | asdict(standing)
        return attachments.changes

    def _events_to_attach(self, event_ids: set[str], signal_ids: set[str]) -> dict[str, Row]:
        new = [self._signals[signal_id] for signal_id in signal_ids & self._signals.keys()]
        wanted = event_ids | {row["event_id"] for row in new}
        names = {_name(row) for row in new if row["event_id"] is None}
        names |= {_name(self._events[event_id]) for event_id in event_ids & self._events.keys()}
        return {
            event_id: row
            for event_id, row in self._events.items()
            if event_id in wanted or row["external_id"] and _name(row) in names
        }

    def append_embeddings(self, embeddings: pa.Table) -> None:
        rows = [row | {"vector": _halved(row["vector"])} for row in embeddings.to_pylist()]
        with self._lock:
            for row in rows:
                self._embeddings.setdefault(row["event_id"], {})[row["field"]] = row

    def remove_embeddings(self, event_ids: Sequence[UUID | str]) -> None:
        with self._lock:
            for event_id in _ids(event_ids):
                self._embeddings.pop(event_id, None)

    def remove_events(self, event_ids: Sequence[UUID | str]) -> tuple[set[str], int]:
        with self._lock:
            return self._remove_events(_ids(event_ids))

    def remove_signals(self, signal_ids: Sequence[UUID | str]) -> int:
        with self._lock:
            return self._remove_signals(_ids(signal_ids))

    def purge(self, deployment_id: str, before: datetime) -> Purged:
        expired = EventFilter(deployment_id=deployment_id, occurred_to=before)
        signals = SignalFilter(deployment_id=deployment_id, state=None, occurred_to=before)
        with self._lock:
            removed, said = self._remove_events({row["id"] for row in self._matching_events(expired)})
            alone = filter(_has_no_event, self._matching_signals(signals))
            purged_alone = self._remove_signals({row["id"] for row in alone})
        return Purged(len(removed), said + purged_alone)

    def _matching_events(self, where: EventFilter) -> list[Row]:
        with self._lock:
            events, signals = list(self._events.values()), list(self._signals.values())
        said = (row for row in signals if row["live"] and row["type"] == where.signal)
        matches = matching.event_matches(where, frozenset(row["event_id"] for row in said))
        return [row for row in events if matches(row)]

    def _matching_signals(self, where: SignalFilter) -> list[Row]:
        with self._lock:
            signals = list(self._signals.values())
        return list(filter(matching.signal_matches(where), signals))

    def _remove_events(self, event_ids: set[str]) -> tuple[set[str], int]:
        removed = event_ids & self._events.keys()
        for event_id in removed:
            del self._events[event_id]
            self._scores.pop(event_id, None)
            self._embeddings.pop(event_id, None)
        about = {row["id"] for row in self._signals.values() if row["event_id"] in removed}
        return removed, self._remove_signals(about)

    def _remove_signals(self, signal_ids: set[str]) -> int:
        removed = signal_ids & self._signals.keys()
        for signal_id in removed:
            del self._signals[signal_id]
        return len(removed)


def _stream(rows: list[Row], target: pa.Schema, paging: Paging) -> pa.RecordBatchReader:
    return pa.RecordBatchReader.from_batches(
        target, _batches(_cut(rows[paging.skip : paging.end], paging.characters), target, paging.batch_size)
    )


def _cut(rows: list[Row], characters: int | None) -> list[Row]:
    if characters is None:
        return rows
    return [row | {name: row[name][:characters] for name in schema.LONG if row.get(name)} for row in rows]


def _batches(rows: list[Row], target: pa.Schema, batch_size: int) -> Iterator[pa.RecordBatch]:
    for start in range(0, len(rows), batch_size):
        yield from schema.table(target, rows[start : start + batch_size]).to_batches()


def _halved(vector: list[float]) -> np.ndarray:
    return np.array(vector, np.float16).astype(np.float32)


def _bounded(number: int, at_most: int | None) -> int:
    return number if at_most is None else min(number, at_most)


def _ids(ids: Iterable[UUID | str]) -> set[str]:
    return {str(one) for one in ids}


def _has_no_event(signal: Row) -> bool:
    """Whether a signal waits for its event, or is about a session."""
    return signal["waiting"] or signal["event_id"] is None and signal["external_id"] == ""


def _name(row: Row) -> tuple[str, str]:
    return row["deployment_id"], row["external_id"]


def _columns(row: Row, names: Iterable[str]) -> Row:
    return {name: row[name] for name in names}

"""Events in PostgreSQL, read as Arrow."""

from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec
import numpy as np
import pyarrow as pa

from feedback import schema
from feedback.models import Embedding, Event, Signal
from feedback.stores.base import EmbeddingSample, EventFilter, SignalFilter

_JSON = {"messages", "metadata", "masked", "value"}
_UUID = {"id", "batch_id", "event_id"}


class PostgresStore:
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
        events = Event.objects.matching(where)
        events = events.newest_first() if newest_first else events.oldest_first()
        stop = None if limit is None else skip + limit
        return _stream(events[skip:stop], schema.columns(schema.EVENT, columns), batch_size)

    def scan_signals(
        self, where: SignalFilter, columns: Sequence[str], *, limit: int | None = None, batch_size: int = 2_000
    ) -> pa.RecordBatchReader:
        signals = Signal.objects.matching(where).order_by("-occurred_at", "-id")[:limit]
        return _stream(signals, schema.columns(schema.SIGNAL, columns), batch_size)

    def sample_embeddings(self, where: EventFilter, *, limit: int) -> EmbeddingSample:
        matching = Event.objects.matching(where).values("id")
        rows = list(
            Embedding.objects.filter(event_id__in=matching, vector__isnull=False)
            .order_by("sample_rank", "event_id")
            .values_list("event_id", "vector", "client")[:limit]
        )
        if not rows:
            return EmbeddingSample([], np.empty((0, 0), dtype=np.float32), "")
        client = rows[0][2]
        rows = [row for row in rows if row[2] == client]
        vectors = np.array([vector for _, vector, _ in rows], dtype=np.float32)
        return EmbeddingSample([str(event_id) for event_id, _, _ in rows], vectors, client)


def _stream(queryset, target: pa.Schema, batch_size: int) -> pa.RecordBatchReader:
    rows = queryset.values_list(*target.names).iterator(chunk_size=batch_size)
    return pa.RecordBatchReader.from_batches(target, _batches(rows, target, batch_size))


def _batches(rows, target: pa.Schema, batch_size: int) -> Iterator[pa.RecordBatch]:
    while chunk := list(islice(rows, batch_size)):
        values = zip(*chunk, strict=True)
        yield pa.record_batch(
            [_column(field, column) for field, column in zip(target, values, strict=True)], schema=target
        )


def _column(field: pa.Field, values) -> pa.Array:
    if field.name in _JSON:
        values = [None if value is None else msgspec.json.encode(value).decode() for value in values]
    elif field.name in _UUID:
        values = [None if value is None else str(value) for value in values]
    return pa.array(values, type=field.type)

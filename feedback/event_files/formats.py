"""The formats of files of events: each makes bytes of lists of events, as they come."""

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from feedback import csv_cells, exact_json
from feedback.choices import EventFileFormat
from feedback.event_files import columns
from feedback.ir import to_json
from feedback.ir.items import from_event
from feedback.stores.schema import Row

# Rows are gathered to a row group of Parquet until there are so many, or so many bytes.
GROUP_ROWS = 10_000
GROUP_BYTES = 32 * 2**20
Batches = Iterable[list[Row]]


@dataclass(frozen=True)
class Format:
    media_type: str
    write: Callable[[Batches], Iterator[bytes]]


def json_lines(batches: Batches) -> Iterator[bytes]:
    """One event a line, ended by a newline. No events are no lines."""
    for events in batches:
        yield b"".join(exact_json.on_one_line(columns.json_bytes(event)) + b"\n" for event in events)


def feedback_events(batches: Batches) -> Iterator[bytes]:
    """Feedback.Events of the IR, one a line: for each event one for each live signal, or one without a value."""
    for events in batches:
        documents = (to_json(document) for event in events for document in from_event(event))
        yield b"".join(exact_json.on_one_line(document.encode()) + b"\n" for document in documents)


def csv(batches: Batches) -> Iterator[bytes]:
    """A header and one row an event."""
    yield csv_cells.encoded(columns.without_nesting(columns.SCHEMA.empty_table()), header=True)
    for events in batches:
        yield csv_cells.encoded(columns.without_nesting(columns.table(events)), header=False)


def parquet(batches: Batches) -> Iterator[bytes]:
    """Row groups of events, compressed with zstd, and the footer."""
    written = _Written()
    with pq.ParquetWriter(written, columns.SCHEMA, compression="zstd") as writer:
        for group in _groups(map(columns.table, batches)):
            writer.write_table(group)
            yield written.taken()
    yield written.taken()


def _groups(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    gathered: list[pa.Table] = []
    for table in tables:
        gathered.append(table)
        if sum(map(len, gathered)) >= GROUP_ROWS or sum(one.nbytes for one in gathered) >= GROUP_BYTES:
            yield pa.concat_tables(gathered)
            gathered = []
    if gathered:
        yield pa.concat_tables(gathered)


class _Written(io.RawIOBase):
    """A file to write to; what is written can be taken once."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        self._parts.append(bytes(data))
        self._position += len(data)
        return len(data)

    def tell(self) -> int:
        return self._position

    def taken(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


FORMATS = {
    EventFileFormat.JSONL: Format("application/x-ndjson", json_lines),
    EventFileFormat.CSV: Format("text/csv; charset=utf-8", csv),
    EventFileFormat.PARQUET: Format("application/vnd.apache.parquet", parquet),
    EventFileFormat.IR: Format("application/x-ndjson", feedback_events),
}
MEDIA_TYPES = tuple(dict.fromkeys(format.media_type for format in FORMATS.values()))

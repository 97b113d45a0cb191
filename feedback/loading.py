"""Events from a file through the same accept function as HTTP, in bounded memory, safe to run again."""

import gzip
import hashlib
import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from feedback.choices import ItemKind
from feedback.errors import FieldError
from feedback.ingestion import accept, ledger, stream
from feedback.ingestion.items import EventItem
from feedback.ingestion.parsing import RawItem

CHUNK = 500
SHOWN_REASONS = 5
FIELDS = set(EventItem.__struct_fields__)
NAMESPACE = uuid.UUID("6d4f6f0e-54d5-5c6b-9a0c-0d1f8f6a2b11")


class InvalidMapping(ValueError):
    """A --map that cannot be read."""


class UnreadableFile(ValueError):
    """A file of a kind that is not read here, or that is damaged."""


@dataclass(frozen=True)
class Mapping:
    """column → field: `field` is an event's, or `metadata.KEY`; numbers are multiplied by `factor`."""

    column: str
    field: str
    factor: float | None = None


@dataclass
class Report:
    """What became of a file's rows. `settled` counts what the ledger says once the writer has written them."""

    accepted: int = 0
    repeated: int = 0
    rejected: int = 0
    reasons: list[str] = field(default_factory=list)
    batch_ids: list[uuid.UUID] = field(default_factory=list)

    def add(self, receipt: accept.Receipt) -> None:
        self.accepted += len(receipt.ids)
        self.repeated += len(receipt.duplicates)
        self.rejected += len(receipt.rejected)
        if receipt.ids:
            self.batch_ids.append(receipt.batch_id)
        for item in receipt.rejected[: SHOWN_REASONS - len(self.reasons)]:
            self.reasons.append(f"row {item.index + 1}: {'; '.join(error.message for error in item.errors)}")


def parse_mapping(text: str) -> Mapping:
    """`column=field`, `column=field*1000` to change a unit, `column=metadata.key`, `column=` to leave it out."""
    column, separator, target = text.partition("=")
    name, _, factor = target.partition("*")
    known = not name or name in FIELDS or name.startswith("metadata.")
    if not separator or not column or not known:
        raise InvalidMapping(f"{text}: write column=field with a field of an event, or metadata.key, or nothing")
    try:
        return Mapping(column, name, float(factor) if factor else None)
    except ValueError as error:
        raise InvalidMapping(f"{text}: {factor} is not a number") from error


def load(
    path: Path, deployment_id: str, mappings: list[Mapping], *, advance: Callable[[float], None] = lambda share: None
) -> Report:
    """Send every row of the file; `advance` hears the share of the file read so far, from 0 to 1.

    A row without an id gets one made of its deployment, place and content, so that the same file again adds nothing.
    """
    report = Report()
    rows = enumerate(_rows(path, advance))
    while chunk := list(islice(rows, CHUNK)):
        items = [_item(place, row, deployment_id, mappings) for place, row in chunk]
        report.add(_send(items))
    return report


def _send(items: list[RawItem]) -> accept.Receipt:
    while True:
        try:
            return accept.accept(items, ItemKind.EVENT)
        except stream.BacklogFull:
            time.sleep(1)


def settle(report: Report, *, seconds: float) -> ledger.Totals:
    """Wait until the writer has written what was sent, or `seconds` have passed; return the ledger's counts."""
    deadline = time.monotonic() + seconds
    while True:
        totals = ledger.totals_of(report.batch_ids)
        if totals.written == report.accepted or time.monotonic() > deadline:
            return totals
        time.sleep(0.2)


def _item(place: int, row: Any, deployment_id: str, mappings: list[Mapping]) -> RawItem:
    if not isinstance(row, dict):
        return RawItem(place, error=FieldError("", "malformed", "the row is not a JSON object"))
    event = _map(row, mappings)
    event.setdefault("deployment_id", deployment_id)
    try:
        content = msgspec.json.encode(event)
    except (UnicodeEncodeError, TypeError) as error:
        return RawItem(place, error=FieldError("", "malformed", f"the row cannot be sent as JSON: {error}"))
    if event.get("id") is None:
        digest = hashlib.sha256(content).hexdigest()
        event["id"] = str(uuid.uuid5(NAMESPACE, f"{event['deployment_id']} {place} {digest}"))
        content = msgspec.json.encode(event)
    return RawItem(place, content)


def _map(row: dict[str, Any], mappings: list[Mapping]) -> dict[str, Any]:
    """An event of a row: mapped columns, then columns that are named like a field; the others become metadata."""
    mapped = {mapping.column for mapping in mappings}
    event: dict[str, Any] = {}
    metadata = dict(row["metadata"]) if isinstance(row.get("metadata"), dict) else {}
    for mapping in mappings:
        value = row.get(mapping.column)
        if mapping.factor is not None and isinstance(value, int | float):
            value *= mapping.factor
        if value is None or not mapping.field:
            continue
        if mapping.field.startswith("metadata."):
            metadata[mapping.field.removeprefix("metadata.")] = value
        else:
            event[mapping.field] = value
    for column, value in row.items():
        if column in mapped or column == "metadata" or value is None:
            continue
        if column in FIELDS:
            event.setdefault(column, value)
        else:
            metadata[column] = value
    return event | ({"metadata": metadata} if metadata else {})


def _rows(path: Path, advance) -> Iterator[Any]:
    if path.suffix == ".parquet":
        yield from _parquet_rows(path, advance)
    elif path.name.endswith((".jsonl", ".jsonl.gz")):
        yield from _json_rows(path, advance)
    else:
        raise UnreadableFile(f"{path.name}: .jsonl, .jsonl.gz and .parquet are read")


def _json_rows(path: Path, advance) -> Iterator[Any]:
    size = max(path.stat().st_size, 1)
    with path.open("rb") as source, gzip.open(source) if path.suffix == ".gz" else source as lines:
        try:
            for line in lines:
                if line.strip():
                    yield _json_row(line)
                advance(source.tell() / size)
        except (EOFError, gzip.BadGzipFile) as error:
            raise UnreadableFile(f"{path.name}: the gzip data is damaged or cut off ({error})") from error


def _json_row(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _parquet_rows(path: Path, advance) -> Iterator[Any]:
    try:
        source = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise UnreadableFile(f"{path.name}: {error}") from error
    done, total = 0, max(source.metadata.num_rows, 1)
    for batch in source.iter_batches(batch_size=CHUNK):
        yield from batch.to_pylist()
        done += batch.num_rows
        advance(done / total)

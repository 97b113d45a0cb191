"""Events from a file through the same accept function as HTTP, in bounded memory, safe to run again."""

import gzip
import hashlib
import json
import math
import uuid
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from feedback import exact_json
from feedback.choices import ItemKind
from feedback.field_errors import FieldError
from feedback.ingestion import delivery
from feedback.ingestion.delivery import Advance
from feedback.ingestion.items import EventItem
from feedback.ingestion.parsing.bodies import RawItem

CHUNK = 500
FIELDS = set(EventItem.__struct_fields__)
NAMESPACE = uuid.UUID("6d4f6f0e-54d5-5c6b-9a0c-0d1f8f6a2b11")


class InvalidMapping(ValueError):
    """An invalid --map option."""


class UnreadableFile(ValueError):
    """A file of an unsupported type, or a damaged one."""


@dataclass(frozen=True)
class Mapping:
    """column → field: `field` is an event's, or `metadata.KEY`; numbers are multiplied by `factor`."""

    column: str
    field: str
    factor: float | None = None


def parse_mapping(text: str) -> Mapping:
    """`column=field`, `column=field*1000` to change a unit, `column=metadata.key`, `column=` to leave it out."""
    column, separator, target = text.partition("=")
    name, _, factor = target.partition("*")
    known = not name or name in FIELDS or name.startswith("metadata.")
    if not separator or not column or not known:
        raise InvalidMapping(
            f"{text}: expected column=FIELD with a field of an event or metadata.KEY, or column= to leave it out"
        )
    return Mapping(column, name, _factor(text, factor) if factor else None)


def _factor(text: str, factor: str) -> float:
    try:
        number = float(factor)
    except ValueError as error:
        raise InvalidMapping(f"{text}: {factor} is not a number") from error
    if not math.isfinite(number):
        raise InvalidMapping(f"{text}: {factor} is not a usable factor")
    return number


def load(
    path: Path, deployment_id: str, mappings: list[Mapping], *, advance: Advance = lambda percent: None
) -> delivery.Report:
    """Send every row of the file; `advance` hears how many more percent of the file are read.

    Every row belongs to this deployment, unless a column is mapped to deployment_id and holds another.

    A row without an id gets one made of its deployment, place and content, so that the same file again adds nothing.
    """
    report = delivery.Report()
    rows = enumerate(_rows(path, _percents(advance)))
    while chunk := list(islice(rows, CHUNK)):
        items = [_item(place, row, deployment_id, mappings) for place, row in chunk]
        report.add(delivery.send(items, ItemKind.EVENT))
    return report


def _percents(advance: Advance) -> Callable[[float], None]:
    """From the share read so far, 0 to 1, to the whole percents added."""
    done = 0

    def at(share: float) -> None:
        nonlocal done
        if (percent := int(share * 100)) > done:
            advance(percent - done)
            done = percent

    return at


def _item(place: int, row: Any, deployment_id: str, mappings: list[Mapping]) -> RawItem:
    if isinstance(row, FieldError):
        return RawItem(place, error=row)
    if not isinstance(row, dict):
        return RawItem(place, error=_malformed("the row is not a JSON object"))
    event = _map(row, mappings)
    event.setdefault("deployment_id", deployment_id)
    # The encoder would write null for such a number.
    if not _is_finite(event):
        return RawItem(place, error=_malformed("the row contains NaN or an infinite number"))
    try:
        content = exact_json.encode(event)
    except (UnicodeEncodeError, TypeError, OverflowError, RecursionError) as error:
        return RawItem(place, error=_malformed(f"the row cannot be sent as JSON: {error}"))
    if event.get("id") is None:
        digest = hashlib.sha256(content).hexdigest()
        event["id"] = str(uuid.uuid5(NAMESPACE, f"{event['deployment_id']} {place} {digest}"))
        content = exact_json.encode(event)
    return RawItem(place, content)


def _malformed(message: str) -> FieldError:
    return FieldError("", "malformed", message)


def _is_finite(value: Any) -> bool:
    """Whether every number in it is one, counted without recursion."""
    waiting = [value]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, dict):
            waiting.extend(inner.values())
        elif isinstance(inner, list | tuple):
            waiting.extend(inner)
        elif isinstance(inner, float | Decimal) and not math.isfinite(inner):
            return False
    return True


def _map(row: dict[str, Any], mappings: list[Mapping]) -> dict[str, Any]:
    """An event of a row: mapped columns, then columns that are named like a field; the others become metadata."""
    mapped = {mapping.column for mapping in mappings}
    event: dict[str, Any] = {}
    metadata = dict(row["metadata"]) if isinstance(row.get("metadata"), dict) else {}
    for mapping in mappings:
        value = row.get(mapping.column)
        if mapping.factor is not None and isinstance(value, int | float | Decimal):
            value = _times(value, mapping.factor)
        if value is None or not mapping.field:
            continue
        if mapping.field.startswith("metadata."):
            metadata[mapping.field.removeprefix("metadata.")] = value
        else:
            event[mapping.field] = value
    for column, value in row.items():
        if column in mapped or column in {"metadata", "deployment_id"} or value is None:
            continue
        if column in FIELDS:
            event.setdefault(column, value)
        else:
            metadata[column] = value
    return event | ({"metadata": metadata} if metadata else {})


def _times(value: int | float | Decimal, factor: float) -> float:
    try:
        return float(value) * factor
    except OverflowError:
        return math.inf


def _rows(path: Path, advance) -> Iterator[Any]:
    if path.suffix == ".parquet":
        yield from _parquet_rows(path, advance)
    elif path.name.endswith((".jsonl", ".jsonl.gz")):
        yield from json_rows(path, advance)
    else:
        raise UnreadableFile(f"{path.name}: only .jsonl, .jsonl.gz and .parquet are supported")


def json_rows(path: Path, advance: Callable[[float], None] = lambda share: None) -> Iterator[Any]:
    """The rows of JSON Lines, gzipped if the name ends in .gz; None for a line that is none. Raises UnreadableFile."""
    try:
        size = max(path.stat().st_size, 1)
        with path.open("rb") as source, gzip.open(source) if path.suffix == ".gz" else source as lines:
            for line in lines:
                if line.strip():
                    yield _json_row(line)
                advance(source.tell() / size)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UnreadableFile(f"{path.name}: the gzip data is damaged or truncated ({error})") from error
    except OSError as error:
        raise UnreadableFile(f"{path.name}: {error}") from error


def _json_row(line: bytes) -> Any:
    try:
        return json.loads(line, parse_float=exact_json.number)
    except ValueError:
        return None
    except RecursionError:
        return _malformed("the row is nested too deeply")


def _parquet_rows(path: Path, advance) -> Iterator[Any]:
    # ValueError and OverflowError: a value that Python has no type for, such as a time in the year 300,000.
    try:
        with pq.ParquetFile(path) as source:
            done, total = 0, max(source.metadata.num_rows, 1)
            for batch in source.iter_batches(batch_size=CHUNK):
                yield from _in_microseconds(batch).to_pylist()
                done += batch.num_rows
                advance(done / total)
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise UnreadableFile(f"{path.name}: {error}") from error


def _in_microseconds(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Times with nanoseconds, as data frames write them, cut to what Python's have."""
    fields = [
        field.with_type(pa.timestamp("us", field.type.tz))
        if pa.types.is_timestamp(field.type) and field.type.unit == "ns"
        else field
        for field in batch.schema
    ]
    return batch.cast(pa.schema(fields), safe=False)

"""CSV: one row per record, with lists of messages as JSON texts, and no text that a spreadsheet runs as a formula."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

import msgspec
import pyarrow as pa
from msgspec import Raw

from exports.choices import ColumnKind
from exports.formats.base import Draft, FileFacts, Files, Format, InvalidFile, Package, Table, as_it_is, by_path
from feedback import csv_cells

SUFFIX = ".csv"
ROWS_AT_ONCE = 1_000
BYTES_AT_ONCE = 4 * 2**20
# Python's own limit is below the length of many conversations.
LONGEST_CELL = 2**31 - 1
READ_BYTES = 2**20
# Every other column holds JSON texts.
_ARROW = {ColumnKind.TEXT: pa.string(), ColumnKind.FLOAT: pa.float64(), ColumnKind.FLAG: pa.bool_()}
_VALUES = {
    ColumnKind.TEXT: msgspec.json.Decoder(str | None),
    ColumnKind.FLOAT: msgspec.json.Decoder(float | None),
    ColumnKind.FLAG: msgspec.json.Decoder(bool | None),
}
_FIELDS = msgspec.json.Decoder(dict[str, Raw])
_CELLS: dict[ColumnKind, Callable[[str], Any]] = {
    ColumnKind.TEXT: csv_cells.restored,
    ColumnKind.FLOAT: float,
    ColumnKind.FLAG: {"true": True, "false": False}.__getitem__,
}


def write(draft: Draft, name: str, package: Package) -> Files:
    return {path: _written(draft, path, table) for path, table in by_path(name, SUFFIX, package.tables).items()}


def _written(draft: Draft, path: str, table: Table) -> FileFacts:
    is_first = True
    with draft.create(path) as file:
        for rows in _batches(table):
            file.write(csv_cells.encoded(rows, header=is_first))
            is_first = False
    return file.facts(table.rows)


def _batches(table: Table) -> Iterator[pa.RecordBatch]:
    schema = pa.schema([(name, _ARROW.get(kind, pa.string())) for name, kind in table.columns.items()])
    rows: list[dict[str, Any]] = []
    size = 0
    for line in table.lines():
        rows.append(_values(line, table.columns))
        size += len(line)
        if len(rows) == ROWS_AT_ONCE or size >= BYTES_AT_ONCE:
            yield pa.RecordBatch.from_pylist(rows, schema)
            rows, size = [], 0
    if rows:
        yield pa.RecordBatch.from_pylist(rows, schema)


def _values(line: bytes, columns: Mapping[str, ColumnKind]) -> dict[str, Any]:
    """The values of a record by column: texts, numbers and flags, and the JSON text of everything else."""
    fields = _FIELDS.decode(line)
    return {name: _value(columns[name], raw) for name, raw in fields.items()}


def _value(kind: ColumnKind, raw: Raw) -> Any:
    if decoder := _VALUES.get(kind):
        return decoder.decode(raw)
    return None if bytes(raw) == b"null" else bytes(raw).decode()


def check(draft: Draft, files: Files, package: Package, at_each: Callable[[], None]) -> None:
    """Read every cell with Python's reader and compare it with its record."""
    csv.field_size_limit(LONGEST_CELL)
    # Tables of several files are written in order.
    for (path, written), table in zip(files.items(), package.tables, strict=True):
        hashed = _Hashed(draft.open(path))
        with io.TextIOWrapper(io.BufferedReader(hashed, READ_BYTES), "utf-8", newline="") as file:
            try:
                _compare(csv.reader(file, strict=True), table, at_each)
            except (csv.Error, UnicodeDecodeError) as error:
                raise InvalidFile(f"The written file is not CSV: {error}") from error
            read = FileFacts(table.rows, hashed.bytes, hashed.digest.hexdigest())
        if read != written:
            raise InvalidFile(f"The file was written as {written} and is read back as {read}.")


def _compare(rows: Iterator[list[str]], table: Table, at_each: Callable[[], None]) -> None:
    if next(rows, None) != list(table.columns):
        raise InvalidFile("The header of the written file does not name its columns.")
    number = 0
    for number, line in enumerate(table.lines(), start=1):
        at_each()
        if not _is(next(rows, []), _values(line, table.columns), table.columns):
            raise InvalidFile(f"Row {number} of the written file is not record {number}.")
    if next(rows, None) is not None:
        raise InvalidFile(f"The written file has more than {number} rows.")


def _is(cells: list[str], values: Mapping[str, Any], columns: Mapping[str, ColumnKind]) -> bool:
    """Whether these are the cells of a record; a null is an empty cell."""
    if len(cells) != len(columns):
        return False
    for cell, (name, kind) in zip(cells, columns.items(), strict=True):
        value = values.get(name)
        try:
            if cell != "" if value is None else _CELLS.get(kind, str)(cell) != value:
                return False
        except (KeyError, ValueError):
            return False
    return True


class _Hashed(io.RawIOBase):
    """A file that counts and hashes what is read of it."""

    def __init__(self, file: BinaryIO):
        self._file = file
        self.bytes, self.digest = 0, hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self.bytes += len(data)
        self.digest.update(data)
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


FORMAT = Format("csv", media_type="text/csv", fit=as_it_is, write=write, check=check)

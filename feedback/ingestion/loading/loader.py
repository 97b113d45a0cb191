"""Loads a file: reads what its columns are, shows what becomes of them, and sends or checks every row."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from itertools import islice
from pathlib import Path

from feedback.choices import ItemKind
from feedback.ingestion import delivery
from feedback.ingestion.admitting.admission import admission_of
from feedback.ingestion.delivery import Advance
from feedback.ingestion.items import EventItem, InvalidItem, Item, SignalItem
from feedback.ingestion.loading import columns as columns_of
from feedback.ingestion.loading import known_exports
from feedback.ingestion.loading.columns import Column, InvalidMapping, Mapping
from feedback.ingestion.loading.delimited import delimited_rows
from feedback.ingestion.loading.json_files import document_rows, line_rows
from feedback.ingestion.loading.parquet_files import column_names, parquet_rows
from feedback.ingestion.loading.reader import RowReader
from feedback.ingestion.loading.rows import CHUNK, FileRow, Share, UnreadableFile
from feedback.ingestion.parsing.bodies import RawItem

ITEMS: dict[ItemKind, type[Item]] = {ItemKind.EVENT: EventItem, ItemKind.SIGNAL: SignalItem}

_Rows = Callable[[Path, Share], Iterator[FileRow]]
_READERS: dict[str, _Rows] = {
    ".csv": delimited_rows,
    ".tsv": delimited_rows,
    ".json": document_rows,
    ".jsonl": line_rows,
    ".ndjson": line_rows,
    ".parquet": parquet_rows,
}
SUPPORTED = ", ".join(_READERS)


@dataclass(frozen=True)
class Loading:
    """A file with what becomes of its columns."""

    path: Path
    kind: ItemKind
    columns: list[Column]
    known: known_exports.KnownExport | None
    missing: str
    reader: RowReader
    rows: _Rows

    @property
    def is_by_columns(self) -> bool:
        """Whether every row has the columns of the first."""
        return self.rows in (delimited_rows, parquet_rows)

    def send(self, advance: Advance = lambda percent: None) -> delivery.Report:
        """Send every row; `advance` hears how many more percent of the file are read."""
        report = delivery.Report()
        for items, places in self._chunks(advance):
            report.add(delivery.send(items, self.kind), places)
        return report

    def check(self, advance: Advance = lambda percent: None) -> delivery.Report:
        """Check every row and send nothing."""
        report = delivery.Report()
        for items, places in self._chunks(advance):
            admission = admission_of(self.kind, items)
            for item in items:
                try:
                    admission.admit(item)
                except InvalidItem as error:
                    report.reject(places[item.index], error.errors)
                else:
                    report.accepted += 1
        return report

    def _chunks(self, advance: Advance) -> Iterator[tuple[Sequence[RawItem], dict[int, str]]]:
        rows = self.rows(self.path, _percents(advance))
        while chunk := list(islice(rows, CHUNK)):
            yield [self.reader.item(row) for row in chunk], {row.number: row.place for row in chunk}


def prepare(
    path: Path,
    deployment_id: str,
    *,
    kind: ItemKind = ItemKind.EVENT,
    mappings: Sequence[Mapping] = (),
    constants: dict[str, str] | None = None,
    zone: tzinfo = UTC,
) -> Loading:
    """Find out what becomes of the columns of a file; those of JSON are the keys of its first rows.

    Every row belongs to this deployment, unless a column is mapped to deployment_id and holds another.
    Raises UnreadableFile.
    """
    rows = _reader_of(path)
    names = _names(path, rows)
    item = ITEMS[kind]
    constants = dict(constants or {})
    known = known_exports.recognise(names, item)
    found = list(columns_of.plan(names, mappings, known, item))
    is_text = rows is delimited_rows
    reader = RowReader(
        item,
        deployment_id,
        mappings=mappings,
        constants=constants,
        known=known,
        zone=zone,
        is_text=is_text,
    )
    missing = columns_of.missing(found, mappings, constants, item)
    return Loading(path, kind, found, known, missing, reader, rows)


def check_mappings(loading: Loading, mappings: Sequence[Mapping]) -> None:
    """Raise InvalidMapping for a column that a file of fixed columns does not have."""
    names = [column.name for column in loading.columns]
    for mapping in mappings:
        if loading.is_by_columns and mapping.column not in names:
            close = columns_of.suggestion(mapping.column, names)
            advice = f"; did you mean {close}?" if close else ""
            raise InvalidMapping(f"{mapping.column}={mapping.field}: the file has no column {mapping.column}{advice}")


def file_rows(path: Path) -> Iterator[FileRow]:
    """The rows of a file of any supported type. Raises UnreadableFile."""
    return _reader_of(path)(path, lambda share: None)


def _reader_of(path: Path) -> _Rows:
    suffix = Path(path.stem).suffix if path.suffix == ".gz" else path.suffix
    if suffix.lower() not in _READERS or path.suffix == ".gz" and suffix == ".parquet":
        raise UnreadableFile(f"{path.name}: only {SUPPORTED} are supported, all but .parquet also with .gz at the end")
    return _READERS[suffix.lower()]


def _names(path: Path, rows: _Rows) -> list[str]:
    if rows is parquet_rows:
        return column_names(path)
    names: dict[str, None] = {}
    for row in islice(rows(path, lambda share: None), CHUNK):
        if isinstance(row.value, dict):
            names |= dict.fromkeys(row.value)
    return list(names)


def _percents(advance: Advance) -> Share:
    """From the share read so far, 0 to 1, to the whole percents added."""
    done = 0

    def at(share: float) -> None:
        nonlocal done
        if (percent := int(share * 100)) > done:
            advance(percent - done)
            done = percent

    return at

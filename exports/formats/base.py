"""The interface of formats: write records to files and check the files."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from exports.choices import ColumnKind, LeftOut
from feedback import exact_json

Record = Mapping[str, Any]


class InvalidFile(Exception):
    """A written file does not read back as expected."""


@dataclass(frozen=True)
class FileFacts:
    rows: int
    bytes: int
    sha256: str


class DraftFile(Protocol):
    """A file that is being written: it counts its bytes and computes its hash."""

    def write(self, data: bytes) -> int: ...

    def facts(self, rows: int) -> FileFacts: ...


class Draft(Protocol):
    """The unpublished folder of one export. A name may contain folders: `weekly/data/train.parquet`."""

    def create(self, name: str) -> AbstractContextManager[DraftFile]: ...

    def open(self, name: str) -> BinaryIO: ...

    def write_lines(self, name: str, lines: Iterable[bytes]) -> FileFacts: ...

    def check_lines(
        self, name: str, written: FileFacts, *, problem: Callable[[bytes], str], at_each: Callable[[], None]
    ) -> None: ...


Files = Mapping[str, FileFacts]


@dataclass(frozen=True)
class Table:
    """The records of one product in one split; all tables of a product have the same columns.

    columns: those that some record of the product has. message_keys: the keys that some of its messages have.
    lines: the records as JSON, from the first on at each call; one reader at a time.
    """

    product: str
    split: str
    rows: int
    columns: Mapping[str, ColumnKind]
    message_keys: frozenset[str]
    lines: Callable[[], Iterator[bytes]]

    def records(self) -> Iterator[Record]:
        """The records in order; a number that no float holds is a Decimal."""
        return map(exact_json.decode, self.lines())


@dataclass(frozen=True)
class Package:
    """What an export holds: at least one table, none of them empty, and the manifest that describes them."""

    tables: Sequence[Table]
    manifest: Mapping[str, Any]


Check = Callable[[Draft, Files, Package, Callable[[], None]], None]


@dataclass(frozen=True)
class Format:
    """One way of writing records.

    media_type: that of a single file; a folder is downloaded as a .zip.
    fit: a record of a product as this format holds it, or why it cannot hold it.
    write: writes a package to the draft, as the file `name` with an ending or as a folder `name`, and returns the facts
    of each file by its path. Records are read one at a time: there may be more than fit in memory. The same package
    gives the same bytes.
    check: reads the files back and raises InvalidFile unless they hold the records of the package. It calls its last
    argument at least every few seconds, which raises when another worker has taken over.
    """

    name: str
    media_type: str
    fit: Callable[[str, Record], Record | LeftOut]
    write: Callable[[Draft, str, Package], Files]
    check: Check


def by_path(name: str, suffix: str, tables: Sequence[Table]) -> dict[str, Table]:
    """Where a format of one file writes tables: several splits are files of a folder, so that none is trained on."""
    if len(tables) == 1:
        return {f"{name}{suffix}": tables[0]}
    return {f"{name}/{table.split}{suffix}": table for table in tables}


def as_it_is(product: str, record: Record) -> Record:
    """The fit of a format that holds every record."""
    return record

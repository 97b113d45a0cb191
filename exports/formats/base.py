"""The interface of formats: write records to files and check the files."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from exports.choices import LeftOut

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
class Format:
    """One way of writing records.

    suffix: the end of the published name. A format of several files writes them below the name, as a folder.
    media_type: that of a single file; a folder is downloaded as a .zip.
    fit: a record as this format holds it, or why it cannot hold it.
    write: writes records to the draft, under the name or below it, and returns the facts of each file by its path.
    The records come once, in order, and may be more than fit in memory. The same records give the same bytes.
    check: reads the files back and raises InvalidFile unless they hold what was written. It calls its last
    argument at least every few seconds, which raises when another worker has taken over.
    """

    name: str
    suffix: str
    media_type: str
    fit: Callable[[Record], Record | LeftOut]
    write: Callable[[Draft, str, Iterable[Record]], Files]
    check: Callable[[Draft, Files, Callable[[], None]], None]

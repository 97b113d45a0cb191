"""One row of a file of any kind, and files that cannot be read."""

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from feedback.field_errors import FieldError

CHUNK = 500
MAX_ROW_BYTES = 64 * 1024 * 1024
BUFFER_BYTES = 64 * 1024

Share = Callable[[float], None]


class UnreadableFile(ValueError):
    """A file of an unsupported type, or a damaged one."""


@dataclass(frozen=True)
class FileRow:
    """A row by its number, from 0, and the line on which it starts; value is a FieldError for one that is not read."""

    number: int
    value: Any
    line: int | None = None

    @property
    def place(self) -> str:
        row = self.number + 1
        return f"row {row}" if self.line in (None, row) else f"row {row} (line {self.line})"


def malformed(message: str) -> FieldError:
    return FieldError("", "malformed", message)


@contextmanager
def opened(path: Path, advance: Share) -> Iterator[tuple[io.BufferedReader, Callable[[], None]]]:
    """The bytes of a file, gunzipped if its name ends in .gz, and what to call to report how far it is read.

    Raises UnreadableFile for what goes wrong meanwhile.
    """
    try:
        size = max(path.stat().st_size, 1)
        with path.open("rb") as source, _plain(path, source) as plain:
            yield plain, lambda: advance(source.tell() / size)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UnreadableFile(f"{path.name}: the gzip data is damaged or truncated ({error})") from error
    except (OSError, UnicodeError) as error:
        raise UnreadableFile(f"{path.name}: {error}") from error


def _plain(path: Path, source: BinaryIO) -> io.BufferedReader:
    if path.suffix == ".gz":
        return io.BufferedReader(gzip.open(source), BUFFER_BYTES)  # type: ignore[arg-type]
    return io.BufferedReader(source, BUFFER_BYTES)  # type: ignore[arg-type]

"""Where files lie: one folder, files written aside, checked and renamed into place once."""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import orjson
from django.conf import settings

SCHEME = "file://"
TEMPORARY_PREFIX, TEMPORARY_SUFFIX = ".exp-", ".tmp"


class UnsupportedStorage(Exception):
    def __init__(self, url: str):
        super().__init__(f"EXPORT_URL is {url!r}; it has to begin with {SCHEME} and name a folder.")


class InvalidFile(Exception):
    """A written file does not read back as what it should be."""


@dataclass(frozen=True)
class FileFacts:
    rows: int
    bytes: int
    sha256: str


def folder() -> Path:
    """The folder of EXPORT_URL, made if it is missing. The path is taken as it stands: a space is a space."""
    if not settings.EXPORT_URL.startswith(f"{SCHEME}/"):
        raise UnsupportedStorage(settings.EXPORT_URL)
    path = Path(settings.EXPORT_URL.removeprefix(SCHEME))
    path.mkdir(parents=True, exist_ok=True)
    return path


def temporary_file(token: UUID) -> Path:
    """The file in which the holder of this lease writes: beside the published ones, so that a rename is atomic."""
    return folder() / f"{TEMPORARY_PREFIX}{token}{TEMPORARY_SUFFIX}"


def write_lines(path: Path, lines: Iterable[bytes]) -> None:
    """Write lines, each ended by a newline, and have them on the disk when this returns."""
    with path.open("wb") as file:
        for line in lines:
            file.write(line)
            file.write(b"\n")
        file.flush()
        os.fsync(file.fileno())


def check_lines(path: Path) -> FileFacts:
    """Read a file of JSON lines back from the disk. Raises InvalidFile for a line that is not one JSON object."""
    digest, rows, size = hashlib.sha256(), 0, 0
    with path.open("rb") as file:
        for line in file:
            rows, size = rows + 1, size + len(line)
            digest.update(line)
            try:
                complete = line.endswith(b"\n") and isinstance(orjson.loads(line), dict)
            except orjson.JSONDecodeError as error:
                raise InvalidFile(f"Line {rows} of the written file is not JSON: {error}") from error
            if not complete:
                raise InvalidFile(f"Line {rows} of the written file is not one whole JSON object.")
    return FileFacts(rows, size, digest.hexdigest())


def publish(temporary: Path, name: str) -> None:
    """Rename a written file into place and have the name on the disk when this returns."""
    os.replace(temporary, temporary.parent / name)
    descriptor = os.open(temporary.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def open_published(name: str) -> BinaryIO:
    """Raises FileNotFoundError when somebody took the file away."""
    return (folder() / name).open("rb")


def temporary_files() -> dict[str, Path]:
    """The unfinished files by the token of their lease."""
    found = folder().glob(f"{TEMPORARY_PREFIX}*{TEMPORARY_SUFFIX}")
    return {path.name.removeprefix(TEMPORARY_PREFIX).removesuffix(TEMPORARY_SUFFIX): path for path in found}

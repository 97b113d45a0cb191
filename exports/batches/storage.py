"""Files at EXPORT_URL: written under `.unfinished`, read back, and moved to their name once verified.

A move is a rename on a file system and a server-side copy in an object store. A copy appears completely or not at all,
and the batch lists it only afterwards.
"""

import hashlib
import io
import os
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from posixpath import basename, dirname
from typing import BinaryIO

from fsspec.implementations.local import LocalFileSystem
from fsspec.spec import AbstractBufferedFile

from exports.batches.target import ExportTarget, TargetUnusable, readable_errors, target
from exports.formats.base import FileFacts, InvalidFile

UNFINISHED = ".unfinished"
# Upload part held in memory. S3 allows 10,000 parts per file, so files can have up to 156 GiB.
WRITE_BLOCK_BYTES = 16 * 2**20
# Read-ahead doubles the memory held.
READ_BLOCK_BYTES = 2**20


class DraftFile:
    """A file that is being written: it counts its bytes and computes its hash."""

    def __init__(self, file: BinaryIO):
        self._file = file
        self._digest = hashlib.sha256()
        self._size = 0

    def write(self, data: bytes) -> int:
        with readable_errors():
            self._file.write(data)
        self._digest.update(data)
        self._size += len(data)
        return len(data)

    def facts(self, rows: int) -> FileFacts:
        return FileFacts(rows, self._size, self._digest.hexdigest())


class Draft:
    """The files that the holder of one lease writes. They are invisible until published."""

    def __init__(self, token: uuid.UUID | str):
        self._target = target()
        self._folder = self._target.path(UNFINISHED, str(token))

    @contextmanager
    def create(self, name: str) -> Iterator[DraftFile]:
        """Create a file that is durable when the block ends and discarded if the block raises."""
        file = self._create(name)
        try:
            yield DraftFile(file)
            with readable_errors():
                _finish(file, self._target)
        except BaseException:
            _discard(file)
            raise

    def open(self, name: str) -> BinaryIO:
        """Open a file of the draft for reading back."""
        with readable_errors():
            return _open(self._target, f"{self._folder}/{name}")

    def write_lines(self, name: str, lines: Iterable[bytes]) -> FileFacts:
        """Write lines, each with a newline; they are durable when this returns."""
        rows = 0
        with self.create(name) as file:
            for line in lines:
                file.write(line + b"\n")
                rows += 1
        return file.facts(rows)

    def check_lines(
        self, name: str, written: FileFacts, *, problem: Callable[[bytes], str], at_each: Callable[[], None]
    ) -> None:
        """Read lines back, calling `at_each` for each. Raises InvalidFile unless they match what was written.

        problem: returns what is wrong with a line including its newline, or an empty string.
        """
        digest, rows, size = hashlib.sha256(), 0, 0
        for line in self._lines(name):
            at_each()
            rows, size = rows + 1, size + len(line)
            digest.update(line)
            if found := problem(line):
                raise InvalidFile(f"Line {rows} of the written file {found}")
        read = FileFacts(rows, size, digest.hexdigest())
        if read != written:
            raise InvalidFile(f"The file was written as {written} and is read back as {read}.")

    def publish(self, name: str) -> None:
        """Move a file or folder to its name below EXPORT_URL, replacing an existing one."""
        files, source, destination = self._target.files, f"{self._folder}/{name}", self._target.path(name)
        with readable_errors():
            if files.isdir(destination):
                files.rm(destination, recursive=True)
            if isinstance(files, LocalFileSystem):
                files.makedirs(dirname(destination), exist_ok=True)
                os.replace(source, destination)
                _sync_folder(dirname(destination))
                return
            for path in files.find(source):
                moved_to = destination + path.removeprefix(source)
                if moved_to != destination:
                    files.makedirs(dirname(moved_to), exist_ok=True)
                files.mv(path, moved_to)

    def drop(self) -> None:
        """Remove unpublished files, including parts of incomplete uploads."""
        with readable_errors():
            with suppress(FileNotFoundError):
                self._target.files.rm(self._folder, recursive=True)
            for key, upload_id in _partial_uploads(self._target, self._folder):
                self._target.files.abort_mpu(_bucket(self._target), key, upload_id)

    def _create(self, name: str) -> BinaryIO:
        files, path = self._target.files, f"{self._folder}/{name}"
        with readable_errors():
            try:
                return files.open(path, "wb", block_size=WRITE_BLOCK_BYTES)
            except FileNotFoundError:
                # Only on failure: an object store has no folders and would create a bucket instead.
                files.makedirs(dirname(path), exist_ok=True)
                return files.open(path, "wb", block_size=WRITE_BLOCK_BYTES)

    def _lines(self, name: str) -> Iterator[bytes]:
        with io.BufferedReader(self.open(name), READ_BLOCK_BYTES) as file:
            while True:
                with readable_errors():
                    line = file.readline()
                if not line:
                    return
                yield line


def _finish(file: BinaryIO, where: ExportTarget) -> None:
    if isinstance(where.files, LocalFileSystem):
        file.flush()
        os.fsync(file.fileno())
        _sync_folder(dirname(file.path))
    file.close()


def _discard(file: BinaryIO) -> None:
    """Close a file without completing its upload, as a plain close would."""
    # If the server is unavailable, the sweep removes the rest.
    with suppress(TargetUnusable), readable_errors():
        if isinstance(file, AbstractBufferedFile):
            file.closed = True
            file.discard()
        else:
            file.close()


def _sync_folder(path: str) -> None:
    """Flush the entries of a folder to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _open(where: ExportTarget, path: str) -> BinaryIO:
    return where.files.open(path, "rb", block_size=READ_BLOCK_BYTES)


def _bucket(where: ExportTarget) -> str:
    return where.folder.partition("/")[0]


def _partial_uploads(where: ExportTarget, folder: str) -> list[tuple[str, str]]:
    """Key and id of each incomplete S3 upload below a folder; these are not listed as files."""
    if not hasattr(where.files, "abort_mpu"):
        return []
    prefix = f"{folder.partition('/')[2]}/"
    found = where.files.call_s3("list_multipart_uploads", Bucket=_bucket(where), Prefix=prefix)
    return [(upload["Key"], upload["UploadId"]) for upload in found.get("Uploads", [])]


def unfinished() -> set[str]:
    """The tokens of all drafts with remaining files or uploads."""
    where = target()
    folder = where.path(UNFINISHED)
    with readable_errors():
        try:
            paths = where.files.ls(folder, detail=False)
        except FileNotFoundError:
            paths = []
        partial = _partial_uploads(where, folder)
    uploading = {key.partition(f"{UNFINISHED}/")[2].partition("/")[0] for key, _ in partial}
    return uploading | {basename(path.rstrip("/")) for path in paths}


def open_published(name: str) -> BinaryIO:
    """Open a published file. Raises FileNotFoundError if it is missing."""
    where = target()
    with readable_errors(FileNotFoundError):
        return _open(where, where.path(name))


def exists(name: str) -> bool:
    """Whether there is a file or folder of this name."""
    where = target()
    with readable_errors():
        return where.files.exists(where.path(name))


def missing(names: Iterable[str]) -> list[str]:
    """Return the published files that are missing."""
    where = target()
    with readable_errors():
        return [name for name in names if not where.files.isfile(where.path(name))]


def remove(name: str) -> None:
    """Remove a published file or folder, if it exists."""
    where = target()
    with readable_errors(), suppress(FileNotFoundError):
        where.files.rm(where.path(name), recursive=True)


def probe() -> None:
    """Write, read and remove a small file, as an export does. Raises TargetUnusable or InvalidFile."""
    draft = Draft(uuid.uuid4())
    written = draft.write_lines("probe", [b"probe"])
    draft.check_lines("probe", written, problem=lambda line: "", at_each=lambda: None)
    draft.drop()

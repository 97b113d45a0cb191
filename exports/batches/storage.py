"""Files at EXPORT_URL: written under `.unfinished`, read back, and moved to their name when they are right.

A move is a rename on a file system. An object store copies on its side instead; a copy appears there whole or not at
all, and the batch names it only afterwards.
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

from exports.batches.target import ExportTarget, TargetUnusable, in_words, target
from exports.formats.base import FileFacts, InvalidFile

UNFINISHED = ".unfinished"
# What a worker holds of an upload. S3 takes 10,000 parts of a file, so this allows for 156 GiB.
WRITE_BLOCK_BYTES = 16 * 2**20
# A file is read ahead by as much as was asked for, so twice this is held.
READ_BLOCK_BYTES = 2**20


class DraftFile:
    """A file that is being written: it counts its bytes and computes its hash."""

    def __init__(self, file: BinaryIO):
        self._file = file
        self._digest = hashlib.sha256()
        self._size = 0

    def write(self, data: bytes) -> int:
        with in_words():
            self._file.write(data)
        self._digest.update(data)
        self._size += len(data)
        return len(data)

    def facts(self, rows: int) -> FileFacts:
        return FileFacts(rows, self._size, self._digest.hexdigest())


class Draft:
    """What the holder of one lease writes. Nobody is shown any of it before it is published."""

    def __init__(self, token: uuid.UUID | str):
        self._target = target()
        self._folder = self._target.path(UNFINISHED, str(token))

    @contextmanager
    def create(self, name: str) -> Iterator[DraftFile]:
        """A new file, kept by the target when the block ends; nothing of it is when the block raises."""
        file = self._create(name)
        try:
            yield DraftFile(file)
            with in_words():
                _finish(file, self._target)
        except BaseException:
            _give_up(file)
            raise

    def open(self, name: str) -> BinaryIO:
        """A file of the draft, read back from the target."""
        with in_words():
            return _open(self._target, f"{self._folder}/{name}")

    def write_lines(self, name: str, lines: Iterable[bytes]) -> FileFacts:
        """Write lines, each ended by a newline, and have them kept by the target when this returns."""
        rows = 0
        with self.create(name) as file:
            for line in lines:
                file.write(line + b"\n")
                rows += 1
        return file.facts(rows)

    def check_lines(
        self, name: str, written: FileFacts, *, problem: Callable[[bytes], str], at_each: Callable[[], None]
    ) -> None:
        """Read lines back from the target, calling `at_each` at each. Raises InvalidFile unless all is as written.

        problem: what is wrong with a line and its end; empty if nothing is.
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
        """Move a file, or a folder of files, to its name below EXPORT_URL, over what is there already."""
        files, source, destination = self._target.files, f"{self._folder}/{name}", self._target.path(name)
        with in_words():
            if files.isdir(destination):
                files.rm(destination, recursive=True)
            if isinstance(files, LocalFileSystem):
                os.replace(source, destination)
                _sync_folder(dirname(destination))
                return
            for path in files.find(source):
                moved_to = destination + path.removeprefix(source)
                if moved_to != destination:
                    files.makedirs(dirname(moved_to), exist_ok=True)
                files.mv(path, moved_to)

    def drop(self) -> None:
        """Remove what was not published, parts of an upload that nobody completed as well."""
        with in_words():
            with suppress(FileNotFoundError):
                self._target.files.rm(self._folder, recursive=True)
            for key, upload_id in _partial_uploads(self._target, self._folder):
                self._target.files.abort_mpu(_bucket(self._target), key, upload_id)

    def _create(self, name: str) -> BinaryIO:
        files, path = self._target.files, f"{self._folder}/{name}"
        with in_words():
            try:
                return files.open(path, "wb", block_size=WRITE_BLOCK_BYTES)
            except FileNotFoundError:
                # Only here: an object store has no folders, and asked for one it would make a bucket.
                files.makedirs(dirname(path), exist_ok=True)
                return files.open(path, "wb", block_size=WRITE_BLOCK_BYTES)

    def _lines(self, name: str) -> Iterator[bytes]:
        with io.BufferedReader(self.open(name), READ_BLOCK_BYTES) as file:
            while True:
                with in_words():
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


def _give_up(file: BinaryIO) -> None:
    """Close a file without completing its upload, which closing alone would do."""
    # What a server that is away keeps is removed by the sweep.
    with suppress(TargetUnusable), in_words():
        if isinstance(file, AbstractBufferedFile):
            file.closed = True
            file.discard()
        else:
            file.close()


def _sync_folder(path: str) -> None:
    """Have the names in a folder on the disk when this returns."""
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
    """Key and id of each upload to S3 below a folder that was begun and not completed; it shows as no file."""
    if not hasattr(where.files, "abort_mpu"):
        return []
    prefix = f"{folder.partition('/')[2]}/"
    found = where.files.call_s3("list_multipart_uploads", Bucket=_bucket(where), Prefix=prefix)
    return [(upload["Key"], upload["UploadId"]) for upload in found.get("Uploads", [])]


def unfinished() -> set[str]:
    """The tokens of all drafts that something is left of."""
    where = target()
    folder = where.path(UNFINISHED)
    with in_words():
        try:
            paths = where.files.ls(folder, detail=False)
        except FileNotFoundError:
            paths = []
        partial = _partial_uploads(where, folder)
    uploading = {key.partition(f"{UNFINISHED}/")[2].partition("/")[0] for key, _ in partial}
    return uploading | {basename(path.rstrip("/")) for path in paths}


def open_published(name: str) -> BinaryIO:
    """Raises FileNotFoundError when the file is not there any more."""
    where = target()
    with in_words(FileNotFoundError):
        return _open(where, where.path(name))


def missing(names: Iterable[str]) -> list[str]:
    """Which of these published files are not there any more."""
    where = target()
    with in_words():
        return [name for name in names if not where.files.isfile(where.path(name))]


def remove(name: str) -> None:
    """Remove a published file, or a folder of files; nothing if it is gone already."""
    where = target()
    with in_words(), suppress(FileNotFoundError):
        where.files.rm(where.path(name), recursive=True)


def probe() -> None:
    """Write, read and remove a small file, as an export does. Raises TargetUnusable or InvalidFile."""
    draft = Draft(uuid.uuid4())
    written = draft.write_lines("probe", [b"probe"])
    draft.check_lines("probe", written, problem=lambda line: "", at_each=lambda: None)
    draft.drop()

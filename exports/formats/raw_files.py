"""Files of a draft as bytes: written whole or by pyarrow, and read back."""

import hashlib
from collections.abc import Callable

import pyarrow as pa

from exports.formats.base import Draft, DraftFile, FileFacts, InvalidFile

READ_BLOCK_BYTES = 2**20


class _Sink:
    """A draft file as pyarrow wants files; closing it leaves the draft file open."""

    closed = False

    def __init__(self, file: DraftFile):
        self._file = file

    def write(self, data: bytes) -> int:
        return self._file.write(data)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True


def sink(file: DraftFile) -> pa.PythonFile:
    """The draft file for pyarrow to write to."""
    return pa.PythonFile(_Sink(file), mode="w")


def write_bytes(draft: Draft, name: str, content: bytes) -> FileFacts:
    """Write a file that holds no records."""
    with draft.create(name) as file:
        file.write(content)
    return file.facts(0)


def check_bytes(draft: Draft, name: str, written: FileFacts, at_each: Callable[[], None]) -> None:
    """Read a file back, calling `at_each` for each block. Raises InvalidFile unless its bytes are those written."""
    digest, size = hashlib.sha256(), 0
    with draft.open(name) as file:
        while block := file.read(READ_BLOCK_BYTES):
            at_each()
            digest.update(block)
            size += len(block)
    if (size, digest.hexdigest()) != (written.bytes, written.sha256):
        raise InvalidFile(f"{name} was written as {written} and is read back with other bytes, {size} of them.")

"""A streamed .zip that holds only one block of one file in memory."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO
from zipfile import ZipFile, ZipInfo

BLOCK_BYTES = 2**20


class _Sink:
    """Buffers what the archive writes until it is sent. Not seekable, so sizes follow their content."""

    def __init__(self):
        self._waiting: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._waiting.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        taken, self._waiting = b"".join(self._waiting), []
        return taken


def zipped(entries: Iterable[tuple[str, BinaryIO]]) -> Iterator[bytes]:
    """Yield an archive of these files, closing each once read. The same files give the same bytes."""
    sink = _Sink()
    with ZipFile(sink, "w") as archive:
        for name, file in entries:
            with file, archive.open(ZipInfo(name), "w", force_zip64=True) as entry:
                while block := file.read(BLOCK_BYTES):
                    entry.write(block)
                    yield sink.take()
    yield sink.take()

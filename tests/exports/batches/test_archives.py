import io
import tracemalloc
from zipfile import ZipFile

from exports.batches import archives

MIB = 2**20


class Zeros(io.RawIOBase):
    """A file of that many zero bytes which is nowhere."""

    def __init__(self, size):
        self.left = size

    def read(self, size=-1):
        block = bytes(min(size, self.left))
        self.left -= len(block)
        return block


def test_an_archive_gives_back_its_files():
    files = {"weekly/a.jsonl": b"{}\n" * 5, "weekly/é/b.jsonl": b"", "weekly/c": bytes(3 * MIB)}

    content = b"".join(archives.zipped((name, io.BytesIO(data)) for name, data in files.items()))

    with ZipFile(io.BytesIO(content)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == files


def test_an_archive_holds_a_block_at_a_time():
    tracemalloc.start()

    size = sum(len(block) for block in archives.zipped([("a", Zeros(100 * MIB)), ("b", Zeros(100 * MIB))]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert 200 * MIB < size < 200 * MIB + 1_000
    assert peak < 8 * MIB


def test_files_are_closed_when_the_reader_goes_away():
    file = io.BytesIO(bytes(3 * MIB))
    blocks = archives.zipped([("a", file)])

    next(blocks)
    blocks.close()

    assert file.closed

"""Lines on the worker's own disk, between the rows of a set and the files of its export."""

from collections.abc import Iterator
from errno import EDQUOT, ENOSPC
from tempfile import TemporaryFile, gettempdir


class NoSpace(Exception):
    def __init__(self):
        super().__init__(f"The temporary folder of the worker ({gettempdir()}) is full. Free some space there.")


class Spool:
    """Lines in a file that no folder lists, so that nothing is left of it when the process ends."""

    def __init__(self):
        self._file = TemporaryFile()  # noqa: SIM115  closed by `close`
        self.lines = 0

    def add(self, line: bytes) -> None:
        """Append a line, which has no line end. Raises NoSpace."""
        try:
            self._file.write(line + b"\n")
        except OSError as error:
            raise _readable(error) from error
        self.lines += 1

    def __iter__(self) -> Iterator[bytes]:
        """The lines from the first on; one reader at a time. Raises NoSpace."""
        try:
            self._file.seek(0)
        except OSError as error:  # What was still in memory did not fit.
            raise _readable(error) from error
        return (line[:-1] for line in self._file)

    def close(self) -> None:
        self._file.close()


def _readable(error: OSError) -> Exception:
    return NoSpace() if error.errno in (ENOSPC, EDQUOT) else error

"""A connection whose client has a bounded time to send a request, however it spends it."""

import re
import socket
import time

from gunicorn.workers.gthread import TConn

# A request reaches a thread once its head, and this much of its body, is there.
GATHERED_BYTES = 64 * 1024
HEAD_SECONDS = 10
# What is left of a larger body may take this long, and a second more for each of these.
BODY_SECONDS = 15
BODY_BYTES_PER_SECOND = 128 * 1024
# A client that reads nothing of its answer for this long is given up.
ANSWER_SECONDS = 60
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,15})[ \t]*\r\n")


class Connection(TConn):
    """A client's connection; `begun` is what it sent of its next request before a thread takes it."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.begun = bytearray()
        self.reader: _BoundedReader | None = None

    def receive(self) -> bool:
        """Read what has arrived; False when the client has closed the connection."""
        try:
            piece = self.sock.recv(GATHERED_BYTES)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self.begun += piece
        return bool(piece)

    def is_ready(self) -> bool:
        """Whether a thread can go on with the request without waiting for a slow client."""
        end = self.begun.find(b"\r\n\r\n")
        if end < 0:
            return len(self.begun) >= GATHERED_BYTES
        head = bytes(self.begun[: end + 2]).lower()
        if b"\r\nexpect:" in head:
            return True
        length = _LENGTH.search(head)
        return len(self.begun) - end - 4 >= min(int(length[1]) if length else 0, GATHERED_BYTES)

    def first_line(self) -> tuple[str, str]:
        """The method and the path of the next request, empty where it has none."""
        line = bytes(self.begun[:GATHERED_BYTES]).lstrip().partition(b"\r\n")[0].decode("latin-1")
        method, _, target = line.partition(" ")
        return method, target.partition(" ")[0].partition("?")[0]

    def init(self) -> None:
        """Prepare the parser for one request; called in the thread, before it is read."""
        super().init()
        self.sock.settimeout(ANSWER_SECONDS)
        self.parser.unreader.sock = self.reader = _BoundedReader(self.sock)
        if self.begun:
            self.parser.unreader.unread(bytes(self.begun))
            self.begun.clear()


class _BoundedReader:
    """Reads from a socket until the client's time is over; then the connection seems closed."""

    def __init__(self, source: socket.socket):
        self._source = source
        self._deadline = time.monotonic() + BODY_SECONDS
        self.is_over = False

    def recv(self, size: int) -> bytes:
        left = self._deadline - time.monotonic()
        piece = self._receive(size, left) if left > 0 else b""
        self.is_over = self.is_over or not piece
        self._deadline += len(piece) / BODY_BYTES_PER_SECOND
        return piece

    def _receive(self, size: int, seconds: float) -> bytes:
        self._source.settimeout(seconds)
        try:
            return self._source.recv(size)
        except TimeoutError:
            return b""
        finally:
            self._source.settimeout(ANSWER_SECONDS)

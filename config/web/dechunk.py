"""Reads chunked bodies, which Django would see as empty, and drains the bodies of rejected requests."""

import io
import json
import time
from collections.abc import Iterable
from wsgiref.types import InputStream, StartResponse, WSGIApplication, WSGIEnvironment

STEP_BYTES = 64 * 1024
# A rejected body is drained up to this multiple of the limit, for at most this long.
DRAINED = 4
DRAIN_SECONDS = 10


class Dechunk:
    """Reads a chunked body before the application does; rejects bodies over `max_bytes` with 413."""

    def __init__(self, application: WSGIApplication, *, max_bytes: int):
        self.application = application
        self.max_bytes = max_bytes

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if _is_chunked(environ):
            body = _read(environ["wsgi.input"], self.max_bytes)
            if body is None:
                return self._reject(environ, start_response)
            del environ["HTTP_TRANSFER_ENCODING"]
            environ["CONTENT_LENGTH"] = str(len(body))
            environ["wsgi.input"] = io.BytesIO(body)
        elif _announced(environ) > self.max_bytes:
            return self._reject(environ, start_response)
        answer = self.application(environ, start_response)
        self._drain(environ)
        return answer

    def _reject(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        message = f"The body has more than {self.max_bytes} bytes (INGEST_MAX_BODY_BYTES)."
        answer = json.dumps({"errors": [{"field": "", "code": "too_large", "message": message}]}).encode()
        self._drain(environ)
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))]
        start_response("413 Content Too Large", headers)
        return [answer]

    def _drain(self, environ: WSGIEnvironment) -> None:
        """Read the unread rest: a client still sending when its connection closes never sees the response."""
        if not _has_end(environ):
            return
        left, deadline = DRAINED * self.max_bytes, time.monotonic() + DRAIN_SECONDS
        while left > 0 and time.monotonic() < deadline and (piece := environ["wsgi.input"].read(STEP_BYTES)):
            left -= len(piece)


def _is_chunked(environ: WSGIEnvironment) -> bool:
    return "HTTP_TRANSFER_ENCODING" in environ and _has_end(environ)


def _has_end(environ: WSGIEnvironment) -> bool:
    # Without a marked end, reading all of the input would block.
    return environ.get("wsgi.input_terminated", False)


def _announced(environ: WSGIEnvironment) -> int:
    length = environ.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() else 0


def _read(source: InputStream, max_bytes: int) -> bytes | None:
    """The whole body, or None when it has more than max_bytes."""
    body = bytearray()
    while piece := source.read(STEP_BYTES):
        body += piece
        if len(body) > max_bytes:
            return None
    return bytes(body)

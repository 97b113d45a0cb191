"""Reads what Django does not: chunked bodies, which it would find empty, and what a refusal leaves of a body."""

import io
import json
import time
from collections.abc import Iterable
from wsgiref.types import InputStream, StartResponse, WSGIApplication, WSGIEnvironment

STEP_BYTES = 64 * 1024
# How much of a body that is refused is read for nothing: so many times the bound, for so long.
DRAINED = 4
DRAIN_SECONDS = 10


class Dechunk:
    """Reads a chunked body before the application does; any of more than `max_bytes` is answered 413."""

    def __init__(self, application: WSGIApplication, *, max_bytes: int):
        self.application = application
        self.max_bytes = max_bytes

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if _is_chunked(environ):
            body = _read(environ["wsgi.input"], self.max_bytes)
            if body is None:
                return self._refuse(environ, start_response)
            del environ["HTTP_TRANSFER_ENCODING"]
            environ["CONTENT_LENGTH"] = str(len(body))
            environ["wsgi.input"] = io.BytesIO(body)
        elif _announced(environ) > self.max_bytes:
            return self._refuse(environ, start_response)
        answer = self.application(environ, start_response)
        self._drain(environ)
        return answer

    def _refuse(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        message = f"The body has more than {self.max_bytes} bytes (INGEST_MAX_BODY_BYTES)."
        answer = json.dumps({"errors": [{"field": "", "code": "too_large", "message": message}]}).encode()
        self._drain(environ)
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))]
        start_response("413 Content Too Large", headers)
        return [answer]

    def _drain(self, environ: WSGIEnvironment) -> None:
        """Read what nobody read: a client that still sends when its connection closes never sees the answer."""
        if not _has_end(environ):
            return
        left, deadline = DRAINED * self.max_bytes, time.monotonic() + DRAIN_SECONDS
        while left > 0 and time.monotonic() < deadline and (piece := environ["wsgi.input"].read(STEP_BYTES)):
            left -= len(piece)


def _is_chunked(environ: WSGIEnvironment) -> bool:
    return "HTTP_TRANSFER_ENCODING" in environ and _has_end(environ)


def _has_end(environ: WSGIEnvironment) -> bool:
    # Only a server that marks the end of the input may be asked for all of it.
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

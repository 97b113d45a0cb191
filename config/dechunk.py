"""Gives a chunked request body its length: WSGI knows no body without one, so Django would read nothing."""

import io
import json
from collections.abc import Iterable
from wsgiref.types import InputStream, StartResponse, WSGIApplication, WSGIEnvironment

STEP_BYTES = 64 * 1024


class Dechunk:
    """Reads a chunked body of at most `max_bytes` before the application does; a larger one is answered 413."""

    def __init__(self, application: WSGIApplication, *, max_bytes: int):
        self.application = application
        self.max_bytes = max_bytes

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not _is_chunked(environ):
            return self.application(environ, start_response)
        body = _read(environ["wsgi.input"], self.max_bytes)
        if body is None:
            return _refuse(self.max_bytes, start_response)
        del environ["HTTP_TRANSFER_ENCODING"]
        environ["CONTENT_LENGTH"] = str(len(body))
        environ["wsgi.input"] = io.BytesIO(body)
        return self.application(environ, start_response)


def _is_chunked(environ: WSGIEnvironment) -> bool:
    # Only a server that marks the end of the input may be asked for all of it.
    return "HTTP_TRANSFER_ENCODING" in environ and environ.get("wsgi.input_terminated", False)


def _read(source: InputStream, max_bytes: int) -> bytes | None:
    """The whole body, or None when it has more than max_bytes."""
    body = bytearray()
    while piece := source.read(STEP_BYTES):
        body += piece
        if len(body) > max_bytes:
            return None
    return bytes(body)


def _refuse(max_bytes: int, start_response: StartResponse) -> list[bytes]:
    message = f"The body has more than {max_bytes} bytes (INGEST_MAX_BODY_BYTES)."
    answer = json.dumps({"errors": [{"field": "", "code": "too_large", "message": message}]}).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))]
    start_response("413 Content Too Large", headers)
    return [answer]

import io
import json
import os
import socket
import subprocess
import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from django.db import connection

from config.web.dechunk import Dechunk
from feedback import valkey
from feedback.access import keys
from feedback.ingestion import stream
from tests.factories import ALL_SCOPES, StaffFactory

# More than the buffers of a connection hold, so that a client is still sending when it is refused.
MAX_BODY_BYTES = 16 * 2**20
EVENTS = b"".join(
    json.dumps({"deployment_id": "helpdesk", "prompt": f"Question {n}?", "response": "Yes."}).encode() + b"\n"
    for n in range(3)
)
LARGE = [EVENTS * 1_000] * (2 * MAX_BODY_BYTES // len(EVENTS * 1_000))


@pytest.fixture
def web(transactional_db, settings, tmp_path):
    """A client of the real web server, which uses this test's database and stream."""
    valkey.client().flushdb()
    _, secret = keys.create(StaffFactory(), "test", ALL_SCOPES)
    name = connection.settings_dict["NAME"]
    variables = {
        "DATABASE_URL": urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl(),
        "REDIS_URL": settings.REDIS_URL,
        "INGEST_MAX_BODY_BYTES": str(MAX_BODY_BYTES),
    }
    with socket.create_server(("127.0.0.1", 0)) as listener, (tmp_path / "web.log").open("w") as log:
        command = [
            "gunicorn",
            "--config",
            "config/web/gunicorn.py",
            "--bind",
            f"fd://{listener.fileno()}",
            "--workers",
            "1",
        ]
        process = subprocess.Popen(
            [sys.executable, "-m", *command, "config.wsgi"],
            cwd=settings.BASE_DIR,
            env=os.environ | variables,
            pass_fds=[listener.fileno()],
            stdout=log,
            stderr=log,
        )
        client = HTTPConnection(*listener.getsockname(), timeout=60)
        try:
            yield lambda chunks, **options: _post(client, secret, chunks, **options)
        finally:
            client.close()
            process.terminate()
            process.wait()


def _post(client, secret, chunks, is_chunked=True, key=None):
    headers = {"Authorization": f"Bearer {key or secret}", "Content-Type": "application/x-ndjson"}
    body = iter(chunks) if is_chunked else b"".join(chunks)
    client.request("POST", "/api/v1/events", body=body, headers=headers, encode_chunked=is_chunked)
    answer = client.getresponse()
    return answer.status, json.loads(answer.read())


@pytest.mark.slow
def test_chunked_events_are_accepted_by_the_real_web_server(web):
    status, body = web([EVENTS[:50], EVENTS[50:51], EVENTS[51:]])

    assert (status, body["accepted"]) == (202, 3)
    assert stream.backlog().entries == 1


@pytest.mark.slow
@pytest.mark.parametrize("is_chunked", [True, False])
def test_a_body_over_the_limit_is_rejected_after_it_was_sent(web, is_chunked):
    status, body = web(LARGE, is_chunked=is_chunked)

    message = f"The body has more than {MAX_BODY_BYTES} bytes (INGEST_MAX_BODY_BYTES)."
    assert (status, body) == (413, {"errors": [{"field": "", "code": "too_large", "message": message}]})
    assert stream.backlog().entries == 0


@pytest.mark.slow
def test_a_rejected_client_gets_the_reason(web):
    status, body = web(LARGE[: len(LARGE) // 4], is_chunked=False, key="cf_unknown")

    assert (status, body["errors"][0]["code"]) == (401, "authentication_failed")


@pytest.mark.parametrize(("size", "passes"), [(0, True), (MAX_BODY_BYTES, True), (MAX_BODY_BYTES + 1, False)])
@pytest.mark.parametrize("is_chunked", [True, False])
def test_a_body_of_exactly_the_limit_passes(size, passes, is_chunked):
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    marks = chunked if is_chunked else {"CONTENT_LENGTH": str(size)}
    seen, statuses = [], []

    def application(environ, start_response):
        seen.append((environ["CONTENT_LENGTH"], environ["wsgi.input"].read()))
        return []

    body = b"x" * size
    guarded = Dechunk(application, max_bytes=MAX_BODY_BYTES)
    guarded(marks | {"wsgi.input": io.BytesIO(body)}, lambda status, headers: statuses.append(status))

    assert seen == ([(str(size), body)] if passes else [])
    assert statuses == ([] if passes else ["413 Content Too Large"])


@pytest.mark.parametrize(
    "environ",
    [
        {"CONTENT_LENGTH": "1"},
        {"HTTP_TRANSFER_ENCODING": "chunked"},
    ],
    ids=["with a length", "chunked"],
)
def test_without_a_marked_end_nothing_is_read(environ):
    source = object()

    answer = Dechunk(lambda environ, start_response: [environ["wsgi.input"]], max_bytes=1)(
        environ | {"wsgi.input": source}, None
    )

    assert answer == [source]

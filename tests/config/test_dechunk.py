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

from config.dechunk import Dechunk
from feedback import keys
from feedback.ingestion import stream
from tests.factories import ALL_SCOPES, StaffFactory

MAX_BODY_BYTES = 2_000
EVENTS = b"".join(
    json.dumps({"deployment_id": "helpdesk", "prompt": f"Question {n}?", "response": "Yes."}).encode() + b"\n"
    for n in range(3)
)


@pytest.fixture
def web(transactional_db, settings, tmp_path):
    """A client of the real web server, which uses this test's database and stream."""
    stream.client().flushdb()
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
            "config/gunicorn.py",
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
            yield lambda chunks: _post(client, secret, chunks)
        finally:
            client.close()
            process.terminate()
            process.wait()


def _post(client, secret, chunks):
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/x-ndjson"}
    client.request("POST", "/api/v1/events", body=iter(chunks), headers=headers, encode_chunked=True)
    answer = client.getresponse()
    return answer.status, json.loads(answer.read())


@pytest.mark.slow
def test_chunked_events_are_accepted_by_the_real_web_server(web):
    status, body = web([EVENTS[:50], EVENTS[50:51], EVENTS[51:]])

    assert (status, body["accepted"]) == (202, 3)
    assert stream.backlog().entries == 1


@pytest.mark.slow
def test_a_chunked_body_over_the_bound_is_refused_whole(web):
    status, body = web([EVENTS] * 20)

    message = f"The body has more than {MAX_BODY_BYTES} bytes (INGEST_MAX_BODY_BYTES)."
    assert (status, body) == (413, {"errors": [{"field": "", "code": "too_large", "message": message}]})
    assert stream.backlog().entries == 0


@pytest.mark.parametrize(("size", "passes"), [(0, True), (MAX_BODY_BYTES, True), (MAX_BODY_BYTES + 1, False)])
def test_a_body_of_exactly_the_bound_passes(size, passes):
    marks = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
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
        {"CONTENT_LENGTH": "4", "wsgi.input_terminated": True},
        {"HTTP_TRANSFER_ENCODING": "chunked"},
    ],
    ids=["with a length", "from a server that marks no end"],
)
def test_other_requests_are_left_alone(environ):
    source = object()

    answer = Dechunk(lambda environ, start_response: [environ["wsgi.input"]], max_bytes=1)(
        environ | {"wsgi.input": source}, None
    )

    assert answer == [source]

import io
import json
from http.client import HTTPConnection

import pytest

from config.web.dechunk import Dechunk
from feedback import valkey
from feedback.access import keys
from feedback.ingestion import stream
from tests.config.web.real_server import serving
from tests.factories import ALL_SCOPES, StaffFactory

# More than the buffers of a connection hold, so that a client is still sending when it is refused.
MAX_BODY_BYTES = 16 * 2**20
EVENTS = b"".join(
    json.dumps({"deployment_id": "helpdesk", "prompt": f"Question {n}?", "response": "Yes."}).encode() + b"\n"
    for n in range(3)
)
LARGE = [EVENTS * 1_000] * (2 * MAX_BODY_BYTES // len(EVENTS * 1_000))


@pytest.fixture
def web(transactional_db, tmp_path):
    """A client of the real web server, which uses this test's database and stream."""
    valkey.client().flushdb()
    _, secret = keys.create(StaffFactory(), "test", ALL_SCOPES)
    with serving(tmp_path, INGEST_MAX_BODY_BYTES=str(MAX_BODY_BYTES)) as address:
        client = HTTPConnection(*address, timeout=60)
        yield lambda chunks, **options: _post(client, secret, chunks, **options)
        client.close()


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

"""Clients that send slowly or not at all hold up no one else."""

import json
import socket
import time
from contextlib import ExitStack
from http.client import HTTPConnection

import pytest

from config.web.connections import BODY_SECONDS, GATHERED_BYTES, HEAD_SECONDS
from config.web.worker import EVENT_THREADS, MOST_WAITING
from feedback import valkey
from feedback.access import keys
from tests.config.web.real_server import serving
from tests.factories import ALL_SCOPES, StaffFactory

pytestmark = pytest.mark.slow

# More than the server has threads.
MANY = 40
EVENT = json.dumps({"deployment_id": "helpdesk", "prompt": "Where?", "response": "Here."}).encode()
SLACK_SECONDS = 4


@pytest.fixture
def key(transactional_db):
    valkey.client().flushdb()
    return keys.create(StaffFactory(), "test", ALL_SCOPES)[1]


@pytest.fixture
def address(key, tmp_path):
    with serving(tmp_path) as address:
        _get(address, "/healthz")
        yield address


@pytest.fixture
def opened():
    with ExitStack() as stack:
        yield lambda address: stack.enter_context(socket.create_connection(address, timeout=60))


def _get(address, path):
    client = HTTPConnection(*address, timeout=60)
    began = time.monotonic()
    client.request("GET", path)
    status = client.getresponse().status
    client.close()
    return status, time.monotonic() - began


def _head(key, length):
    return (
        f"POST /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


def _answer(client):
    """The status and the body of the next answer of a raw connection."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += client.recv(1)
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(int(line[16:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length: "))
    while len(body) < length:
        body += client.recv(length - len(body))
    return int(head.split()[1]), json.loads(body)


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /healthz HTT", _head("cf_any", 1_000) + b"{", _head("cf_any", 10**6) + b" " * GATHERED_BYTES],
    ids=["silent", "half a head", "small body", "large body"],
)
def test_many_slow_clients_hold_up_no_one_else(address, key, opened, sent):
    for _ in range(MANY):
        opened(address).sendall(sent)
    time.sleep(0.5)

    answers = [_get(address, path) for path in ("/healthz", "/readyz", "/api/v1/deployments")]
    assert [status for status, _ in answers] == [200, 200, 401]
    assert max(seconds for _, seconds in answers) < SLACK_SECONDS
    if len(sent) < GATHERED_BYTES:
        client = opened(address)
        client.sendall(_head(key, len(EVENT)) + EVENT)
        assert _answer(client)[0] == 202


def test_a_silent_client_is_disconnected(address, opened):
    client = opened(address)
    began = time.monotonic()

    assert client.recv(1) == b""
    assert HEAD_SECONDS - 1 < time.monotonic() - began < HEAD_SECONDS + SLACK_SECONDS


def test_a_large_body_that_stops_is_answered_and_disconnected(address, key, opened):
    client = opened(address)
    began = time.monotonic()
    client.sendall(_head(key, 10**6) + b" " * GATHERED_BYTES)

    status, body = _answer(client)
    message = f"Only {GATHERED_BYTES} of 1000000 bytes arrived."
    assert (status, body["errors"]) == (400, [{"field": "", "code": "malformed", "message": message}])
    assert client.recv(1) == b""
    assert time.monotonic() - began < BODY_SECONDS + 2 * SLACK_SECONDS


def test_requests_in_pieces_and_in_a_row_are_answered(address, key, opened):
    client = opened(address)
    request = _head(key, len(EVENT)) + EVENT
    for piece in (request[:10], request[10:-20], request[-20:]):
        client.sendall(piece)
        time.sleep(0.05)
    assert _answer(client)[0] == 202

    client.sendall(request * 3 + request[:50])
    assert [_answer(client)[0] for _ in range(3)] == [202, 202, 202]
    client.sendall(request[50:])
    assert _answer(client)[0] == 202


def test_beyond_the_requests_that_may_wait_ingestion_is_told_to_come_again(address, key, opened):
    for _ in range(EVENT_THREADS + MOST_WAITING):
        opened(address).sendall(_head(key, 10**6) + b" " * GATHERED_BYTES)
    time.sleep(1)

    client = opened(address)
    client.sendall(_head(key, len(EVENT)) + EVENT)

    status, body = _answer(client)
    assert (status, body["errors"][0]["code"]) == (503, "busy")
    assert _get(address, "/healthz")[0] == 200

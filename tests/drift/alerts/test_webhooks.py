"""Signed requests to a real server on loopback, and the places where none may go."""

import errno
import hashlib
import hmac
import socket
import threading
import time

import pytest

from drift.alerts import webhooks
from drift.alerts.webhooks import AlertFailed
from feedback.webhooks import posting
from feedback.webhooks.posting import url_problem
from tests import receiver as receivers

SECRET = "a secret of some length"
BODY = b'{"version":1}'
NOW = 1_778_000_000


@pytest.fixture
def receiver(settings):
    settings.ALERT_PRIVATE_ADDRESSES = True
    with receivers.running() as running:
        yield running


def post(url):
    return webhooks.post(url, BODY, secret=SECRET, delivery="12", timestamp=NOW)


def refused(url):
    with pytest.raises(AlertFailed) as failure:
        post(url)
    return str(failure.value), failure.value.is_temporary, failure.value.http_status


def test_a_request_is_signed_over_its_time_and_body(receiver):
    assert post(f"{receiver.url}/hook?team=ml") == 200

    [(path, headers, body)] = receiver.requests
    expected = hmac.new(SECRET.encode(), b"1778000000." + BODY, hashlib.sha256).hexdigest()
    assert (path, body) == ("/hook?team=ml", BODY)
    assert headers["X-Crucible-Signature"] == f"sha256={expected}"
    assert (headers["X-Crucible-Timestamp"], headers["X-Crucible-Delivery"]) == ("1778000000", "12")
    assert headers["Content-Type"] == "application/json"
    assert headers["Host"] == receiver.url.removeprefix("http://")


def test_a_signature_is_worth_nothing_with_another_time_body_or_secret():
    signed = webhooks.signature(SECRET, NOW, BODY)

    others = [(SECRET, NOW + 1, BODY), (SECRET, NOW, BODY + b" "), (SECRET + "x", NOW, BODY)]
    assert signed not in [webhooks.signature(*other) for other in others]


@pytest.mark.parametrize(
    ("status", "is_temporary", "what"),
    [
        (400, False, "expected 2xx"),
        (401, False, "expected 2xx"),
        (410, False, "expected 2xx"),
        (408, True, "expected 2xx"),
        (425, True, "expected 2xx"),
        (429, True, "expected 2xx"),
        (500, True, "expected 2xx"),
        (503, True, "expected 2xx"),
    ],
)
def test_a_response_other_than_2xx_is_a_failure(receiver, status, is_temporary, what):
    receiver.answers = [(status, {})]

    host = receiver.url.removeprefix("http://")
    assert refused(receiver.url) == (f"{host} responded with {status}; {what}.", is_temporary, status)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(receiver, status):
    receiver.answers = [(status, {"Location": f"{receiver.url}/elsewhere"}), (200, {})]

    message, is_temporary, http_status = refused(f"{receiver.url}/hook")

    assert message.endswith(f"responded with {status}; redirects are not followed.")
    assert (is_temporary, http_status) == (False, status)
    assert [path for path, _, _ in receiver.requests] == ["/hook"]


def test_loopback_is_refused_unless_the_setting_allows_it(receiver, settings):
    settings.ALERT_PRIVATE_ADDRESSES = False

    message, is_temporary, _ = refused(receiver.url)

    assert "which is not an allowed webhook address (see ALERT_PRIVATE_ADDRESSES)" in message
    assert not is_temporary
    assert receiver.requests == []


def test_a_host_is_forbidden_by_any_of_its_addresses(monkeypatch, settings):
    settings.ALERT_PRIVATE_ADDRESSES = True
    places = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 80)) for host in ("93.184.215.14", "169.254.169.254")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: places)
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("connected"))

    message, is_temporary, _ = refused("http://rebound.example.org/")

    assert message.startswith(
        "rebound.example.org resolves to 169.254.169.254, which is not an allowed webhook address"
    )
    assert not is_temporary


def test_the_address_that_was_checked_is_the_one_connected_to(receiver, monkeypatch):
    """A name that answers otherwise the second time, as one that is rebound does, is asked once."""
    asked, real = [], socket.getaddrinfo

    def ask(host, *args, **kwargs):
        asked.append(host)
        return real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", ask)

    assert post(receiver.url) == 200
    assert asked.count("localhost") == 1


@pytest.mark.parametrize("host", ["[::1]", "[::ffff:127.0.0.1]"])
def test_an_ipv6_address_without_a_port_means_the_usual_one(settings, monkeypatch, host):
    settings.ALERT_PRIVATE_ADDRESSES = True
    asked = []

    def refuse(place, timeout):
        asked.append(place)
        raise ConnectionRefusedError(errno.ECONNREFUSED, "refused")

    monkeypatch.setattr(socket, "create_connection", refuse)

    messages = [refused(f"{scheme}://{host}/hook")[0] for scheme in ("http", "https")]

    assert asked == [(host.strip("[]"), 80), (host.strip("[]"), 443)]
    assert messages == [f"{host} cannot be reached: Connection refused."] * 2


def test_a_host_of_many_silent_addresses_is_given_up_in_time(monkeypatch):
    places = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"93.184.215.{last}", 80)) for last in range(50)]
    asked = []

    def be_silent(place, timeout):
        asked.append(place[0])
        time.sleep(timeout)
        raise TimeoutError("timed out")

    monkeypatch.setattr(posting, "TIMEOUT_SECONDS", 0.02)
    monkeypatch.setattr(posting, "TOTAL_SECONDS", 0.05)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: places)
    monkeypatch.setattr(socket, "create_connection", be_silent)

    assert refused("http://alerts.example.org/") == ("alerts.example.org cannot be reached: timed out.", True, None)
    assert 1 <= len(asked) <= 3


def test_a_server_that_is_away_is_temporary(settings):
    settings.ALERT_PRIVATE_ADDRESSES = True
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

    message, is_temporary, _ = refused(f"http://127.0.0.1:{port}/")

    assert message.startswith(f"127.0.0.1:{port} cannot be reached: ")
    assert "refused" in message
    assert is_temporary


def test_a_silent_server_is_given_up_in_time(receiver, monkeypatch):
    receiver.silent = threading.Event()
    monkeypatch.setattr(posting, "TIMEOUT_SECONDS", 0.2)
    started = time.monotonic()

    message, is_temporary, _ = refused(receiver.url)

    assert "timed out" in message
    assert is_temporary
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(("begin", "drop"), [(b"", b"H"), (b"HTTP/1.1 200 OK\r\n", b"X-Slow: yes\r\n")])
def test_a_slow_server_is_given_up_in_time(settings, monkeypatch, begin, drop):
    settings.ALERT_PRIVATE_ADDRESSES = True
    monkeypatch.setattr(posting, "TOTAL_SECONDS", 0.5)
    started = time.monotonic()

    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip():
            client, _ = server.accept()
            with client:
                client.sendall(begin)
                try:
                    while time.monotonic() - started < 5:
                        client.sendall(drop)
                        time.sleep(0.05)
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        _, is_temporary, status = refused(f"http://127.0.0.1:{server.getsockname()[1]}/")
        took = time.monotonic() - started
        thread.join()

    assert (is_temporary, status) == (True, None)
    assert took < 4


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"SSH-2.0-internal-host\0 ready\r\n", "BadStatusLine"),
        (b"HTTP/1.1 2\0 secret\r\n\r\n", "BadStatusLine"),
        (b"HTTP/1.1 99999 secret\r\n\r\n", "BadStatusLine"),
        (b"HTTP/1.1 200 OK\r\n" + b"secret" * 20_000 + b"\r\n\r\n", "LineTooLong"),
        (b"", "RemoteDisconnected"),
    ],
)
def test_the_words_of_a_receiver_are_not_repeated(settings, answer, kind):
    settings.ALERT_PRIVATE_ADDRESSES = True

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer_once, args=(server, answer))
        thread.start()
        port = server.getsockname()[1]
        message, is_temporary, status = refused(f"http://127.0.0.1:{port}/")
        thread.join()

    assert (message, is_temporary, status) == (f"127.0.0.1:{port} cannot be reached: {kind}.", True, None)


def answer_once(server, answer):
    client, _ = server.accept()
    with client, client.makefile("rb") as request:
        # What is left unread would reset the connection when it is closed.
        length = next(int(line[15:]) for line in request if line.lower().startswith(b"content-length:"))
        while request.readline().strip():
            pass
        request.read(length)
        client.sendall(answer)


@pytest.mark.parametrize("is_trusted", [True, False])
def test_tls_checks_the_certificate_for_the_name(settings, monkeypatch, is_trusted):
    settings.ALERT_PRIVATE_ADDRESSES = True
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(receivers.certificate()))

    with receivers.running(tls=True) as receiver:
        if is_trusted:
            assert post(receiver.url) == 200
            assert (
                "TLS failed (CERTIFICATE_VERIFY_FAILED)" in refused(receiver.url.replace("localhost", "127.0.0.1"))[0]
            )
        else:
            assert "TLS failed (CERTIFICATE_VERIFY_FAILED)" in refused(receiver.url)[0]

    assert len(receiver.requests) == (1 if is_trusted else 0)


@pytest.mark.parametrize(
    ("url", "is_good"),
    [
        ("https://alerts.example.org/hook?a=1", True),
        ("http://10.0.0.5:8080", True),
        ("https://[2001:db8::1]/", True),
        ("", False),
        ("alerts.example.org", False),
        ("ftp://example.org/", False),
        ("file:///etc/passwd", False),
        ("https:///hook", False),
        ("https://user:password@example.org/", False),
        ("https://example.org:0/", False),
        ("https://example.org:99999/", False),
        ("https://[::1/", False),
        ("https://exämple.org/", False),
        ("https://example.org/a b", False),
        ("https://example.org/\r\nHost: other", False),
        ("https://example.org\\@other.org/", False),
    ],
)
def test_valid_urls(url, is_good):
    assert (url_problem(url) is None) is is_good


def test_an_invalid_host_name_is_a_failure_with_a_message():
    message, _, _ = refused(f"https://{'a' * 70}.example.org/")

    assert "cannot be reached" in message

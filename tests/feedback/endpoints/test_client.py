"""One question to an endpoint: any server gives a defined result, within bounds."""

import gzip
import socket
import threading
import time
from contextlib import contextmanager

import pytest

from feedback.endpoints import client
from feedback.endpoints.endpoints import Endpoint, EndpointUnusable, InvalidEndpoints, endpoints
from tests.feedback.endpoints.served import completion, served

MESSAGES = [{"role": "user", "content": "Where is it?"}]


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr(client, "FIRST_PAUSE_SECONDS", 0.01)


def ask(url, *, pause=lambda seconds: False, **facts):
    return client.ask(Endpoint(url, "m", **{"private": True, "timeout_seconds": 5.0, **facts}), MESSAGES, pause=pause)


def always(status, headers, body):
    return lambda asked, there: (status, headers, body)


def test_a_question_is_sent_with_model_messages_and_key_alone(monkeypatch):
    monkeypatch.setenv("JUDGE_KEY_NEW", "secret")
    with served(lambda asked, there: "Here.") as there:
        reply = ask(there.url, key_env="JUDGE_KEY_NEW", parameters={"max_tokens": 5})

    assert (reply.outcome, reply.text, reply.tokens) == ("answered", "Here.", 10)
    (asked,) = there.asked
    assert asked.path == "/v1/chat/completions"
    assert asked.body == {"model": "m", "messages": MESSAGES, "max_tokens": 5}
    assert asked.headers.pop("Content-Length")
    assert asked.headers == {
        "Host": there.url.split("/")[2],
        "User-Agent": "Crucible-Feedback",
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Connection": "keep-alive",
        "Authorization": "Bearer secret",
    }


@pytest.mark.parametrize(
    ("body", "outcome", "text", "reason"),
    [
        (completion("  "), "empty", "  ", ""),
        (completion(None), "empty", "", ""),
        (completion(None, refusal="I can't help."), "answered", "I can't help.", ""),
        (completion([{"type": "text", "text": "He"}, {"type": "text", "text": "re."}]), "answered", "Here.", ""),
        (completion("<think>Hm.</think>Here."), "answered", "Here.", ""),
        (completion("nul \0"), "answered", "nul \ufffd", ""),
        (b"Sorry, our servers are busy.", "missing", "", "The response is not a chat completion."),
        (b'{"choices": [{"message": {"con', "missing", "", "The response is not a chat completion."),
        (
            b'{"choices": [{"message": {"content": "\\ud800"}}]}',
            "missing",
            "",
            "The response is not a chat completion.",
        ),
        (b"[" * 100_000, "missing", "", "The response is not a chat completion."),
        (b"", "missing", "", "The response is not a chat completion."),
        (b'{"choices": []}', "missing", "", "The response has no choice."),
        (completion("x" * 1_000_001), "missing", "", "The answer has more than 1,000,000 characters."),
        (completion("x" * 10 * 2**20), "missing", "", "The response is compressed or has more than 4 MiB."),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_any_body_has_a_defined_result_after_one_try(body, outcome, text, reason):
    with served(always(200, {}, body)) as there:
        reply = ask(there.url)

    assert (reply.outcome, reply.text, reply.reason, reply.is_down) == (outcome, text, reason, False)
    assert len(there.asked) == 1


def test_a_compressed_response_is_not_unpacked():
    with served(always(200, {"Content-Encoding": "gzip"}, gzip.compress(completion("x" * 10_000_000)))) as there:
        assert ask(there.url).reason == "The response is compressed or has more than 4 MiB."


@pytest.mark.parametrize(("usage", "tokens"), [(7, 7), (0, 25), (-1, 25), (10**12, 25)])
def test_tokens_are_counted_by_the_server_or_estimated(usage, tokens):
    body = completion("Here.", tokens=usage) if usage else completion("Here.", tokens=None)
    with served(always(200, {}, body)) as there:
        assert ask(there.url).tokens == tokens


@pytest.mark.parametrize("status", [429, 500, 503, 408])
def test_a_temporary_failure_is_tried_again_after_the_time_that_the_server_asks_for(status):
    def answer(asked, there):
        return (status, {"Retry-After": "7"}, b"") if len(there.asked) < 3 else (200, {}, completion("Here."))

    pauses = []
    with served(answer) as there:
        reply = ask(there.url, pause=lambda seconds: pauses.append(seconds))

    assert (reply.text, pauses, len(there.asked)) == ("Here.", [7.0, 7.0], 3)


@pytest.mark.parametrize(
    ("header", "least", "most"), [("3600", 60, 60), ("Wed, 01 Jan 2020 00:00:00 GMT", 0, 0), ("soon", 0.004, 0.01)]
)
def test_a_pause_has_bounds(header, least, most):
    pauses = []
    with served(always(503, {"Retry-After": header}, b"")) as there:
        reply = ask(there.url, pause=lambda seconds: pauses.append(seconds))

    assert (reply.outcome, reply.reason, reply.is_down) == ("missing", "The endpoint responded with 503.", True)
    assert len(there.asked) == 4
    assert len(pauses) == 3
    assert least <= pauses[0] <= most


def test_a_gate_that_ended_is_not_waited_for():
    with served(always(503, {}, b"")) as there:
        assert ask(there.url, pause=lambda seconds: True).is_down

    assert len(there.asked) == 1


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_question_that_the_server_rejects_is_missing(status):
    with served(always(status, {}, b"{}")) as there:
        reply = ask(there.url)

    assert (reply.outcome, reply.reason, reply.is_down) == ("missing", f"The endpoint responded with {status}.", False)
    assert len(there.asked) == 1


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (401, "it rejects the key (401)."),
        (403, "it forbids the request (403)."),
        (404, "it does not know the path or the model (404)."),
        (307, "it responded with 307; redirects are not followed."),
    ],
)
def test_an_endpoint_that_answers_nothing_is_unusable(status, message):
    with (
        served(always(status, {"Location": "http://127.0.0.1:1/"}, b"")) as there,
        pytest.raises(EndpointUnusable) as raised,
    ):
        ask(there.url)

    assert str(raised.value) == message
    assert len(there.asked) == 1


def test_a_server_that_hangs_times_out():
    began = time.monotonic()
    with served(lambda asked, there: there.released.wait(30) or "Late.") as there:
        reply = ask(there.url, timeout_seconds=0.2)

    assert (reply.reason, reply.is_down) == ("The endpoint timed out.", True)
    assert time.monotonic() - began < 5


@contextmanager
def dripping(pieces):
    """A server that sends a byte now and then, and never ends."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            listener.settimeout(5)
            held = []
            while not ended.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                held.append(connection)
                threading.Thread(target=drip, args=(connection,), daemon=True).start()

        def drip(connection):
            try:
                connection.sendall(pieces[0])
                while not ended.wait(0.02):
                    connection.sendall(pieces[1])
            except OSError:
                return

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        ended.set()


@pytest.mark.parametrize(
    "pieces",
    [(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"), (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" ")],
    ids=["headers", "body"],
)
def test_a_server_that_drips_times_out_as_a_whole(pieces):
    began = time.monotonic()
    with dripping(pieces) as url:
        reply = ask(url, timeout_seconds=0.3)

    assert reply.reason == "The endpoint timed out."
    assert time.monotonic() - began < 5


def test_a_closed_port_cannot_be_reached():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    reply = ask(f"http://127.0.0.1:{port}")

    assert (reply.reason, reply.is_down) == ("The endpoint cannot be reached (ConnectError).", True)


@pytest.mark.parametrize(
    ("host", "facts"),
    [
        ("127.0.0.1", {"private": False}),
        ("localhost", {"private": False}),
        ("169.254.169.254", {}),
        ("[::ffff:169.254.169.254]", {}),
        ("0.0.0.0", {}),
    ],
)
def test_an_address_that_is_not_allowed_is_not_asked(host, facts):
    with pytest.raises(EndpointUnusable, match="which is not an allowed address"):
        ask(f"http://{host}:9", **facts)


def test_private_addresses_of_webhooks_are_those_of_endpoints(settings):
    settings.ALERT_PRIVATE_ADDRESSES = True
    with served(lambda asked, there: "Here.") as there:
        assert ask(there.url.replace("127.0.0.1", "localhost"), private=False).text == "Here."

    assert there.asked[0].headers["Host"].startswith("localhost:")


def test_proxy_variables_are_ignored(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with served(lambda asked, there: "Here.") as there:
        assert ask(there.url).text == "Here."


@pytest.mark.parametrize("value", [None, "", "kéy", "a\nb"])
def test_a_key_that_the_worker_lacks_or_cannot_send_makes_the_endpoint_unusable(monkeypatch, value):
    monkeypatch.delenv("JUDGE_KEY_NEW", raising=False)
    if value is not None:
        monkeypatch.setenv("JUDGE_KEY_NEW", value)
    with served(lambda asked, there: "Here.") as there, pytest.raises(EndpointUnusable, match="JUDGE_KEY_NEW"):
        ask(there.url, key_env="JUDGE_KEY_NEW")

    assert there.asked == []


GOOD = {"base_url": "https://llm.example.org/v1", "model": "m"}


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"new": GOOD}, None),
        ('{"new": {"base_url": "https://llm.example.org/v1", "model": "m", "key_env": "JUDGE_KEY_A"}}', None),
        ("", None),
        ("{", "not valid JSON"),
        ([], "Expected `object`"),
        ({"new": GOOD | {"key": "secret"}}, "unknown field `key`"),
        ({"new": GOOD | {"key_env": "SECRET_KEY"}}, "begins with JUDGE_KEY_"),
        ({"new": GOOD | {"key_env": "JUDGE_KEY_"}}, "begins with JUDGE_KEY_"),
        ({"new": GOOD | {"prompt_usd_per_million": -1}}, "a price must be from 0 to 1,000,000"),
        ({"new": GOOD | {"base_url": "ftp://llm.example.org"}}, "must start with https"),
        ({"new": GOOD | {"base_url": "https://user:pw@llm.example.org"}}, "must not contain a user"),
        ({"new": GOOD | {"base_url": "https://llm.example.org/v1?a=b"}}, "without a query"),
        ({"new": GOOD | {"model": ""}}, "model is empty"),
        ({"new": GOOD | {"timeout_seconds": 0}}, "timeout_seconds"),
        ({"new": GOOD | {"parameters": {"messages": []}}}, "parameters must not have messages"),
        ({"a b": GOOD}, "a name has"),
    ],
)
def test_endpoints_are_checked(settings, value, problem):
    settings.LLM_ENDPOINTS = value
    if problem:
        with pytest.raises(InvalidEndpoints, match=problem):
            endpoints()
    else:
        assert all(endpoint.model == "m" for endpoint in endpoints().values())

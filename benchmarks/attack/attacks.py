"""The attacks: each runs for a while against a server on this machine and returns what it was answered."""

import gzip
import http.client
import json
import re
import socket
import time
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

THREADS = 16
SOCKETS = 400
HOSTILE = "1.2.3.4.5.6."
LARGE_CHARACTERS = 900_000
LARGE_EVENTS = 24
Answers = Counter[str]


@dataclass(frozen=True)
class Target:
    """A server, and keys: for everything, public, and limited to the deployment `shop`."""

    port: int
    key: str
    public_key: str
    limited_key: str
    seconds: float

    def call(
        self, method: str, path: str, body: bytes | None = None, *, key: str = "", **headers: str
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {
            "Content-Type": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        if key:
            headers["Authorization"] = f"Bearer {key}"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def send(self, path: str, items: list[dict], *, key: str, is_packed: bool = False) -> tuple[int, bytes]:
        body = json.dumps({path: items}).encode()
        packed = {"Content_Encoding": "gzip"} if is_packed else {}
        return self.call("POST", f"/api/v1/{path}", gzip.compress(body) if is_packed else body, key=key, **packed)


def _repeat(target: Target, once: Callable[[int], int | str], threads: int = THREADS) -> Answers:
    """Do this again and again in threads until the time is over; count what it returns."""
    answers: Answers = Counter()
    until = time.monotonic() + target.seconds

    def work(number: int) -> None:
        while time.monotonic() < until:
            try:
                answers[str(once(number))] += 1
            except OSError as error:
                answers[type(error).__name__] += 1

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads)))
    return answers


def _comment(text: str) -> dict:
    return {"event_id": str(uuid.uuid4()), "deployment_id": "shop", "type": "thumbs_up", "comment": text}


def packed_comments(target: Target) -> Answers:
    """8 kB of gzip with the public key, four comments of a million characters."""
    items = [_comment(HOSTILE * 80_000)] * 4
    return _repeat(target, lambda _: target.send("signals", items, key=target.public_key, is_packed=True)[0])


def public_flood(target: Target) -> Answers:
    """The largest and costliest requests that a public key may send."""
    items = [_comment(HOSTILE * 800) for _ in range(6)]
    return _repeat(target, lambda _: target.send("signals", items, key=target.public_key)[0])


def silent_sockets(target: Target) -> Answers:
    """Connections that send nothing, or half a head, and come again when they are closed."""
    answers: Answers = Counter()
    until = time.monotonic() + target.seconds
    held: list[socket.socket] = []
    while time.monotonic() < until:
        while len(held) < SOCKETS:
            held.append(socket.create_connection(("127.0.0.1", target.port), timeout=30))
            if len(held) % 2:
                held[-1].sendall(b"POST /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n")
            answers["opened"] += 1
        time.sleep(0.5)
        still = [one for one in held if not _is_closed(one)]
        answers["closed by the server"] += len(held) - len(still)
        held = still
    for one in held:
        one.close()
    return answers


def _is_closed(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def versions(target: Target) -> Answers:
    """3,000 events, each with a model version and a prompt version of its own."""
    answers: Answers = Counter()
    for start in range(0, 3_000, 100):
        names = [uuid.uuid4().hex for _ in range(100)]
        items = [_event("shop") | {"model_version_id": name, "prompt_version": name} for name in names]
        answers[str(target.send("events", items, key=target.key)[0])] += 1
        time.sleep(target.seconds / 60 if start else 0)
    return answers


def deployments(target: Target) -> Answers:
    """Events of deployments that do not exist, each of another one."""
    answers: Answers = Counter()

    def once(_: int) -> int:
        status, body = target.send("events", [_event(uuid.uuid4().hex) for _ in range(50)], key=target.key)
        found = json.loads(body)
        answers.update({"accepted": found.get("accepted", 0)})
        answers.update(error["code"] for item in found.get("rejected", []) for error in item["errors"])
        answers.update(error["code"] for error in found.get("errors", []))
        return status

    return _repeat(target, once, 4) + answers


def _event(deployment_id: str) -> dict:
    return {"deployment_id": deployment_id, "prompt": "Which one?", "response": "The one on the left, as before."}


def large_pages(target: Target) -> Answers:
    """Pages of events as large as an item may be."""
    text = "Long text. " * (LARGE_CHARACTERS // 11)
    large = _event("shop") | {"prompt": text, "response": text, "messages": [{"role": "user", "content": text}]}
    for _ in range(LARGE_EVENTS // 4):
        target.send("events", [large] * 4, key=target.key)
    time.sleep(3)
    largest = 0

    def once(_: int) -> int:
        nonlocal largest
        status, body = target.call("GET", "/api/v1/events?deployment_id=shop&page_size=500", key=target.key)
        largest = max(largest, len(body))
        return status

    answers = _repeat(target, once, 4)
    return answers + Counter({"KiB of the largest answer": largest // 1_024})


def logins(target: Target) -> Answers:
    """Guesses of the operator's password."""
    _, page = target.call("GET", "/admin/login/")
    token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1].decode()

    def once(number: int) -> int:
        body = f"csrfmiddlewaretoken={token}&username=operator&password={number}-{time.monotonic()}".encode()
        cookie, kind = f"csrftoken={token}", "application/x-www-form-urlencoded"
        return target.call("POST", "/admin/login/", body, Cookie=cookie, Content_Type=kind)[0]

    return _repeat(target, once, 8)


def foreign_ids(target: Target) -> Answers:
    """A key limited to one deployment asks for another's events, by their ids and by guesses."""
    _, body = target.call("GET", "/api/v1/events?deployment_id=honest&page_size=50", key=target.key)
    ids = [row["id"] for row in json.loads(body)["results"]]

    def once(number: int) -> str:
        event_id = ids[number % len(ids)] if number % 2 else str(uuid.uuid4())
        paths = (f"events/{event_id}", "deployments/honest", "events?deployment_id=honest", f"batches/{uuid.uuid4()}")
        statuses = [target.call("GET", f"/api/v1/{path}", key=target.limited_key)[0] for path in paths[:2]]
        with suppress(ValueError):
            found = json.loads(target.call("GET", f"/api/v1/{paths[2]}", key=target.limited_key)[1])
            statuses.append(f"{len(found.get('results', []))} rows")
        return " ".join(map(str, statuses))

    return _repeat(target, once, 4)

"""Clients of the API that send as an SDK does: ids of their own, and the same request again until it is accepted."""

import json
import threading
import time
import uuid
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from itertools import count
from random import Random

from tests.servers.installation import until

ACCEPTED, LATER = {202, 207}, {429, 503}
TYPES = {"thumbs_up": "thumbs", "thumbs_down": "thumbs", "copy": "copy", "regenerate": "regenerate"}
EVENTS, SIGNALS, SCORES = 20, 10, 5
# Longer than any part needs to come back.
PATIENCE_SECONDS = 180
PAUSE_SECONDS = 0.1


@dataclass(frozen=True)
class Refusal:
    """An answer that accepts nothing; its status is 0 when there was no answer."""

    status: int
    retry_after: str | None
    body: str


@dataclass
class Sent:
    """What was accepted, and every answer that was neither that nor a request to come back."""

    receipts: list[dict] = field(default_factory=list)
    events: set[str] = field(default_factory=set)
    signals: set[str] = field(default_factory=set)
    # {(event, user, slot): id} of the signal that occurred last.
    live: dict[tuple[str, str, str], str] = field(default_factory=dict)
    # {event: value} of the score that was measured last.
    scores: dict[str, float] = field(default_factory=dict)
    unexpected: list[Refusal] = field(default_factory=list)


class Client:
    """One connection of an SDK to one deployment."""

    def __init__(self, port: int, key: str, deployment: str, seed: int = 0):
        self.port, self.key, self.deployment = port, key, deployment
        self.random = Random(f"{deployment} {seed}")
        self.sent = Sent()
        self.give_up = threading.Event()
        self._connection: HTTPConnection | None = None
        self._started_at = datetime.now(UTC) - timedelta(minutes=10)
        self._ticks = count()

    def send_round(self) -> None:
        """Send a batch of events, and one of signals and one of scores about them, which may come first."""
        events = self.events(EVENTS)
        signals = [self._signal(self.random.choice(events[:4])["id"], f"u{n % 2}") for n in range(SIGNALS)]
        scores = [self._score(self.random.choice(events)["id"]) for _ in range(SCORES)]
        requests = [("events", events), ("signals", signals), ("scores", scores)]
        self.random.shuffle(requests)
        for name, items in requests:
            self.send(name, items)

    def send_events(self, n: int) -> None:
        self.send("events", self.events(n))

    def send(self, name: str, items: list[dict]) -> None:
        """Send a list, again and again with the same ids, until it is accepted."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (refusal := self.attempt(name, items)) and not self.give_up.is_set():
            assert time.monotonic() < deadline, f"not accepted in time: {refusal}"
            if refusal.status and refusal.status not in LATER:
                self.sent.unexpected.append(refusal)
            time.sleep(PAUSE_SECONDS)

    def attempt(self, name: str, items: list[dict]) -> Refusal | None:
        """Send a list once; None when it is accepted."""
        status, headers, answer = self.request("POST", f"/api/v1/{name}", json.dumps({name: items}).encode())
        if status in ACCEPTED:
            self._remember(name, items, json.loads(answer))
            return None
        return Refusal(status, headers.get("Retry-After"), answer[:500].decode(errors="replace"))

    def request(self, method: str, path: str, body: bytes | None = None) -> tuple[int, Mapping, bytes]:
        """Return status, headers and body of the answer; the status is 0 when there was none."""
        self._connection = self._connection or HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            return answer.status, answer.headers, answer.read()
        except (OSError, HTTPException):
            self.close()
            return 0, {}, b""

    def events(self, n: int) -> list[dict]:
        return [self._event() for _ in range(n)]

    def get(self, path: str) -> dict:
        status, _, answer = self.request("GET", path)
        assert status == 200, answer
        return json.loads(answer)

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def _event(self) -> dict:
        number = next(self._ticks)
        return {
            "id": self._id(),
            "deployment_id": self.deployment,
            "prompt": f"Question {number}?",
            "response": f"Answer number {number} of many.",
            "user_id": f"u{number % 5}",
        }

    def _signal(self, event_id: str, user: str) -> dict:
        return {
            "id": self._id(),
            "event_id": event_id,
            "deployment_id": self.deployment,
            "type": self.random.choice(list(TYPES)),
            "user_id": user,
            "occurred_at": (self._started_at + timedelta(milliseconds=next(self._ticks))).isoformat(),
        }

    def _score(self, event_id: str) -> dict:
        tick = next(self._ticks)
        return {
            "event_id": event_id,
            "deployment_id": self.deployment,
            "name": "solved",
            "value": tick / 2**20,
            "occurred_at": (self._started_at + timedelta(milliseconds=tick)).isoformat(),
        }

    def _id(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def _remember(self, name: str, items: list[dict], receipt: dict) -> None:
        self.sent.receipts.append(receipt)
        if name == "scores":
            self.sent.scores |= {score["event_id"]: score["value"] for score in items}
            return
        getattr(self.sent, name).update(receipt["ids"])
        if name == "signals":
            self.sent.live |= {(s["event_id"], s["user_id"], TYPES[s["type"]]): s["id"] for s in items}


class Load:
    """Several clients at work, each in a thread of its own."""

    def __init__(self, clients: list[Client]):
        self.clients = clients
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._work, args=[client], daemon=True) for client in clients]

    def _work(self, client: Client) -> None:
        while not self.stopping.is_set():
            client.send_round()

    def wait_for_receipts(self, n: int) -> None:
        """Wait until clients were given this many further receipts."""
        wanted = len(self.sent.receipts) + n
        until(lambda: len(self.sent.receipts) >= wanted or self.sent.unexpected)
        assert not self.sent.unexpected, self.sent.unexpected[0]

    @property
    def sent(self) -> Sent:
        total = Sent()
        for sent in (client.sent for client in self.clients):
            total.receipts += sent.receipts
            total.events |= sent.events
            total.signals |= sent.signals
            total.live |= sent.live
            total.scores |= sent.scores
            total.unexpected += sent.unexpected
        return total

    def finish(self) -> Sent:
        """Let every client finish what it is sending and return all that was accepted."""
        self.stopping.set()
        for thread in self.threads:
            thread.join(timeout=60)
        assert not any(thread.is_alive() for thread in self.threads), "a client is never answered"
        return self.sent


@contextmanager
def at_work(clients: list[Client]):
    load = Load(clients)
    for thread in load.threads:
        thread.start()
    try:
        yield load
    finally:
        load.stopping.set()
        for client in clients:
            client.give_up.set()
        for thread in load.threads:
            thread.join(timeout=60)
        for client in clients:
            client.close()

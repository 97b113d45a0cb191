"""What an honest client and a health check see during an attack: a process of its own, so that no attacker slows it."""

import http.client
import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from statistics import quantiles
from threading import Event, Thread

PAUSE_SECONDS = 0.05
EVENT = {"deployment_id": "honest", "prompt": "Where do I change it?", "response": "On the settings page."}
CALLS = (
    ("/healthz", "GET", "/healthz", None),
    ("ingestion", "POST", "/api/v1/events", json.dumps(EVENT).encode()),
    ("reads", "GET", "/api/v1/deployments?page_size=1", None),
)


@dataclass
class Seen:
    """Seconds and statuses of one kind of call; a connection that fails counts as status 0."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def milliseconds(self) -> tuple[int, int]:
        """The median and the 99th percentile."""
        cuts = quantiles(self.seconds, n=100, method="inclusive") if len(self.seconds) > 1 else [0.0] * 99
        return round(1_000 * cuts[49]), round(1_000 * cuts[98])


@contextmanager
def client(port: int, key: str) -> Iterator[dict[str, Seen]]:
    """Call the server until the block ends; what was seen is in the dictionary afterwards."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(port, key, theirs), daemon=True)
    process.start()
    ours.recv()
    found: dict[str, Seen] = {}
    try:
        yield found
    finally:
        ours.send("stop")
        found.update(ours.recv())
        process.join()


def _run(port: int, key: str, control: Connection) -> None:
    seen = {name: Seen() for name, *_ in CALLS}
    over = Event()
    threads = [Thread(target=_call, args=(port, key, call, seen[call[0]], over)) for call in CALLS]
    for thread in threads:
        thread.start()
    control.send("started")
    control.recv()
    over.set()
    for thread in threads:
        thread.join()
    control.send(seen)


def _call(port: int, key: str, call: tuple, seen: Seen, over: Event) -> None:
    _, method, path, body = call
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    while not over.wait(PAUSE_SECONDS):
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
            status = answer.status
        except OSError:
            status = 0
        finally:
            connection.close()
        seen.seconds.append(time.monotonic() - began)
        seen.statuses[status] += 1

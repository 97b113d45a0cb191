"""Bodies of requests for the ingestion benchmark, made of the project's own simulation."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain, cycle, islice
from typing import Any

import msgspec

from feedback.simulation.scenarios import Scenario, two_versions
from feedback.simulation.traffic import simulate

SIMULATED = 6_000
CHARACTERS = range(500, 901)


class Bodies:
    """Some two thousand different events of about 700 characters, again and again under new ids."""

    def __init__(self):
        events = [*chain.from_iterable(zip(_events("support"), _events("sql"), strict=False))]
        self.mean_characters = sum(map(_characters, events)) / len(events)
        self._events = cycle([msgspec.json.encode(event).removeprefix(b"{") for event in events])

    def make(self, count: int) -> bytes:
        """One request of `count` events that happen now."""
        time = f'","occurred_at":"{datetime.now(UTC).isoformat()}",'.encode()
        events = [b'{"id":"%s%s%s' % (str(uuid.uuid4()).encode(), time, rest) for rest in islice(self._events, count)]
        return b'{"events":[%s]}' % b",".join(events)


def _events(texts: str) -> Iterator[dict[str, Any]]:
    scenario = Scenario(texts, texts, SIMULATED, days=30, seed=1, versions=two_versions(texts, switch=0.5))
    for exchange in simulate(scenario, start=datetime(2026, 1, 1, tzinfo=UTC)):
        if _characters(exchange.event) in CHARACTERS:
            yield {name: value for name, value in exchange.event.items() if name != "id"}


def _characters(event: dict[str, Any]) -> int:
    contents = [message["content"] for message in event.get("messages", [])]
    return sum(map(len, (event.get("prompt", ""), event["response"], *contents)))

"""Sends simulated traffic through the same ingestion as other traffic."""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import msgspec

from feedback.choices import ItemKind
from feedback.ingestion import accept, delivery
from feedback.ingestion.delivery import Advance, Report
from feedback.ingestion.parsing.bodies import RawItem
from feedback.simulation.scenarios import Scenario
from feedback.simulation.traffic import Exchange, simulate

CHUNK = 250
Timed = tuple[datetime, Exchange]


def send(scenario: Scenario, *, rate: float | None = None, speed: float | None = None, advance: Advance) -> Report:
    """Send a scenario, at once with its times spread over the period until now, or live.

    Live is `rate` events a second, or with recorded arrivals `speed` times as fast as they were recorded; these have
    no rate. `advance` is called with the number of events sent.
    """
    report = Report()
    start = datetime.now(UTC) - timedelta(seconds=scenario.duration_seconds)
    exchanges = simulate(scenario, start=start)
    if speed is not None:
        chunks = _live(exchanges, lambda number, exchange: exchange.offset_seconds / speed)
    elif rate is not None and not scenario.recorded:
        chunks = _live(exchanges, lambda number, exchange: number / rate)
    else:
        chunks = _at_once(exchanges, start)
    for chunk in chunks:
        _send_chunk(chunk, report)
        advance(len(chunk))
    return report


def _at_once(exchanges: Iterable[Exchange], start: datetime) -> Iterator[list[Timed]]:
    timed = ((start + timedelta(seconds=exchange.offset_seconds), exchange) for exchange in exchanges)
    while chunk := list(islice(timed, CHUNK)):
        yield chunk


def _live(exchanges: Iterable[Exchange], due: Callable[[int, Exchange], float]) -> Iterator[list[Timed]]:
    """Each exchange when it is due, this many seconds after the start; what is overdue goes together."""
    begun = time.monotonic()
    chunk: list[Timed] = []
    for number, exchange in enumerate(exchanges):
        due_at = begun + due(number, exchange)
        if chunk and (due_at > time.monotonic() or len(chunk) == CHUNK):
            yield chunk
            chunk = []
        time.sleep(max(0.0, due_at - time.monotonic()))
        chunk.append((datetime.now(UTC), exchange))
    if chunk:
        yield chunk


def _send_chunk(chunk: list[Timed], report: Report) -> None:
    now = datetime.now(UTC)
    events = [exchange.event | {"occurred_at": happened_at} for happened_at, exchange in chunk]
    signals = [
        signal | {"occurred_at": min(happened_at + timedelta(seconds=delay), now)}
        for happened_at, exchange in chunk
        for delay, signal in exchange.signals()
    ]
    report.add(_accept(events, ItemKind.EVENT))
    if signals:
        report.add(_accept(signals, ItemKind.SIGNAL))


def _accept(items: list[dict[str, Any]], kind: ItemKind) -> accept.Receipt:
    raw = [RawItem(index, msgspec.json.encode(item)) for index, item in enumerate(items)]
    return delivery.send(raw, kind)

"""Simulated traffic through the same way in as everybody's."""

import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import msgspec

from feedback.choices import ItemKind
from feedback.ingestion import accept, delivery
from feedback.ingestion.delivery import Advance, Report
from feedback.ingestion.parsing import RawItem
from feedback.simulation.scenarios import Scenario
from feedback.simulation.traffic import Exchange, simulate

CHUNK = 250


def send(scenario: Scenario, *, rate: float | None, advance: Advance) -> Report:
    """Send a scenario at once, its times spread over the days until now, or live at `rate` events a second.

    `advance` hears how many events were sent.
    """
    report = Report()
    start = datetime.now(UTC) - timedelta(days=scenario.days)
    exchanges = simulate(scenario, start=start)
    if rate is None:
        timed = ((start + timedelta(seconds=exchange.offset_seconds), exchange) for exchange in exchanges)
        while chunk := list(islice(timed, CHUNK)):
            _send_chunk(chunk, report)
            advance(len(chunk))
    else:
        for happened_at, exchange in _paced(exchanges, rate):
            _send_chunk([(happened_at, exchange)], report)
            advance(1)
    return report


def _paced(exchanges: Iterable[Exchange], rate: float) -> Iterator[tuple[datetime, Exchange]]:
    begun = time.monotonic()
    for number, exchange in enumerate(exchanges):
        time.sleep(max(0.0, begun + number / rate - time.monotonic()))
        yield datetime.now(UTC), exchange


def _send_chunk(chunk: list[tuple[datetime, Exchange]], report: Report) -> None:
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

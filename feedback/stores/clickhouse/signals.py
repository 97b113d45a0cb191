"""Attaches signals: reads what affects new ones, and writes a new version of those that change."""

from collections.abc import Collection, Iterable
from dataclasses import asdict

import pyarrow as pa

from feedback.stores import attaching, schema
from feedback.stores.attaching import EventFacts, SignalFacts, Standing
from feedback.stores.base import SignalChange
from feedback.stores.clickhouse.connection import Connection
from feedback.stores.clickhouse.literals import text, texts

# Texts are compared by their digests, which are short and stay on the server's side until they are made.
_EVENT = "id, deployment_id, external_id, occurred_at, lower(hex(SHA256(response))) AS response"
_SIGNAL = ", ".join(
    "lower(hex(SHA256(edited_response))) AS edited_response" if name == "edited_response" else name
    for name in attaching.SIGNAL_COLUMNS
)
Name = tuple[str, str]


def attach(
    connection: Connection,
    event_ids: set[str],
    signal_ids: set[str],
    *,
    uncounted: frozenset[str],
    uncollected: frozenset[str],
) -> list[SignalChange]:
    new = _signals(connection, f"id IN {texts(signal_ids)}") if signal_ids else []
    names = _waiting_names(connection, event_ids, new)
    events = _events(connection, event_ids, new, names)
    signals = {signal.id: signal for signal in [*new, *_about(connection, events, names)]}
    if not signals:
        return []
    attachments = attaching.attach(
        events,
        list(signals.values()),
        event_ids=event_ids,
        signal_ids=signal_ids,
        uncounted=uncounted,
        uncollected=uncollected,
    )
    _update(connection, attachments.updates)
    return attachments.changes


def _waiting_names(connection: Connection, event_ids: set[str], new: Iterable[SignalFacts]) -> set[Name]:
    """The names (deployment and external id) that new signals wait for, and those of new events that are waited for."""
    names = {(signal.deployment_id, signal.external_id) for signal in new if signal.waiting and not signal.event_id}
    if event_ids:
        found = connection.read(
            "SELECT DISTINCT deployment_id, external_id FROM signals FINAL WHERE waiting AND isNull(event_id)"
            " AND (deployment_id, external_id) GLOBAL IN (SELECT deployment_id, external_id FROM events"
            f" WHERE external_id != '' AND id IN {texts(event_ids)})"
        )
        names |= {(row["deployment_id"], row["external_id"]) for row in found.to_pylist()}
    return names


def _events(
    connection: Connection, event_ids: set[str], new: Iterable[SignalFacts], names: Collection[Name]
) -> list[EventFacts]:
    """The events with signals that new rows affect."""
    conditions = []
    if event_ids:
        said_of = f"SELECT assumeNotNull(event_id) FROM signals WHERE event_id IN {texts(event_ids)}"
        conditions.append(f"id GLOBAL IN ({said_of})")
    if named := {signal.event_id for signal in new if signal.event_id}:
        conditions.append(f"id IN {texts(named)}")
    events = [event for condition in conditions for event in _event_facts(connection, f"PREWHERE {condition}")]
    if names:
        newest = (
            f"PREWHERE (deployment_id, external_id) IN {_pairs(names)}"
            " ORDER BY occurred_at DESC, id DESC LIMIT 1 BY deployment_id, external_id"
        )
        events += _event_facts(connection, newest)
    return list({event.id: event for event in events}.values())


def _about(connection: Connection, events: Iterable[EventFacts], names: Collection[Name]) -> list[SignalFacts]:
    signals = []
    if ids := [event.id for event in events]:
        about = f"event_id IN {texts(ids)}"
        signals += _signals(connection, f"id GLOBAL IN (SELECT id FROM signals WHERE {about})", about)
    if names:
        signals += _signals(
            connection,
            f"external_id IN {texts({external_id for _, external_id in names})}",
            f"waiting AND isNull(event_id) AND (deployment_id, external_id) IN {_pairs(names)}",
        )
    return signals


def _event_facts(connection: Connection, rest: str) -> list[EventFacts]:
    found = connection.read(f"SELECT {_EVENT} FROM events FINAL {rest}")
    return [EventFacts(**row) for row in found.to_pylist()]


def _signals(connection: Connection, lasting: str, passing: str = "1") -> list[SignalFacts]:
    found = connection.read(f"SELECT {_SIGNAL} FROM signals FINAL PREWHERE {lasting} WHERE {passing}")
    return [SignalFacts(**row) for row in found.to_pylist()]


def _pairs(names: Iterable[Name]) -> str:
    return "(" + ", ".join(f"({text(deployment)}, {text(external_id)})" for deployment, external_id in names) + ")"


def _update(connection: Connection, updates: dict[str, Standing]) -> None:
    """Write the next version of these signals."""
    if not updates:
        return
    columns = f"{', '.join(schema.SIGNAL.names)}, version"
    rows = connection.read(f"SELECT {columns} FROM signals FINAL PREWHERE id IN {texts(updates)}").to_pylist()
    for row in rows:
        row |= asdict(updates[row["id"]]) | {"version": row["version"] + 1}
    target = pa.schema([*schema.SIGNAL, ("version", pa.uint64())])
    connection.insert("signals", pa.Table.from_pylist(rows, target))

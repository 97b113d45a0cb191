"""Rows of ClickHouse as Arrow, each id once.

Signals have versions, of which FINAL takes the last. Of events a merge may not have removed a second copy yet, equal to
the first one; pages leave it out as it goes by, which costs nothing, and whole scans by FINAL.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pyarrow as pa
from django.utils import timezone

from feedback.stores import schema
from feedback.stores.base import EventFilter
from feedback.stores.clickhouse import conditions
from feedback.stores.clickhouse.conditions import Conditions
from feedback.stores.clickhouse.connection import Connection
from feedback.stores.clickhouse.literals import texts

# The most rows that are held in memory at once.
PAGE = 1_000
# The most rows whose texts are looked up after their order is known, in place of sorting texts.
_LOOKED_UP = 50_000
# A page lies mostly in the newest hour, and the index of times leaves out what lies before it.
_SPANS = (timedelta(hours=1), timedelta(days=1), timedelta(days=30))
_PLACE = ("occurred_at", "id")


def scan_events(
    connection: Connection,
    where: EventFilter,
    target: pa.Schema,
    *,
    newest_first: bool,
    limit: int | None,
    skip: int,
    batch_size: int,
) -> pa.RecordBatchReader:
    if limit is not None and limit + skip <= PAGE:
        batches = _page(connection, where, target, newest_first, limit, skip)
    else:
        batches = connection.stream(f"SELECT {', '.join(target.names)} FROM {_long(where, newest_first, limit, skip)}")
    return pa.RecordBatchReader.from_batches(target, _cut(batches, target, batch_size))


def scan_signals(
    connection: Connection,
    where: Conditions,
    target: pa.Schema,
    *,
    newest_first: bool,
    limit: int | None,
    skip: int,
    batch_size: int,
) -> pa.RecordBatchReader:
    order = _order(newest_first)
    found = f"signals FINAL{where}{order}{_limited(limit, skip)}"
    if limit is not None and limit + skip <= _LOOKED_UP:
        found = f"signals FINAL PREWHERE id GLOBAL IN (SELECT id FROM {found}){order}"
    batches = connection.stream(f"SELECT {', '.join(target.names)} FROM {found}")
    return pa.RecordBatchReader.from_batches(target, _cut(batches, target, batch_size))


def count_events(connection: Connection, where: EventFilter, at_most: int | None) -> int:
    found = f"events{conditions.of_events(where)}"
    if at_most is not None:
        found = f"(SELECT DISTINCT id FROM {found} LIMIT {at_most})"
    return _number(connection, f"uniqExact(id) AS n FROM {found}")


def count_signals(connection: Connection, where: Conditions, at_most: int | None) -> int:
    found = f"signals FINAL{where}"
    if at_most is not None:
        found = f"(SELECT id FROM {found} LIMIT {at_most})"
    return _number(connection, f"count() AS n FROM {found}")


def scores(connection: Connection, event_ids: Sequence[UUID | str]) -> pa.Table:
    query = (
        f"SELECT {', '.join(schema.SCORE.names)} FROM scores FINAL PREWHERE event_id IN {texts(event_ids)}"
        " ORDER BY event_id, assessor"
    )
    return _as(schema.SCORE, connection.read(query))


def embeddings(connection: Connection, event_ids: Sequence[UUID | str]) -> pa.Table:
    query = (
        f"SELECT {', '.join(schema.EMBEDDING.names)} FROM embeddings FINAL PREWHERE event_id IN {texts(event_ids)}"
        " ORDER BY event_id, field"
    )
    return _as(schema.EMBEDDING, connection.read(query))


def _as(target: pa.Schema, found: pa.Table) -> pa.Table:
    return pa.table([found[field.name].cast(field.type) for field in target], schema=target)


def _page(
    connection: Connection, where: EventFilter, target: pa.Schema, newest_first: bool, limit: int, skip: int
) -> Iterator[pa.RecordBatch]:
    """The rows of a page, from one span of time after the other until there are enough."""
    left = limit + skip
    for span in _newest_spans(where) if newest_first else [where]:
        for page in _pages(connection, span, target, newest_first, left):
            yield from page.slice(skip).to_batches()
            skip, left = max(0, skip - page.num_rows), left - page.num_rows
        if not left:
            return


def _pages(
    connection: Connection, where: EventFilter, target: pa.Schema, newest_first: bool, number: int
) -> Iterator[pa.Table]:
    """Copies of a row stand side by side in the order of a page; for those left out it is read on."""
    names = ", ".join(dict.fromkeys([*target.names, *_PLACE]))
    place = None
    while number:
        found = f"events{conditions.of_events(where)}{_order(newest_first)} LIMIT {number}"
        page = connection.read(f"SELECT {names} FROM {found}")
        rows = page.num_rows
        page, place = _without_copies(page, place)
        yield page
        if rows < number:
            return
        number -= page.num_rows
        where = replace(where, **{"older_than" if newest_first else "newer_than": place})


def _newest_spans(where: EventFilter) -> list[EventFilter]:
    """The filter in parts: the last hour, day and month that it allows, each without the part before, and the rest."""
    if where.ids or where.named or where.external_ids or where.user_hashes:
        return [where]
    bounds = [where.occurred_to, where.older_than and where.older_than[0]]
    latest = min((bound for bound in bounds if bound), default=timezone.now())
    spans, rest = [], where
    for start in (latest - length for length in _SPANS):
        if where.occurred_from is None or start > where.occurred_from:
            spans.append(replace(rest, occurred_from=start))
            rest = replace(where, occurred_to=start)
    return [*spans, rest]


def _without_copies(page: pa.Table, place: tuple | None) -> tuple[pa.Table, tuple | None]:
    """The rows that stand elsewhere than the one before them, and the place of the last; place: that of the first."""
    places = list(zip(page["occurred_at"].to_pylist(), page["id"].to_pylist(), strict=True))
    keep = [this != former for this, former in zip(places, [place, *places[:-1]], strict=True)] if places else []
    return page.filter(pa.array(keep, pa.bool_())), places[-1] if places else place


def _long(where: EventFilter, newest_first: bool, limit: int | None, skip: int) -> str:
    wanted, order = conditions.of_events(where), _order(newest_first)
    if limit is None or limit + skip > _LOOKED_UP:
        return f"events FINAL{wanted}{order}{_limited(limit, skip)}"
    found = f"events{wanted}{order} LIMIT 1 BY id{_limited(limit, skip)}"
    return f"events FINAL PREWHERE (deployment_id, id) GLOBAL IN (SELECT deployment_id, id FROM {found}){order}"


def _order(newest_first: bool) -> str:
    direction = "DESC" if newest_first else "ASC"
    return f" ORDER BY occurred_at {direction}, id {direction}"


def _limited(limit: int | None, skip: int) -> str:
    clause = "" if limit is None else f" LIMIT {limit}"
    return f"{clause} OFFSET {skip}" if skip else clause


def _cut(batches: Iterator[pa.RecordBatch], target: pa.Schema, batch_size: int) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        columns = [batch.column(field.name).cast(field.type) for field in target]
        whole = pa.RecordBatch.from_arrays(columns, schema=target)
        for start in range(0, whole.num_rows, batch_size):
            yield whole.slice(start, batch_size)


def _number(connection: Connection, rest: str) -> int:
    return connection.read(f"SELECT {rest}")["n"][0].as_py()

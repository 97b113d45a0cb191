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
from feedback.stores.base import EventFilter, Paging
from feedback.stores.clickhouse import conditions
from feedback.stores.clickhouse.conditions import Conditions
from feedback.stores.clickhouse.connection import Connection
from feedback.stores.clickhouse.literals import text, texts

# The most rows that are held in memory at once.
PAGE = 1_000
# The most rows whose texts are looked up after their order is known, in place of sorting texts.
_LOOKED_UP = 50_000
# A page lies mostly in the newest hour, and the index of times leaves out what lies before it.
_SPANS = (timedelta(hours=1), timedelta(days=1), timedelta(days=30))
_PLACE = ("occurred_at", "id")


def scan_events(connection: Connection, where: EventFilter, target: pa.Schema, paging: Paging) -> pa.RecordBatchReader:
    if paging.end is not None and paging.end <= PAGE:
        batches = _page(connection, where, target, paging)
    else:
        batches = connection.stream(f"SELECT {', '.join(target.names)} FROM {_long(where, paging)}")
    return pa.RecordBatchReader.from_batches(target, _cut(batches, target, paging.batch_size))


def scan_signals(connection: Connection, where: Conditions, target: pa.Schema, paging: Paging) -> pa.RecordBatchReader:
    order = _order(paging)
    found = f"signals FINAL{where}{order}{_limited(paging)}"
    if paging.end is not None and paging.end <= _LOOKED_UP:
        found = f"signals FINAL PREWHERE id GLOBAL IN (SELECT id FROM {found}){order}"
    batches = connection.stream(f"SELECT {', '.join(target.names)} FROM {found}")
    return pa.RecordBatchReader.from_batches(target, _cut(batches, target, paging.batch_size))


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


def scores(connection: Connection, event_ids: Sequence[UUID | str], assessor: str | None) -> pa.Table:
    by = "" if assessor is None else f" AND assessor = {text(assessor)}"
    query = (
        f"SELECT {', '.join(schema.SCORE.names)} FROM scores FINAL PREWHERE event_id IN {texts(event_ids)}{by}"
        f" ORDER BY {', '.join(schema.SCORE_KEY)}"
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


def _page(connection: Connection, where: EventFilter, target: pa.Schema, paging: Paging) -> Iterator[pa.RecordBatch]:
    """The rows of a page, from one span of time after the other until there are enough."""
    skip, left = paging.skip, paging.end
    for span in _newest_spans(where) if paging.newest_first else [where]:
        for page in _pages(connection, span, target, replace(paging, skip=0, limit=left)):
            yield from page.slice(skip).to_batches()
            skip, left = max(0, skip - page.num_rows), left - page.num_rows
        if not left:
            return


def _pages(connection: Connection, where: EventFilter, target: pa.Schema, paging: Paging) -> Iterator[pa.Table]:
    """Copies of a row stand side by side in the order of a page; for those left out it is read on."""
    names = list(dict.fromkeys([*target.names, *_PLACE]))
    place, number = None, paging.limit
    while number:
        found = f"events{conditions.of_events(where)}{_order(paging)} LIMIT {number}"
        page = connection.read(_with_cut_texts(names, found, paging))
        rows = page.num_rows
        page, place = _without_copies(page, place)
        yield page
        if rows < number:
            return
        number -= page.num_rows
        where = replace(where, **{"older_than" if paging.newest_first else "newer_than": place})


def _with_cut_texts(names: Sequence[str], found: str, paging: Paging) -> str:
    """The query of these columns; in one alone, a cut column would be the one that is searched."""
    query = f"SELECT {', '.join(names)} FROM {found}"
    if paging.characters is None:
        return query
    cut = [
        f"substringUTF8({name}, 1, {paging.characters}) AS {name}" if name in schema.LONG else name for name in names
    ]
    return f"SELECT {', '.join(cut)} FROM ({query}){_order(paging)}"


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


def _long(where: EventFilter, paging: Paging) -> str:
    wanted, order = conditions.of_events(where), _order(paging)
    if paging.end is None or paging.end > _LOOKED_UP:
        return f"events FINAL{wanted}{order}{_limited(paging)}"
    found = f"events{wanted}{order} LIMIT 1 BY id{_limited(paging)}"
    return f"events FINAL PREWHERE (deployment_id, id) GLOBAL IN (SELECT deployment_id, id FROM {found}){order}"


def _order(paging: Paging) -> str:
    direction = "DESC" if paging.newest_first else "ASC"
    return f" ORDER BY occurred_at {direction}, id {direction}"


def _limited(paging: Paging) -> str:
    clause = "" if paging.limit is None else f" LIMIT {paging.limit}"
    return f"{clause} OFFSET {paging.skip}" if paging.skip else clause


def _cut(batches: Iterator[pa.RecordBatch], target: pa.Schema, batch_size: int) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        columns = [batch.column(field.name).cast(field.type) for field in target]
        whole = pa.RecordBatch.from_arrays(columns, schema=target)
        for start in range(0, whole.num_rows, batch_size):
            yield whole.slice(start, batch_size)


def _number(connection: Connection, rest: str) -> int:
    return connection.read(f"SELECT {rest}")["n"][0].as_py()

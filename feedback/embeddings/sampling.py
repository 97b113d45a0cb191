"""A bounded sample of every hour is embedded: the events whose ids hash lowest, whatever the order of arrival."""

from collections import defaultdict
from datetime import datetime
from heapq import nsmallest

import xxhash
from django.conf import settings
from django.db import connection

from feedback.ingestion.tables import uuid_array
from feedback.schema import Row

# The hour's candidates so far and the new ones compete for its places; what loses its place is deleted.
_JOIN_SAMPLE = """
    WITH incoming AS (
        SELECT * FROM unnest(%(ids)s::uuid[], %(deployments)s::text[], %(hours)s::timestamptz[], %(ranks)s::bigint[])
            AS row (event_id, deployment_id, hour_at, sample_rank)
    ), candidate AS (
        SELECT event_id, deployment_id, hour_at, sample_rank, true AS is_new FROM incoming
        UNION ALL
        SELECT event_id, deployment_id, hour_at, sample_rank, false FROM feedback_embedding
        WHERE (deployment_id, hour_at) IN (SELECT DISTINCT deployment_id, hour_at FROM incoming)
    ), placed AS (
        SELECT *, row_number() OVER (PARTITION BY deployment_id, hour_at ORDER BY sample_rank, event_id) AS place
        FROM candidate
    ), dropped AS (
        DELETE FROM feedback_embedding
        WHERE event_id IN (SELECT event_id FROM placed WHERE place > %(places)s AND NOT is_new)
    )
    INSERT INTO feedback_embedding (event_id, deployment_id, hour_at, sample_rank, client)
    SELECT event_id, deployment_id, hour_at, sample_rank, '' FROM placed
    WHERE place <= %(places)s AND is_new ORDER BY event_id ON CONFLICT DO NOTHING
"""


def rank(event_id: str) -> int:
    """A signed 64-bit hash of the id: the lower, the sooner an event is in the sample."""
    return xxhash.xxh64_intdigest(event_id.encode()) - 2**63


def join_sample(rows: list[Row]) -> None:
    """Give newly stored events their places in the samples of their hours; call it in the writer's transaction."""
    chosen = _lowest_of_each_hour(rows, settings.EMBEDDING_SAMPLE_PER_HOUR)
    ids, deployments, hours, ranks = ([row[column] for row in chosen] for column in range(4))
    names = {"ids": uuid_array(ids), "deployments": deployments, "hours": hours, "ranks": ranks}
    with connection.cursor() as cursor:
        cursor.execute(_JOIN_SAMPLE, names | {"places": settings.EMBEDDING_SAMPLE_PER_HOUR})


def _lowest_of_each_hour(rows: list[Row], places: int) -> list[tuple[str, str, datetime, int]]:
    """(id, deployment, hour, rank) of the events that can have a place; of one hour never more than there are."""
    hours: defaultdict[tuple[str, datetime], list[tuple[int, str]]] = defaultdict(list)
    for row in rows:
        hour_at = row["occurred_at"].replace(minute=0, second=0, microsecond=0)
        hours[row["deployment_id"], hour_at].append((rank(row["id"]), row["id"]))
    return [
        (event_id, deployment_id, hour_at, place)
        for (deployment_id, hour_at), ranked in hours.items()
        for place, event_id in (ranked if len(ranked) <= places else nsmallest(places, ranked))
    ]

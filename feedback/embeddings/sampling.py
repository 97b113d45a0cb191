"""A bounded sample of every hour is embedded: the events whose ids hash lowest, whatever the order of arrival."""

import xxhash
from django.conf import settings
from django.db import connection

from feedback.ingestion.rows import Row

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
    with connection.cursor() as cursor:
        cursor.execute(
            _JOIN_SAMPLE,
            {
                "ids": [row["id"] for row in rows],
                "deployments": [row["deployment_id"] for row in rows],
                "hours": [row["occurred_at"].replace(minute=0, second=0, microsecond=0) for row in rows],
                "ranks": [rank(row["id"]) for row in rows],
                "places": settings.EMBEDDING_SAMPLE_PER_HOUR,
            },
        )

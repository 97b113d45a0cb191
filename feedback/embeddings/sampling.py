"""A bounded sample of every hour is embedded: the events whose ids hash lowest, whatever the order of arrival."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from heapq import nsmallest

import xxhash
from django.conf import settings
from django.db import connection

from feedback.models import SampledEvent
from feedback.stores.locks import uuid_array
from feedback.stores.schema import Row
from feedback.times import floor_hour

# Current members of the hour's sample and new events compete for its positions.
_JOIN_SAMPLE = """
    WITH incoming AS (
        SELECT * FROM unnest(
            %(ids)s::uuid[], %(deployments)s::text[], %(hours)s::timestamptz[], %(ranks)s::bigint[],
            %(times)s::timestamptz[], %(models)s::text[], %(prompts)s::text[]
        ) AS row (event_id, deployment_id, hour_at, sample_rank, occurred_at, model_version_id, prompt_version)
    ), candidate AS (
        SELECT event_id, deployment_id, hour_at, sample_rank, true AS is_new FROM incoming
        UNION ALL
        SELECT event_id, deployment_id, hour_at, sample_rank, false FROM feedback_sampledevent
        WHERE is_member AND (deployment_id, hour_at) IN (SELECT DISTINCT deployment_id, hour_at FROM incoming)
    ), placed AS (
        SELECT *, row_number() OVER (PARTITION BY deployment_id, hour_at ORDER BY sample_rank, event_id) AS place
        FROM candidate
    ), dropped AS (
        UPDATE feedback_sampledevent SET is_member = false
        WHERE event_id IN (SELECT event_id FROM placed WHERE place > %(places)s AND NOT is_new)
    )
    INSERT INTO feedback_sampledevent (
        event_id, deployment_id, hour_at, sample_rank, occurred_at, model_version_id, prompt_version, is_member, client
    )
    SELECT incoming.*, true, '' FROM incoming JOIN placed USING (event_id)
    WHERE place <= %(places)s AND is_new ORDER BY event_id ON CONFLICT DO NOTHING
"""


def rank(event_id: str) -> int:
    """A signed 64-bit hash of the id: the lower, the sooner an event is in the sample."""
    return xxhash.xxh64_intdigest(event_id.encode()) - 2**63


def join_sample(rows: list[Row]) -> None:
    """Add newly stored events to the samples of their hours; call it in the writer's transaction."""
    chosen = _lowest_of_each_hour(rows, settings.EMBEDDING_SAMPLE_PER_HOUR)
    names = {
        "ids": uuid_array(row["id"] for _, _, row in chosen),
        "hours": [hour_at for hour_at, _, _ in chosen],
        "ranks": [place for _, place, _ in chosen],
        "places": settings.EMBEDDING_SAMPLE_PER_HOUR,
    }
    columns = {
        "deployments": "deployment_id",
        "times": "occurred_at",
        "models": "model_version_id",
        "prompts": "prompt_version",
    }
    names |= {name: [row[column] for _, _, row in chosen] for name, column in columns.items()}
    with connection.cursor() as cursor:
        cursor.execute(_JOIN_SAMPLE, names)


def _lowest_of_each_hour(rows: list[Row], places: int) -> list[tuple[datetime, int, Row]]:
    """(hour, rank, row) of the events that can enter the sample, at most the sample size for each hour."""
    hours: defaultdict[tuple[str, datetime], list[tuple[int, str, Row]]] = defaultdict(list)
    for row in rows:
        hour_at = floor_hour(row["occurred_at"])
        hours[row["deployment_id"], hour_at].append((rank(row["id"]), row["id"], row))
    return [
        (hour_at, place, row)
        for (_, hour_at), ranked in hours.items()
        for place, _, row in (ranked if len(ranked) <= places else nsmallest(places, ranked))
    ]


def leave_sample(event_ids: Iterable[str]) -> None:
    """Remove deleted events from the sample; the next run of the embedding task removes their vectors."""
    SampledEvent.objects.filter(pk__in=list(event_ids)).update(is_member=False)


def leave_sample_before(deployment_id: str, moment: datetime) -> None:
    """Remove the events of one deployment that occurred before this time from the sample."""
    SampledEvent.objects.filter(deployment_id=deployment_id, occurred_at__lt=moment).update(is_member=False)

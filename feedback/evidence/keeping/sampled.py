"""Votes on the newest events of periods, so that a page costs the same however many events have evidence."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from feedback.evidence.group_approval import Ballot
from feedback.models import Evidence

# The most events that are read of one period.
MOST_EACH = 500
_NEWEST = """
    SELECT period.number, event_id, model_version_id, prompt_version, voters, ups, downs
    FROM unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[]) WITH ORDINALITY
        AS period (start_at, end_at, number), LATERAL (
        SELECT newest.* FROM unnest(%(deployments)s::text[]) AS deployment (id), LATERAL (
            SELECT event_id::text, model_version_id, prompt_version, voters, ups, downs, occurred_at
            FROM feedback_evidence
            WHERE deployment_id = deployment.id AND cardinality(voters) > 0
                AND occurred_at >= period.start_at AND occurred_at < period.end_at
            ORDER BY occurred_at DESC, event_id DESC LIMIT %(most)s
        ) AS newest
        ORDER BY occurred_at DESC, event_id DESC LIMIT %(most)s
    ) AS voted
"""


class VotedEvent(NamedTuple):
    """An event that users voted on. start: of the period that it was read in."""

    start: datetime
    event_id: str
    model_version_id: str
    prompt_version: str
    ballot: Ballot


def newest_of_periods(
    deployment_ids: Sequence[str], periods: Sequence[tuple[datetime, datetime]], *, most: int
) -> list[VotedEvent]:
    """The newest events with votes of each period from start to before end; of all periods about `most` together."""
    starts, ends = (list(side) for side in zip(*periods, strict=True))
    each = max(1, min(MOST_EACH, most // len(periods)))
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, {"starts": starts, "ends": ends, "deployments": list(deployment_ids), "most": each})
        rows = cursor.fetchall()
    return [VotedEvent(starts[row[0] - 1], *row[1:4], Ballot(*row[4:])) for row in rows]


def newest(deployment_id: str, *, most: int) -> list[Ballot]:
    """The votes on the newest events of a deployment that have any."""
    rows = Evidence.objects.of_deployment(deployment_id).with_votes().newest_first()
    return [Ballot(*row) for row in rows.values_list("voters", "ups", "downs")[:most]]

"""Counts the answers that an own check gave no result for, by deployment, reason and day."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from feedback.models import CheckFailure, Deployment
from feedback.quality.assessment import FAILURES
from feedback.quality.own_checks import own_checks
from feedback.quality.profiles import PROFILES
from feedback.stores.schema import Row

SHOWN_DAYS = 7
_ADD = """
    INSERT INTO feedback_checkfailure AS known (deployment_id, check_name, reason, day, n, last_at)
    SELECT deployment_id, check_name, reason, %s, n, %s
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::int[]) AS new (deployment_id, check_name, reason, n)
    ON CONFLICT (deployment_id, check_name, reason, day) DO UPDATE
    SET n = known.n + excluded.n, last_at = excluded.last_at
"""


def of_score(score: Row) -> Iterable[tuple[str, str]]:
    """Check and reason of each failure behind a score on its way to the store."""
    return [(check, reason) for check, reason in score.get(FAILURES, ())]


def add(events: Iterable[Row], scores: Mapping[str, Row]) -> None:
    """Count those behind the scores of these events; call it in the transaction that stores the events."""
    found: Counter[tuple[str, str, str]] = Counter()
    for event in events:
        score = scores.get(event["id"])
        if score and FAILURES in score:
            found.update((event["deployment_id"], *failed) for failed in of_score(score))
    if not found:
        return
    now = datetime.now(UTC)
    # In one order, so that two writers never wait for each other.
    rows = sorted((*key, n) for key, n in found.items())
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [now.date(), now, *map(list, zip(*rows, strict=True))])


def newest() -> list[tuple[str, str, int]]:
    """Check, reason and number of what failed since yesterday anywhere, the most frequent first."""
    found = CheckFailure.objects.since(datetime.now(UTC).date() - timedelta(days=1)).by_reason()
    return [(row["check_name"], row["reason"], row["total"]) for row in found]


def absent_checks() -> list[tuple[str, str]]:
    """Deployment and name of each check that a deployment chose and the installation does not have."""
    known = {check.name for profile in PROFILES.values() for check in profile.checks} | own_checks().keys()
    return [
        (deployment_id, name)
        for deployment_id, document in Deployment.objects.listed().with_quality_profile().order_by("pk")
        for name in document.get("weights", {})
        if name not in known
    ]


def recent(deployment_id: str) -> list[dict[str, Any]]:
    """What failed in the last SHOWN_DAYS days, the most frequent first."""
    first = datetime.now(UTC).date() - timedelta(days=SHOWN_DAYS - 1)
    return list(CheckFailure.objects.of_deployment(deployment_id).since(first).by_reason())

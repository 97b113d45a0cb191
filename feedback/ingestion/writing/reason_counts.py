"""Counts why items were rejected, by key, deployment and hour, in the transaction that closes their ledger rows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection

from feedback.ingestion.parsing import reasons
from feedback.ingestion.parsing.reasons import OTHER, Reason
from feedback.ingestion.stream import Entry
from feedback.models import RejectionReason
from feedback.times import floor_hour

# Rows of one key and hour; what comes after these is counted in one more row of each deployment.
MOST_ROWS = 100
_ADD = """
    INSERT INTO feedback_rejectionreason (hour_at, key_id, kind, deployment_id, field, code, message, count)
    SELECT * FROM unnest(%s::timestamptz[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
        %s::bigint[])
    ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (hour_at, key_id, kind, deployment_id, field, code)
    DO UPDATE SET count = feedback_rejectionreason.count + excluded.count
"""
_IDENTITY = ("hour_at", "key_id", "kind", "deployment_id", "field", "code")
# Hour, key (None for a file) and kind.
Group = tuple[datetime, int | None, str]


def add(entries: Sequence[Entry], in_use: Mapping[UUID, Mapping[str, int]]) -> None:
    """Count the reasons of these entries; `in_use`: by request, items of each deployment whose ids another one has.

    Call it last in a transaction: other writers with the same reasons wait from here to its end.
    """
    found: Counter[tuple[Group, Reason]] = Counter()
    for entry in entries:
        group = floor_hour(datetime.fromtimestamp(entry.received_at, UTC)), entry.key_id, entry.kind.value
        for reason, n in (entry.reasons + reasons.in_use(in_use.get(entry.batch_id, {}))).items():
            found[group, reason] += n
    if not found:
        return
    rows = _bounded(found)
    columns = zip(*((*group, *_parts(reason), n) for (group, reason), n in rows.items()), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [list(column) for column in columns])


def _bounded(found: Counter[tuple[Group, Reason]]) -> Counter[tuple[Group, Reason]]:
    """The same counts; beyond MOST_ROWS of a key and hour they go to the reason `other`."""
    there = {(hour_at, key_id): set() for (hour_at, key_id, _), _ in found}
    hours, key_ids = ({group[place] for group in there} for place in (0, 1))
    for row in RejectionReason.objects.of_hours_and_keys(hours, key_ids).values_list(*_IDENTITY):
        there.setdefault(row[:2], set()).add(row)
    bounded: Counter[tuple[Group, Reason]] = Counter()
    # Of one field and code several messages may come; the first one stays.
    first: dict[tuple, Reason] = {}
    for (group, reason), n in found.items():
        rows = there[group[:2]]
        if (*group, reason.deployment_id, reason.field, reason.code) not in rows and len(rows) >= MOST_ROWS:
            reason = replace(reason, field=OTHER.field, code=OTHER.code, message=OTHER.message)
        identity = (*group, reason.deployment_id, reason.field, reason.code)
        rows.add(identity)
        bounded[group, first.setdefault(identity, reason)] += n
    return bounded


def _parts(reason: Reason) -> tuple[str, str, str, str]:
    return reason.deployment_id, reason.field, reason.code, reason.message

"""Takes events out of the database with all that hangs on them. Locks are taken in the order of the writers."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from django.db.models.functions import Coalesce, Length

from feedback import rollups
from feedback.ingestion import tables
from feedback.models import Embedding, Event, QualityScore, Signal

_LEAVE_SAMPLE = """
    DELETE FROM feedback_embedding WHERE event_id IN (
        SELECT event_id FROM feedback_embedding WHERE event_id = ANY(%s::uuid[]) FOR UPDATE SKIP LOCKED
    )
"""


def remove_events(event_ids: Sequence[UUID], *, from_rollups: bool) -> list[UUID]:
    """Delete events with their scores and embeddings, and return the ids of those deleted.

    Call it in a transaction, before `remove_signals_of`. An event whose embedding another transaction holds stays for
    the next time: writers hold such rows while they wait for the lock of the signals.
    """
    events = Event.objects.filter(pk__in=event_ids).order_by("pk").select_for_update()
    rows = list(
        events.values(
            "id",
            "deployment_id",
            "model_version_id",
            "occurred_at",
            "quality_score",
            "latency_ms",
            prompt_characters=Coalesce("prompt_length", Length("prompt")),
            response_characters=Coalesce("response_length", Length("response")),
        )
    )
    with connection.cursor() as cursor:
        cursor.execute(_LEAVE_SAMPLE, [[row["id"] for row in rows]])
    held = set(Embedding.objects.filter(pk__in=[row["id"] for row in rows]).values_list("pk", flat=True))
    rows = [row for row in rows if row["id"] not in held]
    removed = [row["id"] for row in rows]
    QualityScore.objects.filter(event_id__in=removed).delete()
    Event.objects.filter(pk__in=removed).delete()
    if from_rollups:
        rollups.subtract(
            [
                row | {"prompt_length": row["prompt_characters"], "response_length": row["response_characters"]}
                for row in rows
            ]
        )
    return removed


def remove_signals_of(event_ids: Sequence[UUID]) -> int:
    """Delete whatever anyone said about these events; last in its transaction, as writers wait for it."""
    lock_signals()
    return Signal.objects.filter(event_id__in=event_ids).delete()[0]


def lock_signals() -> None:
    """Keep writers from attaching signals until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [tables.SIGNAL_LOCK])

"""Removes the evidence of what is removed, in the transaction that removes it."""

from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import islice

from django.db import transaction

from feedback.evidence.keeping.locking import lock_evidence
from feedback.evidence.votes import hash_of_user
from feedback.models import AuditedEvent, Evidence, TouchedEvent, UserReliability

_BATCH = 2_000


def forget_events(event_ids: Collection[str]) -> None:
    """Remove the evidence of these events and their audits; call it in a transaction."""
    lock_evidence()
    Evidence.objects.filter(pk__among=event_ids).delete()
    TouchedEvent.objects.filter(event_id__among=event_ids).delete()
    AuditedEvent.objects.filter(pk__among=event_ids).delete()


def forget_events_before(deployment_id: str, moment: datetime) -> None:
    """Remove the evidence and the audits of a deployment's events that occurred before this time, in batches."""
    for rows in (Evidence.objects, AuditedEvent.objects):
        expired = rows.of_deployment(deployment_id).occurred_before(moment).newest_first()
        ids = expired.values_list("pk", flat=True).iterator(chunk_size=_BATCH)
        while batch := list(islice(ids, _BATCH)):
            with transaction.atomic():
                forget_events(batch)


def forget_users(user_hashes: Iterable[str]) -> None:
    """Remove what is known of how reliable these users are; their votes go with their signals."""
    UserReliability.objects.filter(voter__in=[hash_of_user(one) for one in user_hashes]).delete()

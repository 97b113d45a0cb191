"""Erases a user from traffic, sets and exports."""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from curation import erasure as curation_erasure
from curation.models import CuratedSet
from exports.batches.target import TargetUnusable
from exports.choices import ErasureStatus
from exports.erasures import files
from exports.models import BlankedSet, Erasure
from exports.tasks import erase_user
from feedback.hashing import person_hashes
from feedback.ingestion import stream
from feedback.jobs import leases, sweeping
from feedback.removal import erasing as traffic

log = structlog.get_logger(__name__)

PERMISSION = "exports.add_erasure"
PAUSE_SECONDS = 0.2
# Clocks of the stream's server and of other workers differ.
CLOCK_MARGIN = timedelta(seconds=5)


def request(user_id: str | int, *, by: User) -> Erasure:
    """Request the erasure of the user with this client-side id. Raises PermissionDenied without the permission."""
    return request_of(person_hashes(user_id), by=by)


def request_of(hashes: Sequence[str], *, by: User) -> Erasure:
    """Request the erasure of the user with these hashes. Raises PermissionDenied without the permission."""
    if not by.has_perm(PERMISSION):
        raise PermissionDenied("Erasing a user needs the permission “Can add erasure”.")
    with transaction.atomic():
        erasure = Erasure.objects.create(hashes=list(hashes), requested_by=by)
        erase_user.delay_on_commit(erasure.pk)
    return erasure


def run(erasure_id: int) -> Erasure:
    """Remove the user's data; complete once nothing older than the request can arrive any more.

    Safe to kill and run again at any point. A failure is shown on the erasure and raised.
    """
    with leases.of_job(erase_user.name, erasure_id) as lease:
        if lease and Erasure.objects.unfinished().filter(pk=erasure_id).update(status=ErasureStatus.RUNNING):
            _try(Erasure.objects.select_related("requested_by").get(pk=erasure_id))
    return Erasure.objects.get(pk=erasure_id)


def _try(erasure: Erasure) -> None:
    try:
        _continue(erasure)
    except Exception as error:
        reason = (
            str(error) if isinstance(error, TargetUnusable) else f"{type(error).__name__}. See the log of the worker."
        )
        _report(erasure.pk, reason)
        raise


def _continue(erasure: Erasure) -> None:
    if erasure.drained_at is None:
        _drain(erasure)
    # Checked before examples are removed: every set built by now is covered by the removal.
    is_last = erasure.drained_at is not None and not _is_being_built(before=erasure.drained_at)
    _erase_examples(erasure)
    is_last &= files.delete(erasure)
    _update(erasure.pk, error="")
    if is_last:
        _complete(erasure)


def _drain(erasure: Erasure) -> None:
    """Remove stored traffic, and a last time once the stream holds nothing older than the first removal."""
    _erase_traffic(erasure)
    if erasure.cleared_at is None:
        erasure.cleared_at = timezone.now()
        _update(erasure.pk, cleared_at=erasure.cleared_at)
    if is_waiting(before=erasure.cleared_at):
        return
    _erase_traffic(erasure)
    erasure.drained_at = timezone.now()
    _update(erasure.pk, drained_at=erasure.drained_at)


def is_waiting(*, before: datetime) -> bool:
    """Whether the stream still holds an entry from before this time."""
    age = stream.backlog().oldest_age_seconds
    return age is not None and timezone.now() - timedelta(seconds=age) <= before + CLOCK_MARGIN


def _is_being_built(*, before: datetime) -> bool:
    """Whether a set is being built that may have read the user's events."""
    return CuratedSet.objects.building().started_before(before + CLOCK_MARGIN).exists()


def _erase_traffic(erasure: Erasure) -> None:
    while (erased := _erase_some_traffic(erasure)).more:
        if erased.nothing:
            time.sleep(PAUSE_SECONDS)


def _erase_some_traffic(erasure: Erasure) -> traffic.Erased:
    with transaction.atomic():
        erased = traffic.erase_some(erasure.hashes)
        _update(
            erasure.pk,
            events=F("events") + erased.events,
            signals=F("signals") + erased.signals,
            rejected_items=F("rejected_items") + erased.rejected_items,
        )
    return erased


def _erase_examples(erasure: Erasure) -> None:
    # A set that is decided or reopened meanwhile is found the next time.
    while _erase_from_sets(erasure):
        continue
    curation_erasure.erase_traces(erasure.hashes)


def _erase_from_sets(erasure: Erasure) -> bool:
    """Whether any set had rows of the user."""
    undecided = curation_erasure.open_sets(erasure.hashes)
    for set_id in undecided:
        with transaction.atomic():
            removed = curation_erasure.erase_from(set_id, erasure.hashes, by=erasure.requested_by)
            _update(erasure.pk, examples=F("examples") + removed)
    decided = curation_erasure.decided_sets(erasure.hashes)
    for set_id in decided:
        with transaction.atomic():
            blanked = curation_erasure.blank_in(set_id, erasure.hashes)
            _record(erasure, blanked)
            files.list_affected(erasure, blanked)
    return bool(undecided or decided)


def _record(erasure: Erasure, blanked: curation_erasure.Blanked) -> None:
    found, _ = BlankedSet.objects.get_or_create(erasure=erasure, curated_set=blanked.curated_set, defaults={"rows": 0})
    BlankedSet.objects.filter(pk=found.pk).update(rows=F("rows") + blanked.rows)


def _complete(erasure: Erasure) -> None:
    done = {"status": ErasureStatus.COMPLETED, "completed_at": timezone.now(), "hashes": []}
    if Erasure.objects.unfinished().filter(pk=erasure.pk).update(**done):
        erasure.refresh_from_db()
        log.info(
            "user_erased",
            erasure=erasure.pk,
            events=erasure.events,
            signals=erasure.signals,
            rejected_items=erasure.rejected_items,
            examples=erasure.examples,
            blanked=sum(blanked.rows for blanked in erasure.blanked_sets.all()),
        )


def _update(erasure_id: int, **facts) -> None:
    Erasure.objects.filter(pk=erasure_id).update(**facts)


def _report(erasure_id: int, reason: str) -> None:
    """Show the error. An erasure is an obligation, so it stays unfinished and is retried."""
    Erasure.objects.unfinished().filter(pk=erasure_id).update(error=reason)


def sweep() -> None:
    """Queue the erasures that are unfinished and have no worker."""
    unfinished = Erasure.objects.unfinished().values_list("pk", flat=True)
    sweeping.sweep(erase_user, unfinished, give_up=_report)

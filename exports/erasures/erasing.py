"""Erases a person everywhere: traffic, sets that are still open; and names what was decided and exported with them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from curation import erasure as curation_erasure
from curation.models import CuratedExample, CuratedSet
from exports.choices import ErasureStatus
from exports.models import Erasure, ExportBatch
from exports.tasks import erase_user
from feedback.hashing import person_hashes
from feedback.ingestion import stream
from feedback.jobs import leases, sweeping
from feedback.removal import erasing as traffic

log = structlog.get_logger(__name__)

PERMISSION = "exports.add_erasure"
PAUSE_SECONDS = 0.2
# The stream's server and the other workers go by clocks of their own.
CLOCK_MARGIN = timedelta(seconds=5)
NEXT_STEPS = (
    "Decided sets and their files are a record and stay as they are. Curate and approve a new version of each approved "
    "set, which no longer holds this user; delete the files named here and every copy of them; train again what was "
    "trained on them."
)


@dataclass(frozen=True)
class Remains:
    """What holds examples of the person and is not changed: decided sets, and exports of them."""

    sets: list[curation_erasure.DecidedSet]
    exports: list[ExportBatch]

    @property
    def next_steps(self) -> str:
        return NEXT_STEPS if self.sets else ""


def request(user_id: str | int, *, by: User) -> Erasure:
    """Ask for the erasure of the user that clients name so. Raises PermissionDenied without the permission."""
    return request_of(person_hashes(user_id), by=by)


def request_of(hashes: Sequence[str], *, by: User) -> Erasure:
    """Ask for the erasure of the person known by these hashes. Raises PermissionDenied without the permission."""
    if not by.has_perm(PERMISSION):
        raise PermissionDenied("Erasing a user needs the permission “Can add erasure”.")
    with transaction.atomic():
        erasure = Erasure.objects.create(hashes=list(hashes), requested_by=by)
        erase_user.delay_on_commit(erasure.pk)
    return erasure


def remains(erasure: Erasure) -> Remains:
    examples = CuratedExample.objects.of_people(erasure.hashes)
    exports = ExportBatch.objects.holding(examples).select_related("curated_set").order_by("pk")
    return Remains(curation_erasure.decided_sets(erasure.hashes), list(exports))


def run(erasure_id: int) -> Erasure:
    """Remove what there is; complete when nothing can come any more that was there at the request.

    It may be killed anywhere and run again. A failure is written to the erasure, where people see it, and raised.
    """
    with leases.of_job(erase_user.name, erasure_id) as lease:
        if lease and Erasure.objects.unfinished().filter(pk=erasure_id).update(status=ErasureStatus.RUNNING):
            _try(Erasure.objects.select_related("requested_by").get(pk=erasure_id))
    return Erasure.objects.get(pk=erasure_id)


def _try(erasure: Erasure) -> None:
    try:
        _go_on(erasure)
    except Exception as error:
        _report(erasure.pk, f"{type(error).__name__}; the log of the worker says more.")
        raise


def _go_on(erasure: Erasure) -> None:
    if erasure.drained_at is None:
        _drain(erasure)
    # Asked before examples are removed: what was built by now is there to be removed.
    is_last = erasure.drained_at is not None and not _is_being_built(since_before=erasure.drained_at)
    _erase_examples(erasure)
    _update(erasure.pk, error="")
    if is_last:
        _complete(erasure)


def _drain(erasure: Erasure) -> None:
    """Remove stored traffic; once the stream holds nothing as old as the first time, for the last time."""
    _erase_traffic(erasure)
    if erasure.cleared_at is None:
        erasure.cleared_at = timezone.now()
        _update(erasure.pk, cleared_at=erasure.cleared_at)
    if _is_waiting(since_before=erasure.cleared_at):
        return
    _erase_traffic(erasure)
    erasure.drained_at = timezone.now()
    _update(erasure.pk, drained_at=erasure.drained_at)


def _is_waiting(*, since_before: datetime) -> bool:
    """Whether the stream holds an entry that a writer has not written since."""
    age = stream.backlog().oldest_age_seconds
    return age is not None and timezone.now() - timedelta(seconds=age) <= since_before + CLOCK_MARGIN


def _is_being_built(*, since_before: datetime) -> bool:
    """Whether a set is being built that may have read the person's events."""
    return CuratedSet.objects.building().started_before(since_before + CLOCK_MARGIN).exists()


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
    for set_id in curation_erasure.open_sets(erasure.hashes):
        with transaction.atomic():
            removed = curation_erasure.erase_from(set_id, erasure.hashes, by=erasure.requested_by)
            _update(erasure.pk, examples=F("examples") + removed)


def _complete(erasure: Erasure) -> None:
    done = {"status": ErasureStatus.COMPLETED, "completed_at": timezone.now()}
    if Erasure.objects.unfinished().filter(pk=erasure.pk).update(**done):
        erasure.refresh_from_db()
        log.info(
            "user_erased",
            erasure=erasure.pk,
            events=erasure.events,
            signals=erasure.signals,
            rejected_items=erasure.rejected_items,
            examples=erasure.examples,
        )


def _update(erasure_id: int, **facts) -> None:
    Erasure.objects.filter(pk=erasure_id).update(**facts)


def _report(erasure_id: int, reason: str) -> None:
    """Show what went wrong. An erasure is owed to a person, so it stays unfinished and is tried again."""
    Erasure.objects.unfinished().filter(pk=erasure_id).update(error=reason)


def sweep() -> None:
    """Queue the erasures that wait for something, or whose worker is dead."""
    unfinished = Erasure.objects.unfinished().values_list("pk", flat=True)
    sweeping.sweep(erase_user, unfinished, give_up=_report)

"""Requests and approves exports, and recovers those without a worker."""

import hashlib

import orjson
import structlog
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from curation.models import CuratedSet
from exports.batches import storage
from exports.choices import ExportFormat, ExportStatus, Profile
from exports.models import ExportBatch
from exports.tasks import write_export
from feedback.jobs import leases, sweeping

log = structlog.get_logger(__name__)

APPROVE_PERMISSION = "exports.approve_exportbatch"


class ExportNotAllowed(Exception):
    """A step that the status of the set or of the batch does not allow."""


class SetNotApproved(ExportNotAllowed):
    def __init__(self, curated_set: CuratedSet):
        status = curated_set.get_status_display().lower()
        super().__init__(f"{curated_set} is {status}; only an approved set can be exported.")


class NotApprovable(ExportNotAllowed):
    def __init__(self, batch: ExportBatch):
        super().__init__(f"{batch} is already {batch.get_status_display().lower()}.")


def request(
    set_id: int, *, format: ExportFormat, by: User, profile: Profile = Profile.DEFAULT
) -> tuple[ExportBatch, bool]:
    """Return the batch of this content, format and profile, and whether it is new.

    Raises CuratedSet.DoesNotExist, and SetNotApproved for a set that is not approved.
    """
    curated_set = CuratedSet.objects.get(pk=set_id)
    if not CuratedSet.objects.exportable().filter(pk=set_id).exists():
        raise SetNotApproved(curated_set)
    options = {} if profile == Profile.DEFAULT else {"profile": profile}
    return ExportBatch.objects.get_or_create(
        key=hashlib.sha256(orjson.dumps([curated_set.content_hash, format, options])).hexdigest(),
        defaults={"curated_set": curated_set, "format": format, "options": options, "requested_by": by},
    )


def approve(batch_id: int, *, by: User, queue: bool = True) -> ExportBatch:
    """Approve a requested batch, or a failed one again; a worker writes it unless `queue` is off.

    Raises PermissionDenied without the permission, and NotApprovable in any other status.
    """
    if not by.has_perm(APPROVE_PERMISSION):
        raise PermissionDenied("Approving an export needs the permission “Can approve exports”.")
    with transaction.atomic():
        approved = (
            ExportBatch.objects.approvable()
            .filter(pk=batch_id)
            .update(status=ExportStatus.APPROVED, approved_by=by, approved_at=timezone.now(), error="")
        )
        batch = ExportBatch.objects.select_related("curated_set").get(pk=batch_id)
        if not approved:
            raise NotApprovable(batch)
        if queue:
            write_export.delay_on_commit(batch_id)
    return batch


def sweep() -> None:
    """Queue exports without a worker, fail those that crash their workers, and remove abandoned drafts."""
    overdue = ExportBatch.objects.overdue(sweeping.overdue_since())
    sweeping.sweep(write_export, overdue.values_list("pk", flat=True), give_up=_give_up)
    _remove_drafts()


def _give_up(batch_id: int, reason: str) -> None:
    ExportBatch.objects.unfinished().filter(pk=batch_id).update(status=ExportStatus.FAILED, error=reason)


def _remove_drafts() -> None:
    unfinished = storage.unfinished()  # Read before the leases: every draft belongs to a lease that already exists.
    for token in sorted(unfinished - leases.tokens(write_export.name)):
        storage.Draft(token).drop()
        log.info("export_leftover_removed", draft=token)

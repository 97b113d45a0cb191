"""Requests and approves exports, and picks up those that were left lying."""

import hashlib
from datetime import timedelta

import orjson
import structlog
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from curation.models import CuratedSet
from exports.batches import storage
from exports.choices import ExportFormat, ExportStatus, Profile
from exports.models import ExportBatch
from exports.tasks import write_export

log = structlog.get_logger(__name__)

APPROVE_PERMISSION = "exports.approve_exportbatch"
MAX_ATTEMPTS = 5


class ExportRefused(Exception):
    """A step that the state of the set or of the batch does not allow."""


class SetNotApproved(ExportRefused):
    def __init__(self, curated_set: CuratedSet):
        status = curated_set.get_status_display().lower()
        super().__init__(f"{curated_set} is {status}; only an approved set can be exported.")


class NotApprovable(ExportRefused):
    def __init__(self, batch: ExportBatch):
        super().__init__(f"{batch} is already {batch.get_status_display().lower()}.")


def request(
    set_id: int, *, format: ExportFormat, by: User, profile: Profile = Profile.DEFAULT
) -> tuple[ExportBatch, bool]:
    """The batch of this content, format and profile, and whether it is new: the same request gives the same batch.

    Raises CuratedSet.DoesNotExist, and SetNotApproved for a set that nobody approved.
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
    """Approve a requested batch, or a failed one once more; a worker writes it unless `queue` is off.

    Raises PermissionDenied without the permission, and NotApprovable in every other state.
    """
    if not by.has_perm(APPROVE_PERMISSION):
        raise PermissionDenied("Approving an export needs the permission “Can approve exports”.")
    with transaction.atomic():
        approved = (
            ExportBatch.objects.approvable()
            .filter(pk=batch_id)
            .update(status=ExportStatus.APPROVED, approved_by=by, approved_at=timezone.now(), error="", attempts=0)
        )
        batch = ExportBatch.objects.select_related("curated_set").get(pk=batch_id)
        if not approved:
            raise NotApprovable(batch)
        if queue:
            write_export.delay_on_commit(batch_id)
    return batch


def sweep() -> None:
    """Give up what fails again and again, queue what was left lying, and remove the drafts of nobody."""
    _go_on()
    _remove_drafts()


def _go_on() -> None:
    now = timezone.now()
    stuck = ExportBatch.objects.stuck(now, approved_before=now - timedelta(seconds=settings.EXPORT_LEASE_SECONDS))
    with transaction.atomic():
        stuck.attempted(MAX_ATTEMPTS).update(
            status=ExportStatus.FAILED,
            error=f"The worker ended without a word {MAX_ATTEMPTS} times. See its log, then approve again.",
        )
        for batch_id in stuck.order_by("pk").values_list("pk", flat=True):
            write_export.delay_on_commit(batch_id)


def _remove_drafts() -> None:
    unfinished = storage.unfinished()  # Read before the leases: a draft is made by a lease that exists already.
    held = {str(token) for token in ExportBatch.objects.in_hand().values_list("lease_token", flat=True)}
    for token in sorted(unfinished - held):
        storage.Draft(token).drop()
        log.info("export_leftover_removed", draft=token)

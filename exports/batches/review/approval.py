"""Decisions about exports: each is one conditional update and one row of the history."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from exports.batches.requesting import ExportNotAllowed
from exports.choices import ExportAction, ExportStatus
from exports.models import ExportBatch, ExportDecision
from exports.querysets import APPROVABLE, UNFINISHED
from exports.tasks import write_export

APPROVE_PERMISSION = "exports.approve_exportbatch"
CANCEL_PERMISSION = "exports.add_exportbatch"


class WrongStatus(ExportNotAllowed):
    def __init__(self, batch: ExportBatch):
        super().__init__(f"{batch} is already {batch.get_status_display().lower()}.")


class NotCancellable(ExportNotAllowed):
    def __init__(self, batch: ExportBatch):
        super().__init__(f"{batch} is {batch.get_status_display().lower()}: no worker writes it.")


class NoteRequired(ExportNotAllowed):
    def __init__(self):
        super().__init__("A rejection needs a note with the reason.")


class FourEyes(ExportNotAllowed):
    def __init__(self, batch: ExportBatch):
        super().__init__(f"FOUR_EYES is on: you can approve {batch} only if another user requested it.")


def approve(batch_id: int, *, by: User, queue: bool = True) -> ExportBatch:
    """Approve a requested batch, or a failed or cancelled one again; a worker writes it unless `queue` is off.

    Raises PermissionDenied without the permission, FourEyes if FOUR_EYES requires another user, and WrongStatus in any
    other status.
    """
    _check_permission(by)
    with transaction.atomic():
        batch = ExportBatch.objects.select_related("curated_set").get(pk=batch_id)
        if needs_another_user(batch, by=by):
            raise FourEyes(batch)
        facts = {"approved_by": by, "approved_at": timezone.now(), "error": "", "rows_done": 0, "rows_total": 0}
        approved = _step(ExportAction.APPROVE, batch_id, by, APPROVABLE, status=ExportStatus.APPROVED, **facts)
        if queue:
            write_export.delay_on_commit(batch_id)
    return approved


def needs_another_user(batch: ExportBatch, *, by: User) -> bool:
    """Whether FOUR_EYES prevents this user from approving: no one else requested the export."""
    if not settings.FOUR_EYES or batch.requested_by_id != by.pk:
        return False
    return not batch.decisions.filter(action=ExportAction.REQUEST_AGAIN).exclude(by=by).exists()


def reject(batch_id: int, *, by: User, note: str) -> ExportBatch:
    """Reject a requested batch, or one that failed or was cancelled, with a reason. The same request opens it again.

    Raises PermissionDenied without the permission, NoteRequired and WrongStatus.
    """
    _check_permission(by)
    if not note.strip():
        raise NoteRequired
    with transaction.atomic():
        return _step(ExportAction.REJECT, batch_id, by, APPROVABLE, note=note, status=ExportStatus.REJECTED)


def cancel(batch_id: int, *, by: User) -> ExportBatch:
    """End the writing of an approved batch; its worker notices within some seconds and publishes nothing.

    Raises PermissionDenied without the permission, and NotCancellable for a batch that no worker should write.
    """
    if not by.has_perm(CANCEL_PERMISSION):
        raise PermissionDenied("Cancelling an export needs the permission “Can add export”.")
    with transaction.atomic():
        try:
            return _step(ExportAction.CANCEL, batch_id, by, UNFINISHED, status=ExportStatus.CANCELLED)
        except WrongStatus as error:
            raise NotCancellable(ExportBatch.objects.get(pk=batch_id)) from error


def _step(action: ExportAction, batch_id: int, by: User, statuses: tuple, *, note: str = "", **facts: Any):
    decided = ExportBatch.objects.filter(pk=batch_id, status__in=statuses).update(**facts)
    batch = ExportBatch.objects.select_related("curated_set").get(pk=batch_id)
    if not decided:
        raise WrongStatus(batch)
    ExportDecision.objects.create(batch=batch, action=action, by=by, note=note.strip())
    return batch


def _check_permission(by: User) -> None:
    if not by.has_perm(APPROVE_PERMISSION):
        raise PermissionDenied("Approving or rejecting an export needs the permission “Can approve exports”.")

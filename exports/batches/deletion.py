"""Deletes the files of a published export from EXPORT_URL. Their names, sizes and hashes stay on record."""

from datetime import timedelta

import structlog
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from exports.batches import storage
from exports.batches.requesting import ExportNotAllowed
from exports.models import ExportBatch

log = structlog.get_logger(__name__)

PERMISSION = "exports.delete_exportbatch"


class NothingToDelete(ExportNotAllowed):
    def __init__(self, batch: ExportBatch):
        super().__init__(f"{batch} has no files: it is not published, or they were already deleted.")


def delete_files(batch_id: int, *, by: User) -> ExportBatch:
    """Permanently delete the files of an export.

    Raises PermissionDenied without the permission, NothingToDelete without files, and TargetUnusable; on an error, the
    record stays unchanged.
    """
    if not by.has_perm(PERMISSION):
        raise PermissionDenied("Deleting the files of an export needs the permission “Can delete export”.")
    batch = ExportBatch.objects.select_related("curated_set").get(pk=batch_id)
    if not batch.has_files or not remove_files(batch, by=by):
        raise NothingToDelete(batch)
    batch.refresh_from_db()
    return batch


def remove_files(batch: ExportBatch, *, by: User | None) -> bool:
    """Delete the files of a published export; return whether no other process did. The caller checks permissions.

    by: None if no user asked. Raises TargetUnusable; the record then stays unchanged.
    """
    # Files before the record: after a crash in between, a second call completes the deletion.
    for name in sorted({batch.published_as(file["path"]) for file in batch.files}):
        storage.remove(name)
    with_files = ExportBatch.objects.with_files().filter(pk=batch.pk)
    is_first = bool(with_files.update(files_deleted_at=timezone.now(), files_deleted_by=by))
    if is_first:
        log.info("export_files_deleted", export=batch.pk, by=by.pk if by else None)
    return is_first


def delete_expired() -> None:
    """Delete the files of exports that were published more than EXPORT_RETENTION_DAYS ago; 0 keeps them.

    Raises TargetUnusable; the next sweep continues.
    """
    if settings.EXPORT_RETENTION_DAYS <= 0:
        return
    oldest = timezone.now() - timedelta(days=settings.EXPORT_RETENTION_DAYS)
    for batch in ExportBatch.objects.with_files().filter(published_at__lt=oldest).order_by("published_at", "pk"):
        remove_files(batch, by=None)

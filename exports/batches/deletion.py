"""Deletes the files of a published export from EXPORT_URL. What they were stays on record, and is not written again."""

import structlog
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from exports.batches import storage
from exports.batches.requesting import ExportRefused
from exports.models import ExportBatch

log = structlog.get_logger(__name__)

PERMISSION = "exports.delete_exportbatch"


class NothingToDelete(ExportRefused):
    def __init__(self, batch: ExportBatch):
        super().__init__(f"{batch} has no files: it is not published, or they were deleted before.")


def delete_files(batch_id: int, *, by: User) -> ExportBatch:
    """Delete the files of an export for good.

    Raises PermissionDenied without the permission, NothingToDelete, and TargetUnusable, which changes no record.
    """
    if not by.has_perm(PERMISSION):
        raise PermissionDenied("Deleting the files of an export needs the permission “Can delete export”.")
    batch = ExportBatch.objects.select_related("curated_set").get(pk=batch_id)
    if not batch.has_files:
        raise NothingToDelete(batch)
    # Before the record: after a crash in between the same call ends what it began.
    for name in sorted({file["path"].partition("/")[0] for file in batch.files}):
        storage.remove(name)
    with_files = ExportBatch.objects.with_files().filter(pk=batch_id)
    if not with_files.update(files_deleted_at=timezone.now(), files_deleted_by=by):
        raise NothingToDelete(batch)
    log.info("export_files_deleted", export=batch_id, by=by.pk)
    batch.refresh_from_db()
    return batch

"""Deletes the files of a published export from EXPORT_URL. Their names, sizes and hashes stay on record."""

import structlog
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
    if not batch.has_files:
        raise NothingToDelete(batch)
    # Files before the record: after a crash in between, a second call completes the deletion.
    for name in sorted({file["path"].partition("/")[0] for file in batch.files}):
        storage.remove(name)
    with_files = ExportBatch.objects.with_files().filter(pk=batch_id)
    if not with_files.update(files_deleted_at=timezone.now(), files_deleted_by=by):
        raise NothingToDelete(batch)
    log.info("export_files_deleted", export=batch_id, by=by.pk)
    batch.refresh_from_db()
    return batch

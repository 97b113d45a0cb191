"""Removes an erased user from the files of exports."""

from django.conf import settings
from django.db.models import Q

from curation.erasure import Blanked
from exports.batches import deletion, requesting, storage
from exports.models import AffectedExport, Erasure, ExportBatch, ExportItem
from exports.tasks import write_export
from feedback.jobs import leases


def list_affected(erasure: Erasure, blanked: Blanked) -> None:
    """Record the exports whose files hold these rows, and remove the hashes of the rows' records."""
    items = ExportItem.objects.filter(Q(example__in=blanked.examples) | Q(pair__in=blanked.pairs))
    batches = items.values_list("batch_id", flat=True).distinct()
    AffectedExport.objects.bulk_create(
        [AffectedExport(erasure=erasure, batch_id=batch_id) for batch_id in batches], ignore_conflicts=True
    )
    items.update(row_sha256="")


def delete(erasure: Erasure) -> bool:
    """Delete the files that hold the user's rows; return whether no worker can still leave one behind.

    Raises TargetUnusable.
    """
    if settings.ERASURE_DELETES_FILES:
        for batch in ExportBatch.objects.affected_by(erasure).with_files():
            deletion.remove_files(batch, by=erasure.requested_by)
    unpublished = ExportBatch.objects.unpublished_of(erasure).order_by("pk").values_list("pk", flat=True)
    busy = [batch_id for batch_id in unpublished if not _remove_leftovers(batch_id)]
    requesting.remove_drafts()
    return not busy


def _remove_leftovers(batch_id: int) -> bool:
    """Remove a file that a killed worker moved to its name but did not record; return whether no worker is writing."""
    with leases.of_job(write_export.name, batch_id) as lease:
        if lease and (batch := ExportBatch.objects.unpublished().exclude(moved_to="").filter(pk=batch_id).first()):
            storage.remove(batch.moved_to)
    return lease is not None

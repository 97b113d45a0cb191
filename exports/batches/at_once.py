"""An export from its request to its files in one call, for commands and scripts."""

from typing import Any

from django.contrib.auth.models import User

from curation.models import CuratedSet
from exports.batches import requesting, writing
from exports.batches.errors import ExportNotAllowed
from exports.batches.review import approval
from exports.choices import ExportFormat, ExportStatus
from exports.models import ExportBatch
from exports.querysets import APPROVABLE


class NoSet(ExportNotAllowed):
    def __init__(self, deployment_id: str, set_id: int | None):
        which = "approved set" if set_id is None else f"set {set_id}"
        super().__init__(f"There is no {which} of the deployment {deployment_id}.")


class WrittenElsewhere(ExportNotAllowed):
    def __init__(self, batch: ExportBatch):
        super().__init__(f"{batch} is {batch.get_status_display().lower()}: another worker is writing it.")


def export(
    deployment_id: str, *, set_id: int | None = None, format: ExportFormat, by: User, **chosen: Any
) -> ExportBatch:
    """Request an export of a set, approve it as this user, write it, and return the published batch.

    set_id: by default the newest approved set. chosen: as `requesting.request` takes it. Raises ExportNotAllowed and
    what requesting, approving and writing raise.
    """
    curated_set = _set(deployment_id, set_id)
    batch, _ = requesting.request(curated_set.pk, format=format, by=by, **chosen)
    if batch.status in APPROVABLE:
        approval.approve(batch.pk, by=by, queue=False)
    batch = writing.write(batch.pk)
    if batch.status != ExportStatus.PUBLISHED:
        raise WrittenElsewhere(batch)
    return batch


def _set(deployment_id: str, set_id: int | None) -> CuratedSet:
    sets = CuratedSet.objects.of_deployment(deployment_id)
    found = sets.exportable().newest_first() if set_id is None else sets.filter(pk=set_id)
    if (curated_set := found.first()) is None:
        raise NoSet(deployment_id, set_id)
    return curated_set

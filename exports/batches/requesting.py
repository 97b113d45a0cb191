"""Requests and approves exports, and recovers those without a worker."""

import hashlib
from typing import Any

import orjson
import structlog
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from curation.models import CuratedSet
from exports.batches import history, options, storage
from exports.choices import ExportFormat, ExportStatus
from exports.models import ExportBatch
from exports.tasks import write_export
from feedback.jobs import leases, sweeping

log = structlog.get_logger(__name__)

KEY_VERSION = 2
APPROVE_PERMISSION = "exports.approve_exportbatch"


class ExportNotAllowed(Exception):
    """A step that the status of the set or of the batch does not allow."""


class SetNotApproved(ExportNotAllowed):
    def __init__(self, curated_set: CuratedSet):
        status = curated_set.get_status_display().lower()
        super().__init__(f"{curated_set} is {status}; only an approved set can be exported.")


class NothingNew(ExportNotAllowed):
    def __init__(self, curated_set: CuratedSet):
        super().__init__(
            f"Every row of {curated_set} was exported before; export it without only_new to have them again."
        )


class NotApprovable(ExportNotAllowed):
    def __init__(self, batch: ExportBatch):
        super().__init__(f"{batch} is already {batch.get_status_display().lower()}.")


def request(
    set_id: int, *, format: ExportFormat, by: User, product: str = "", only_new: bool = False, **chosen: Any
) -> tuple[ExportBatch, bool]:
    """Return the batch of this content, format, product and options, and whether it is new.

    product: "" for what the format holds by default. only_new: without rows that left in a published export of the
    product before now. Further options are those of `exports.products.base.Options`.

    Raises CuratedSet.DoesNotExist, InvalidOption, SetNotApproved for a set that is not approved, and NothingNew.
    """
    curated_set = CuratedSet.objects.get(pk=set_id)
    if not CuratedSet.objects.exportable().filter(pk=set_id).exists():
        raise SetNotApproved(curated_set)
    stored = options.stored(format, product=product, only_new=only_new, chosen=chosen)
    product = options.product_of(format, product)
    if earlier := _made_before(curated_set, format, product, stored):
        return earlier, False
    left = sorted(history.rows_left(curated_set, product)) if only_new else []
    if left and not history.has_others(curated_set, left):
        raise NothingNew(curated_set)
    key = [KEY_VERSION, curated_set.pk, curated_set.content_hash, format, product, stored, _digest(left)]
    return ExportBatch.objects.get_or_create(
        key=_digest(key),
        defaults={
            "key_version": KEY_VERSION,
            "curated_set": curated_set,
            "format": format,
            "product": product,
            "options": stored,
            "excluded_rows": left,
            "requested_by": by,
        },
    )


def _made_before(curated_set: CuratedSet, format: str, product: str, stored: dict[str, Any]) -> ExportBatch | None:
    """The batch of this request from before keys named the set and the product."""
    if set(stored) - {"profile"}:
        return None
    key = _digest([curated_set.content_hash, format, stored])
    return ExportBatch.objects.filter(key=key, key_version=1, product=product).first()


def _digest(value: Any) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()


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

"""Requests exports, and recovers those without a worker."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
import structlog
from django.contrib.auth.models import User
from django.db import transaction

from curation.models import CuratedExample, CuratedPair, CuratedSet
from exports.batches import erased, history, options, paths, storage
from exports.batches.errors import ExportNotAllowed
from exports.choices import ExportAction, ExportFormat, ExportStatus
from exports.models import ExportBatch, ExportDecision
from exports.tasks import write_export
from feedback.deployments.renames.deciding import confirmed_renames
from feedback.jobs import leases, sweeping

log = structlog.get_logger(__name__)

KEY_VERSION = 2


class SetNotApproved(ExportNotAllowed):
    def __init__(self, curated_set: CuratedSet):
        status = curated_set.get_status_display().lower()
        super().__init__(f"{curated_set} is {status}; only an approved set can be exported.")


class NothingNew(ExportNotAllowed):
    def __init__(self, curated_set: CuratedSet):
        super().__init__(
            f"Every row of {curated_set} was exported before; export it without only_new to have them again."
        )


def request(
    set_id: int,
    *,
    format: ExportFormat,
    by: User,
    product: str = "",
    only_new: bool = False,
    filters: Mapping[str, Any] | None = None,
    output_path: str = "",
    **chosen: Any,
) -> tuple[ExportBatch, bool]:
    """Return the batch of this content, format, product and options, and whether it is new or was rejected until now.

    product: "" for what the format holds by default. only_new: without rows that left in a published export of the
    product before now. filters: see `exports.batches.filters`. output_path: where the files will be, below EXPORT_URL.
    Further options are those of `exports.products.base.Options`.

    Raises CuratedSet.DoesNotExist, InvalidOption, SetNotApproved for a set that is not approved, NothingNew, and
    PathTaken for the path of another export.
    """
    curated_set = CuratedSet.objects.get(pk=set_id)
    if not CuratedSet.objects.exportable().filter(pk=set_id).exists():
        raise SetNotApproved(curated_set)
    renames = _renames(curated_set)
    stored = options.stored(format, product=product, only_new=only_new, chosen={**chosen, "renames": renames})
    if filters:
        stored[options.FILTERS] = dict(filters)
    if output_path:
        stored[paths.OUTPUT_PATH] = paths.checked(output_path, format)
    product = options.product_of(format, product)
    # After an erasure the files of the set hold fewer rows, so they are another export.
    gone = erased.count(set_id)
    if not gone and (earlier := _made_before(curated_set, format, product, stored)):
        return earlier, _reopen(earlier, by=by)
    left = sorted(history.rows_left(curated_set, product)) if only_new else []
    if left and not history.has_others(curated_set, left):
        raise NothingNew(curated_set)
    content = [KEY_VERSION, curated_set.pk, curated_set.content_hash, format, product, stored, _digest(left)]
    key = _digest([*content, gone] if gone else content)
    with transaction.atomic():
        if path := stored.get(paths.OUTPUT_PATH):
            paths.require_free(path, key=key, deployment_id=curated_set.deployment_id)
        batch, is_new = ExportBatch.objects.get_or_create(
            key=key,
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
        return batch, is_new or _reopen(batch, by=by)


def _reopen(batch: ExportBatch, *, by: User) -> bool:
    """Open a rejected batch again; return whether it was rejected."""
    with transaction.atomic():
        rejected = ExportBatch.objects.filter(pk=batch.pk, status=ExportStatus.REJECTED)
        if not rejected.update(status=ExportStatus.REQUESTED, error=""):
            return False
        ExportDecision.objects.create(batch=batch, action=ExportAction.REQUEST_AGAIN, by=by)
    batch.refresh_from_db()
    return True


def _made_before(curated_set: CuratedSet, format: str, product: str, stored: dict[str, Any]) -> ExportBatch | None:
    """The batch of this request from before keys named the set and the product."""
    if set(stored) - {"profile"}:
        return None
    key = _digest([curated_set.content_hash, format, stored])
    return ExportBatch.objects.filter(key=key, key_version=1, product=product).first()


def _renames(curated_set: CuratedSet) -> dict[str, str]:
    """Names of tools by former ones, as confirmed now, for a set whose rows declare or call tools."""
    renames, kinds = confirmed_renames(curated_set.deployment_id), (CuratedExample, CuratedPair)
    if renames and any(kind.objects.filter(curated_set=curated_set).with_tools_or_calls().exists() for kind in kinds):
        return renames
    return {}


def _digest(value: Any) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()


def sweep() -> None:
    """Queue exports without a worker, fail those that crash their workers, and remove abandoned files."""
    overdue = ExportBatch.objects.overdue(sweeping.overdue_since())
    sweeping.sweep(write_export, overdue.values_list("pk", flat=True), give_up=_give_up)
    _remove_leftovers()
    remove_drafts()


def _give_up(batch_id: int, reason: str) -> None:
    ExportBatch.objects.unfinished().filter(pk=batch_id).update(status=ExportStatus.FAILED, error=reason)


def _remove_leftovers() -> None:
    """Remove files that a killed worker moved to their name but did not record, of batches that ended since."""
    for batch in ExportBatch.objects.with_leftovers().order_by("pk"):
        with leases.of_job(write_export.name, batch.pk) as lease:
            leftover = ExportBatch.objects.with_leftovers().filter(pk=batch.pk)
            if lease and leftover.exists():
                storage.remove(batch.moved_to)
                leftover.update(moved_to="")
                log.info("export_leftover_removed", export=batch.pk)


def remove_drafts() -> None:
    """Remove the drafts that no worker writes any more."""
    unfinished = storage.unfinished()  # Read before the leases: every draft belongs to a lease that already exists.
    for token in sorted(unfinished - leases.tokens(write_export.name)):
        storage.Draft(token).drop()
        log.info("export_leftover_removed", draft=token)

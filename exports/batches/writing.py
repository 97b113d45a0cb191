"""Writes the files of an approved batch. Safe to kill, run again, or run in two workers at once."""

import hashlib
from collections import Counter
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from exports.batches import erased, manifest, paths, storage
from exports.batches.encodings import ENCODINGS
from exports.batches.gathering import Gathered
from exports.batches.review.progress import ExportCancelled, Progress
from exports.batches.spooling import NoSpace
from exports.batches.target import TargetUnusable
from exports.choices import ExportStatus, LeftOut
from exports.formats.base import FileFacts, Files, InvalidFile, Package
from exports.models import ExportBatch
from exports.tasks import write_export
from feedback.jobs import leases
from feedback.jobs.leases import Lease, LeaseLost

log = structlog.get_logger(__name__)


class NothingToExport(Exception):
    def __init__(self, excluded: Counter):
        reasons = ", ".join(f"{count:,} {LeftOut(reason).label}" for reason, count in excluded.items())
        self.excluded = excluded
        why = f"every example was excluded ({reasons})" if reasons else "no row of the set is left"
        super().__init__(f"Nothing to export in this format: {why}.")


def write(batch_id: int) -> ExportBatch:
    """Write and publish an unfinished batch; any other stays unchanged.

    A failure is shown on the batch and raised.
    """
    with leases.of_job(write_export.name, batch_id) as lease:
        if lease and ExportBatch.objects.unfinished().filter(pk=batch_id).update(status=ExportStatus.RUNNING):
            _write(ExportBatch.objects.select_related("curated_set").get(pk=batch_id), lease)
    return ExportBatch.objects.select_related("curated_set").get(pk=batch_id)


def _write(batch: ExportBatch, lease: Lease) -> None:
    draft = None
    try:
        draft = storage.Draft(lease.token)
        _publish(batch, lease, draft)
    except LeaseLost as lost:
        log.warning("export_lease_lost", export=batch.pk, reason=str(lost))
    except ExportCancelled:
        log.info("export_cancelled", export=batch.pk)
    except Exception as error:
        _fail(batch, lease, error)
        raise
    finally:
        if draft is not None:
            _drop(batch, draft)


def _publish(batch: ExportBatch, lease: Lease, draft: storage.Draft) -> None:
    name, format = paths.file_name(batch), ENCODINGS[batch.format].format
    progress = Progress(batch.pk, lease)
    with Gathered(batch) as gathered:
        gathered.read(progress.rows)
        tables = gathered.tables()
        if not tables:
            raise NothingToExport(gathered.excluded)
        package = Package(tables, manifest.of(batch, gathered))
        files = format.write(draft, name, package)
        format.check(draft, files, package, progress.check)
        published = _published(batch, files)
        _require_free(batch, published)
        _update(batch, lease, status=ExportStatus.VALIDATED, moved_to=published)
        draft.publish(published)
        try:
            _record(batch, lease, gathered, package, files)
        except LeaseLost:
            raise  # The files now belong to the worker that took over.
        except Exception:
            storage.remove(published)
            raise


def _update(batch: ExportBatch, lease: Lease, **facts: Any) -> None:
    """Update an unfinished batch as its lease holder. Raises LeaseLost and ExportCancelled, without a change."""
    with transaction.atomic():
        lease.confirm()
        if not ExportBatch.objects.unfinished().filter(pk=batch.pk).update(**facts):
            raise ExportCancelled


def _fail(batch: ExportBatch, lease: Lease, error: Exception) -> None:
    if isinstance(error, TargetUnusable | NoSpace):
        text = f"{error} Then approve this export again."
    elif isinstance(error, NothingToExport | InvalidFile | erased.RowsErased | paths.PathTaken):
        text = str(error)
    else:
        # A message of the database quotes the row that it rejects.
        text = f"{type(error).__name__}. See the log of the worker."
    excluded = dict(error.excluded) if isinstance(error, NothingToExport) else {}
    with suppress(LeaseLost, ExportCancelled):
        _update(batch, lease, status=ExportStatus.FAILED, error=text, excluded=excluded)


def _drop(batch: ExportBatch, draft: storage.Draft) -> None:
    try:
        draft.drop()
    except TargetUnusable as error:
        # The batch's result is already recorded; the sweep removes the draft later.
        log.warning("export_draft_left", export=batch.pk, reason=error.problem)


def _published(batch: ExportBatch, files: Files) -> str:
    """The file, or the folder of the files."""
    return batch.published_as(next(iter(files)))


def _require_free(batch: ExportBatch, published: str) -> None:
    """Raise PathTaken where a path that a user chose is of other files than those that this batch moved there."""
    if paths.OUTPUT_PATH in batch.options and batch.moved_to != published and storage.exists(published):
        raise paths.PathTaken(published, "exists already")


def _record(batch: ExportBatch, lease: Lease, gathered: Gathered, package: Package, files: Files) -> None:
    total = _total(files, sum(table.rows for table in package.tables))
    with transaction.atomic():
        _update(
            batch,
            lease,
            status=ExportStatus.PUBLISHED,
            rows=total.rows,
            bytes=total.bytes,
            sha256=total.sha256,
            files=[{"path": path, **asdict(facts)} for path, facts in files.items()],
            excluded=dict(gathered.excluded),
            left_out=gathered.left_out,
            manifest=package.manifest,
            moved_to="",
            published_at=timezone.now(),
        )
        gathered.save_items()
        erased.require_none(batch)
    log.info(
        "export_complete",
        export=batch.pk,
        format=batch.format,
        count=total.rows,
        bytes=total.bytes,
        path=_published(batch, files),
    )


def _total(files: Files, rows: int) -> FileFacts:
    """The combined facts of all files. The hash of several files is that of their `sha256sum` listing."""
    facts = list(files.values())
    if len(facts) == 1:
        return facts[0]
    listed = "".join(f"{one.sha256}  {path}\n" for path, one in files.items())
    digest = hashlib.sha256(listed.encode()).hexdigest()
    return FileFacts(rows, sum(one.bytes for one in facts), digest)

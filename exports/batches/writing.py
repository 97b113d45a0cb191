"""Writes the files of an approved batch. Safe to kill, run again, or run in two workers at once."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from itertools import islice

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from curation.models import CuratedExample, CuratedPair
from curation.sets import withdrawn
from exports.batches import storage
from exports.batches.encodings import ENCODINGS
from exports.batches.excluded import rows_of
from exports.batches.target import TargetUnusable
from exports.choices import ExportStatus, LeftOut, Profile
from exports.formats import jsonl
from exports.formats.base import FileFacts, Files, InvalidFile
from exports.models import ExportBatch, ExportItem
from exports.products.base import Record
from exports.tasks import write_export
from feedback.jobs import leases
from feedback.jobs.leases import Lease, LeaseLost

log = structlog.get_logger(__name__)
MAX_NAME_PART = 80
ROWS_PER_QUERY = 500


class NothingToExport(Exception):
    def __init__(self, excluded: Counter):
        reasons = ", ".join(f"{count:,} {LeftOut(reason).label}" for reason, count in excluded.items())
        self.excluded = excluded
        super().__init__(f"Nothing to export in this format: every example was excluded ({reasons}).")


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
    except Exception as error:
        _fail(batch, lease, error)
        raise
    finally:
        if draft is not None:
            _drop(batch, draft)


def _publish(batch: ExportBatch, lease: Lease, draft: storage.Draft) -> None:
    name, encoding = file_name(batch), ENCODINGS[batch.format]
    records = _Records(batch, lease)
    files = encoding.format.write(draft, name, records)
    if not records.items:
        raise NothingToExport(records.excluded)
    encoding.format.check(draft, files, lease.require)
    _update(batch, lease, status=ExportStatus.VALIDATED)
    draft.publish(name)
    try:
        _record(batch, lease, records, files)
    except LeaseLost:
        raise  # The files now belong to the worker that took over.
    except Exception:
        storage.remove(name)
        raise


def _update(batch: ExportBatch, lease: Lease, **facts) -> None:
    """Update a batch as its lease holder. Raises LeaseLost, without a change, if the lease is lost."""
    with transaction.atomic():
        lease.confirm()
        ExportBatch.objects.filter(pk=batch.pk).update(**facts)


def _fail(batch: ExportBatch, lease: Lease, error: Exception) -> None:
    if isinstance(error, TargetUnusable):
        text = f"{error} Then approve this export again."
    elif isinstance(error, NothingToExport | InvalidFile):
        text = str(error)
    else:
        text = f"{type(error).__name__}: {error}"
    excluded = dict(error.excluded) if isinstance(error, NothingToExport) else {}
    with suppress(LeaseLost):
        _update(batch, lease, status=ExportStatus.FAILED, error=text, excluded=excluded)


def _drop(batch: ExportBatch, draft: storage.Draft) -> None:
    try:
        draft.drop()
    except TargetUnusable as error:
        # The batch's result is already recorded; the sweep removes the draft later.
        log.warning("export_draft_left", export=batch.pk, reason=error.problem)


class _Records:
    """The records of a batch in set order; excluded counts and items are complete once all are read."""

    def __init__(self, batch: ExportBatch, lease: Lease):
        self.items: list[ExportItem] = []
        self.excluded: Counter[str] = Counter()
        self._batch = batch
        self._lease = lease

    def __iter__(self) -> Iterator[Record]:
        encoding = ENCODINGS[self._batch.format]
        profile = Profile(self._batch.options.get("profile", Profile.DEFAULT))
        for row, is_withdrawn in self._rows():
            self._lease.require()
            records = encoding.records(row, profile)
            if is_withdrawn and not isinstance(records, LeftOut):
                records = LeftOut.TRAINING_NOT_ALLOWED
            if isinstance(records, LeftOut):
                self.excluded[records.value] += 1
                if records == LeftOut.UNWRITABLE:
                    log.warning("row_unwritable", export=self._batch.pk, row=row.pk)
                continue
            digest = hashlib.sha256(b"\n".join(map(jsonl.line, records))).hexdigest()
            of_row = {"pair_id" if isinstance(row, CuratedPair) else "example_id": row.pk}
            self.items.append(ExportItem(batch=self._batch, row_sha256=digest, **of_row))
            yield from records

    def _rows(self) -> Iterator[tuple[CuratedExample | CuratedPair, bool]]:
        """The rows of the product in order, each with whether it may no longer be used for training."""
        unread = rows_of(self._batch).in_order().iterator(chunk_size=ROWS_PER_QUERY)
        while rows := list(islice(unread, ROWS_PER_QUERY)):
            found = withdrawn.among(rows, deployment_id=self._batch.curated_set.deployment_id)
            yield from ((row, row.pk in found) for row in rows)


def file_name(batch: ExportBatch) -> str:
    """A unique name for the content, with characters that are safe in paths."""
    curated_set = batch.curated_set
    deployment = curated_set.deployment_id.lstrip(".-")[:MAX_NAME_PART] or "deployment"
    name = slugify(curated_set.name)[:MAX_NAME_PART] or "set"
    return f"{deployment}-{name}-v{curated_set.version}-{batch.key[:12]}{ENCODINGS[batch.format].suffix}"


def _record(batch: ExportBatch, lease: Lease, records: _Records, files: Files) -> None:
    total = _total(files)
    with transaction.atomic():
        _update(
            batch,
            lease,
            status=ExportStatus.PUBLISHED,
            rows=total.rows,
            bytes=total.bytes,
            sha256=total.sha256,
            files=[{"path": path, **asdict(facts)} for path, facts in files.items()],
            excluded=dict(records.excluded),
            published_at=timezone.now(),
        )
        ExportItem.objects.bulk_create(records.items, batch_size=2_000)
    log.info(
        "export_complete",
        export=batch.pk,
        format=batch.format,
        count=total.rows,
        bytes=total.bytes,
        path=file_name(batch),
    )


def _total(files: Files) -> FileFacts:
    """The combined facts of all files. The hash of several files is that of their `sha256sum` listing."""
    facts = list(files.values())
    if len(facts) == 1:
        return facts[0]
    listed = "".join(f"{one.sha256}  {path}\n" for path, one in files.items())
    digest = hashlib.sha256(listed.encode()).hexdigest()
    return FileFacts(sum(one.rows for one in facts), sum(one.bytes for one in facts), digest)

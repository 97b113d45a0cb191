"""Writes the file of an approved batch. It may be killed anywhere and run again, and by two workers at once."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import orjson
import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from curation.models import CuratedExample
from exports.batches import storage
from exports.batches.target import TargetUnusable
from exports.choices import ExportStatus, LeftOut, Profile
from exports.formats import FORMATS
from exports.models import ExportBatch, ExportItem
from exports.tasks import write_export
from feedback.jobs import leases
from feedback.jobs.leases import Lease, LeaseLost

log = structlog.get_logger(__name__)
MAX_NAME_PART = 80
# Ends of lines to Python's str.splitlines and to JavaScript, though not to JSON: written as escapes.
LINE_ENDS = {end.encode(): f"\\u{ord(end):04x}".encode() for end in "\u0085\u2028\u2029"}


class NothingToExport(Exception):
    def __init__(self, excluded: Counter):
        reasons = ", ".join(f"{count:,} {LeftOut(reason).label}" for reason, count in excluded.items())
        self.excluded = excluded
        super().__init__(f"Nothing to export in this format: every example was left out ({reasons}).")


def write(batch_id: int) -> ExportBatch:
    """Write and publish a batch that waits for a worker; any other stays as it is.

    A failure is written to the batch, where people see it, and raised.
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
    name = file_name(batch)
    rows = _Rows(batch, lease)
    facts = draft.write_lines(name, rows)
    if not rows.items:
        raise NothingToExport(rows.excluded)
    draft.check_lines(name, facts, at_each=lease.require)
    _update(batch, lease, status=ExportStatus.VALIDATED)
    draft.publish(name)
    try:
        _record(batch, lease, rows, facts)
    except LeaseLost:
        raise  # The same file belongs to the worker that took over.
    except Exception:
        storage.remove(name)
        raise


def _update(batch: ExportBatch, lease: Lease, **facts) -> None:
    """Change a batch as its holder. Raises LeaseLost, changing nothing, when this worker is not."""
    with transaction.atomic():
        lease.confirm()
        ExportBatch.objects.filter(pk=batch.pk).update(**facts)


def _fail(batch: ExportBatch, lease: Lease, error: Exception) -> None:
    if isinstance(error, TargetUnusable):
        text = f"{error} Then approve this export again."
    elif isinstance(error, NothingToExport | storage.InvalidFile):
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
        # What became of the batch is said already; the sweep tries again.
        log.warning("export_draft_left", export=batch.pk, reason=error.problem)


class _Rows:
    """The lines of a batch in the order of its set; what was left out, and the items, once they are read."""

    def __init__(self, batch: ExportBatch, lease: Lease):
        self.items: list[ExportItem] = []
        self.excluded: Counter[str] = Counter()
        self._batch = batch
        self._lease = lease

    def __iter__(self) -> Iterator[bytes]:
        to_row = FORMATS[self._batch.format].row
        profile = Profile(self._batch.options.get("profile", Profile.DEFAULT))
        examples = CuratedExample.objects.filter(curated_set_id=self._batch.curated_set_id).in_order()
        for example in examples.iterator(chunk_size=500):
            self._lease.require()
            row = to_row(example, profile)
            if isinstance(row, LeftOut):
                self.excluded[row.value] += 1
                continue
            line = _line(row)
            digest = hashlib.sha256(line).hexdigest()
            self.items.append(ExportItem(batch=self._batch, example_id=example.pk, row_sha256=digest))
            yield line


def _line(row: dict) -> bytes:
    line = orjson.dumps(row)
    for end, escape in LINE_ENDS.items():
        line = line.replace(end, escape)
    return line


def file_name(batch: ExportBatch) -> str:
    """One name per content, without anything that a path could trip over."""
    curated_set = batch.curated_set
    deployment = curated_set.deployment_id.lstrip(".-")[:MAX_NAME_PART] or "deployment"
    name = slugify(curated_set.name)[:MAX_NAME_PART] or "set"
    return f"{deployment}-{name}-v{curated_set.version}-{batch.key[:12]}{FORMATS[batch.format].SUFFIX}"


def _record(batch: ExportBatch, lease: Lease, rows: _Rows, facts: storage.FileFacts) -> None:
    name = file_name(batch)
    with transaction.atomic():
        _update(
            batch,
            lease,
            status=ExportStatus.PUBLISHED,
            rows=facts.rows,
            bytes=facts.bytes,
            sha256=facts.sha256,
            files=[{"path": name, "rows": facts.rows, "bytes": facts.bytes, "sha256": facts.sha256}],
            excluded=dict(rows.excluded),
            published_at=timezone.now(),
        )
        ExportItem.objects.bulk_create(rows.items, batch_size=2_000)
    log.info("export_complete", export=batch.pk, format=batch.format, count=facts.rows, bytes=facts.bytes, path=name)

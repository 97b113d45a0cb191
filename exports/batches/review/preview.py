"""What an export would hold if it were written now, in numbers for the user who approves it."""

import json
import re
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, QuerySet

from curation.choices import Split
from curation.models import CuratedPair
from exports.batches import options
from exports.batches.gathering import Gathered, Row, sources
from exports.models import ExportBatch
from feedback import masking
from feedback.models import MaskingPattern

# Above, or after so many seconds, rows are counted by the database.
MOST_ROWS = 20_000
MOST_SECONDS = 10.0
COUNTED_BY_DATABASE = (
    "The numbers are of all rows of the set that the products read: records of more than 20,000 rows, or that take "
    "more than 10 seconds, are not made for a preview. Some of the rows may be left out, and masks are not counted."
)


class _TooMany(Exception):
    """The records are too many for a preview."""


@dataclass
class ExportPreview:
    """rows: by product and split. people: users and editors. masks: by kind, None if they are not counted."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    people: int = 0
    deployments: list[str] = field(default_factory=list)
    masks: dict[str, int] | None = None
    first_at: datetime | None = None
    last_at: datetime | None = None
    excluded: dict[str, int] = field(default_factory=dict)
    note: str = ""


def of(batch: ExportBatch) -> ExportPreview:
    """The preview of a batch; changes nothing."""
    try:
        return _exact(batch)
    except _TooMany:
        return _counted(batch)


def _exact(batch: ExportBatch) -> ExportPreview:
    """Make the records, as the worker does."""
    ends_at = time.monotonic() + MOST_SECONDS
    people: set[str] = set()
    times: list[datetime] = []

    def progress(done: int, total: int) -> None:
        if total > MOST_ROWS or time.monotonic() > ends_at:
            raise _TooMany

    def leaves(row: Row) -> None:
        people.update(row.people - {""})
        times[:] = [min([row.occurred_at, *times]), max([row.occurred_at, *times])]

    with Gathered(batch) as gathered:
        gathered.read(progress, leaves=leaves)
        tables = gathered.tables()
        return ExportPreview(
            rows=[{"product": one.product, "split": one.split, "rows": one.rows} for one in tables],
            people=len(people),
            deployments=[batch.curated_set.deployment_id] if tables else [],
            masks=_masks(batch, (line for table in tables for line in table.lines())),
            first_at=times[0] if times else None,
            last_at=times[1] if times else None,
            excluded=dict(gathered.excluded),
        )


def _masks(batch: ExportBatch, lines: Iterable[bytes]) -> dict[str, int]:
    """How many masks of each kind are in the records."""
    names = {f"[{kind}]": kind for kind in masking.KINDS}
    for pattern in MaskingPattern.objects.filter(deployment_id=batch.curated_set.deployment_id):
        # As it is written in the JSON of a record.
        names[json.dumps(pattern.replacement or f"[{pattern.name}]", ensure_ascii=False)[1:-1]] = pattern.name
    longest_first = sorted(names, key=len, reverse=True)
    mask = re.compile("|".join(map(re.escape, longest_first)))
    found = Counter(names[match] for line in lines for match in mask.findall(line.decode()))
    return dict(sorted(found.items()))


def _counted(batch: ExportBatch) -> ExportPreview:
    preview = ExportPreview(deployments=[batch.curated_set.deployment_id], note=COUNTED_BY_DATABASE)
    people: set[str] = set()
    for rows in sources(batch.curated_set, options.products(batch)):
        _add(preview, people, rows.order_by())
    preview.people = len(people - {""})
    return preview


def _add(preview: ExportPreview, people: set[str], rows: QuerySet) -> None:
    kind = "pairs" if rows.model is CuratedPair else "examples"
    numbers = dict(rows.values_list("split").annotate(number=Count("pk")))
    preview.rows += [{"product": kind, "split": split, "rows": numbers[split]} for split in Split if split in numbers]
    columns = ["user_hash", "editor_hash", *(["rejected_user_hash"] if kind == "pairs" else [])]
    for column in columns:
        people.update(rows.values_list(column, flat=True).distinct())
    times = rows.aggregate(first=Min("occurred_at"), last=Max("occurred_at"))
    preview.first_at = min(filter(None, [preview.first_at, times["first"]]), default=None)
    preview.last_at = max(filter(None, [preview.last_at, times["last"]]), default=None)

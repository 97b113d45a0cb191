"""Folds deltas into the rollups of their hours and days. One at a time; readers see the same sums before and after."""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import msgspec
import structlog
import xxhash
from django.db import connection, transaction

from feedback.advisory_locks import AdvisoryLock
from feedback.choices import Bucket
from feedback.measures.catalogue import Measure, first_measure_of, kind_of
from feedback.models import Rollup, RollupDelta
from feedback.rollups import integers, users
from feedback.rollups.deltas import as_columns
from feedback.rollups.rows import as_cell
from feedback.rollups.tally import Cell, add_up

log = structlog.get_logger(__name__)
DELTAS_AT_ONCE = 2_000
_ROWS_AT_ONCE = 500
_COLUMNS = (
    *("id", "deployment_id", "model_version_id", "prompt_version", "segment", "bucket", "start_at"),
    *("metric", "assessor", "measure_version", "scheme"),
    *("n", "total", "squares", "bins", "names", "counts"),
)
_WRITE = f"""
    INSERT INTO feedback_rollup ({", ".join(_COLUMNS)})
    SELECT {", ".join(_COLUMNS)} FROM json_to_recordset(%s::json) AS row (
        id uuid, deployment_id text, model_version_id text, prompt_version text, segment text, bucket text,
        start_at timestamptz, metric text, assessor text, measure_version text, scheme int,
        n bigint, total float8, squares float8,
        bins int[], names text[], counts int[]
    )
    ON CONFLICT (id) DO UPDATE SET n = excluded.n, total = excluded.total, squares = excluded.squares,
        bins = excluded.bins, names = excluded.names, counts = excluded.counts
"""


_READ = "SELECT id, n, total, squares, bins, names, counts FROM feedback_rollup WHERE id = ANY(%(ids)s)"


@dataclass(frozen=True)
class Key:
    """What a rollup is about."""

    deployment_id: str
    model_version_id: str
    prompt_version: str
    segment: str
    bucket: str
    start_at: datetime
    measure: Measure
    scheme: int

    @property
    def id(self) -> uuid.UUID:
        """The same for the same key, however long its names are, and the same as before there were versions."""
        measure = self.measure
        parts = [*self._names, self.bucket, self.start_at.isoformat(), measure.metric, str(self.scheme)]
        if measure != first_measure_of(measure.metric):
            parts += [measure.assessor, measure.version]
        return uuid.UUID(bytes=xxhash.xxh3_128_digest("\0".join(parts).encode()))

    @property
    def _names(self) -> tuple[str, ...]:
        return self.deployment_id, self.model_version_id, self.prompt_version, self.segment

    def of_day(self) -> "Key":
        day = self.start_at.replace(hour=0)
        return Key(*self._names, Bucket.DAY.value, day, self.measure, self.scheme)


def fold() -> int:
    """Fold every delta there is; return how many. Does nothing while another process folds."""
    folded = 0
    while True:
        with lock(wait=False) as is_held:
            count = fold_some() if is_held else 0
        folded += count
        if count < DELTAS_AT_ONCE:
            break
    if folded:
        log.info("rollups_folded", deltas=folded)
    return folded


@contextmanager
def lock(*, wait: bool) -> Iterator[bool]:
    """Be the only one that writes rollups until the block ends, which is one transaction.

    Arrays are added up inside of it, because behind a pooler only a transaction's lock holds; no one else waits for it.
    """
    function = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)::text", [AdvisoryLock.ROLLUPS])
            [answer] = cursor.fetchone()
        yield answer != "false"


def fold_some() -> int:
    """Fold the oldest deltas, at most DELTAS_AT_ONCE, and return how many; call it with the lock."""
    deltas = list(RollupDelta.objects.order_by("pk")[:DELTAS_AT_ONCE])
    if not deltas:
        return 0
    write(_with_what_is_there(_sums(deltas)))
    users.save(users.counted(deltas))
    RollupDelta.objects.filter(pk__in=[delta.pk for delta in deltas]).delete()
    return len(deltas)


def _sums(deltas: Sequence[RollupDelta]) -> dict[Key, Cell]:
    """What the deltas add to each hour and to each day."""
    hours: defaultdict[Key, list[Cell]] = defaultdict(list)
    for delta in deltas:
        about = (delta.deployment_id, delta.model_version_id, delta.prompt_version, delta.segment)
        for change in delta.changes:
            columns = {name: change[name] for name in ("n", "total", "squares", "bins", "names", "counts")}
            key = Key(*about, Bucket.HOUR.value, delta.hour_at, _measure_of(change), delta.scheme)
            hours[key].append(as_cell(**columns))
    sums = {key: add_up(cells) for key, cells in hours.items()}
    days: defaultdict[Key, list[Cell]] = defaultdict(list)
    for key, cell in sums.items():
        days[key.of_day()].append(cell)
    return sums | {key: add_up(cells) for key, cells in days.items()}


def _measure_of(change: Mapping) -> Measure:
    """Writers of earlier versions do not say how they measured."""
    first = first_measure_of(change["metric"])
    version = change.get("measure_version", first.version)
    return Measure(first.metric, change.get("assessor", first.assessor), version)


def _with_what_is_there(changes: Mapping[Key, Cell]) -> dict[Key, Cell]:
    ids = {key.id: key for key in changes}
    sums = dict(changes)
    for row_id, *columns in integers.fetch(_READ, {"ids": list(ids)}):
        key = ids[row_id]
        sums[key] = add_up([as_cell(*columns), changes[key]])
    return {key: cell.without_rounding(kind_of(*key.measure[:2])) for key, cell in sums.items()}


def write(cells: Mapping[Key, Cell]) -> None:
    """Set rollups to these cells; those that hold nothing any more are deleted. Call it in a transaction."""
    rows = [
        {
            "id": key.id,
            "deployment_id": key.deployment_id,
            "model_version_id": key.model_version_id,
            "prompt_version": key.prompt_version,
            "segment": key.segment,
            "bucket": key.bucket,
            "start_at": key.start_at,
            "metric": key.measure.metric,
            "assessor": key.measure.assessor,
            "measure_version": key.measure.version,
            "scheme": key.scheme,
            **as_columns(cell),
        }
        for key, cell in cells.items()
        if not cell.is_nothing
    ]
    with connection.cursor() as cursor:
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            cursor.execute(_WRITE, [msgspec.json.encode(rows[start : start + _ROWS_AT_ONCE]).decode()])
    Rollup.objects.filter(pk__in=[key.id for key, cell in cells.items() if cell.is_nothing]).delete()

"""Rows of rollups and of deltas, read in one statement: a fold in between neither hides nor doubles anything."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection

from feedback.choices import Assessor, Bucket
from feedback.measures.binning import SCHEME
from feedback.measures.catalogue import FIRST_VERSION, FIRST_VERSION_OF_CHECKS, OWN
from feedback.rollups import integers
from feedback.rollups.tally import Cell
from feedback.times import DAY, whole_hours

KEYS = (
    *("deployment_id", "model_version_id", "prompt_version", "segment", "at"),
    *("metric", "assessor", "measure_version"),
)
_FOLDED = """
    SELECT row.deployment_id, row.model_version_id, row.prompt_version, row.segment, row.start_at AS at, row.metric,
        row.assessor, row.measure_version, row.n, row.total, row.squares, row.bins, row.names, row.counts
    FROM unnest(%(buckets)s::text[], %(starts)s::timestamptz[], %(ends)s::timestamptz[])
        AS span (bucket, start_at, end_at)
    JOIN feedback_rollup AS row
        ON row.bucket = span.bucket AND row.start_at >= span.start_at AND row.start_at < span.end_at
    WHERE row.scheme = %(scheme)s AND (%(metrics)s::text[] IS NULL OR row.metric = ANY(%(metrics)s))
"""
# Writers of earlier versions do not say how they measured; see `catalogue.first_measure_of`.
_OF_CHECKS = "change.metric IN ('quality', 'format', 'refusal') OR starts_with(change.metric, 'check.')"
_UNFOLDED = f"""
    SELECT row.deployment_id, row.model_version_id, row.prompt_version, row.segment, row.hour_at AS at, change.metric,
        COALESCE(change.assessor, CASE WHEN {_OF_CHECKS} THEN '{Assessor.CHECKS}' ELSE '' END) AS assessor,
        COALESCE(change.measure_version, CASE WHEN {_OF_CHECKS} THEN '{FIRST_VERSION_OF_CHECKS}'
            ELSE '{FIRST_VERSION}' END) AS measure_version,
        change.n, change.total, change.squares, change.bins, change.names, change.counts
    FROM feedback_rollupdelta AS row, jsonb_to_recordset(row.changes) AS change (
        metric text, assessor text, measure_version text,
        n bigint, total float8, squares float8, bins int[], names text[], counts int[]
    )
    WHERE row.hour_at >= %(start)s AND row.hour_at < %(end)s
        AND row.scheme = %(scheme)s AND (%(metrics)s::text[] IS NULL OR change.metric = ANY(%(metrics)s))
"""
_FILTERS = ("deployment_id", "model_version_id", "prompt_version", "segment")


@dataclass(frozen=True)
class RollupWindow:
    """Whole hours from start to before end. What is left at None does not restrict; '' as segment is all events.

    assessors: those of the program's own metrics unless others are named, whose scores are metrics of their own.
    """

    start: datetime
    end: datetime
    deployment_id: str | None = None
    model_version_id: str | None = None
    prompt_version: str | None = None
    segment: str | None = ""
    assessors: Sequence[str] | None = OWN
    except_deployments: Sequence[str] = ()

    @classmethod
    def over(cls, start: datetime, end: datetime, **where: Any) -> "RollupWindow":
        """The hours that hold these moments; `end` is exclusive."""
        return cls(*whole_hours(start, end), **where)

    def spans(self, *, by_hour: bool = False) -> list[tuple[Bucket, datetime, datetime]]:
        """Whole days, and the hours before and after them; hours alone where they are asked for."""
        first = self.start.replace(hour=0)
        first = first if first == self.start else first + DAY
        last = self.end.replace(hour=0)
        if by_hour or last <= first:
            return [(Bucket.HOUR, self.start, self.end)]
        spans = [(Bucket.HOUR, self.start, first), (Bucket.DAY, first, last), (Bucket.HOUR, last, self.end)]
        return [span for span in spans if span[1] < span[2]]


def fetch(
    window: RollupWindow, metrics: Sequence[str] | None, keys: Sequence[str], *, by_hour: bool = False
) -> Iterable[tuple[tuple, Cell]]:
    """Every row and delta of a window as (its values of `keys`, which are some of KEYS, and its cell).

    What lies within a whole day may come as one row, unless `by_hour`; metrics None means all of them.
    """
    columns = ", ".join(_known(keys))
    statement = f"SELECT {columns}, n, total, squares, bins, names, counts FROM ({_source(window)}) AS row"
    rows = integers.fetch(statement, _parameters(window, metrics, by_hour))
    return [(tuple(row[: len(keys)]), as_cell(*row[len(keys) :])) for row in rows]


def sums(
    window: RollupWindow, metrics: Sequence[str] | None, keys: Sequence[str], *, by_hour: bool = False
) -> Iterable[tuple[tuple, datetime, datetime, int, float, float]]:
    """(values of `keys`, first and last start, n, total, squares) of each combination that holds anything."""
    columns = ", ".join(_known(keys))
    statement = f"""
        SELECT {columns}, min(at), max(at), sum(n)::bigint, sum(total), sum(squares) FROM ({_source(window)}) AS row
        GROUP BY {columns} HAVING sum(n) <> 0 ORDER BY {columns}
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, _parameters(window, metrics, by_hour))
        rows = cursor.fetchall()
    return [(tuple(row[: len(keys)]), *row[len(keys) :]) for row in rows]


def _known(keys: Sequence[str]) -> list[str]:
    """The columns of these keys. Raises ValueError for another name: these become SQL."""
    if unknown := set(keys) - set(KEYS):
        raise ValueError(f"no such key: {', '.join(sorted(unknown))}")
    return list(keys)


def _source(window: RollupWindow) -> str:
    wheres = "".join(f" AND row.{name} = %({name})s" for name in _FILTERS if getattr(window, name) is not None)
    if window.except_deployments:
        wheres += " AND row.deployment_id <> ALL(%(except_deployments)s)"
    both = f"{_FOLDED}{wheres} UNION ALL {_UNFOLDED}{wheres}"
    return both if window.assessors is None else f"SELECT * FROM ({both}) AS row WHERE assessor = ANY(%(assessors)s)"


def _parameters(window: RollupWindow, metrics: Sequence[str] | None, by_hour: bool) -> dict:
    buckets, starts, ends = zip(*window.spans(by_hour=by_hour), strict=True)
    return {
        "buckets": [bucket.value for bucket in buckets],
        "starts": list(starts),
        "ends": list(ends),
        "start": window.start,
        "end": window.end,
        "scheme": SCHEME,
        "metrics": None if metrics is None else [str(metric) for metric in metrics],
        "assessors": None if window.assessors is None else list(window.assessors),
        "except_deployments": list(window.except_deployments),
        **{name: getattr(window, name) for name in _FILTERS},
    }


def as_cell(n: int, total: float, squares: float, bins, names: Sequence[str], counts) -> Cell:
    """A cell from the columns of a row; bins and counts are lists or arrays."""
    counts = np.asarray(counts, dtype=np.int64)
    if len(names):
        return Cell(n, total, squares, names=dict(zip(names, counts.tolist(), strict=True)))
    return Cell(n, total, squares, np.asarray(bins, dtype=np.int64), counts)

"""Hourly sums that the dashboards read instead of events."""

from collections import defaultdict
from datetime import datetime

from django.db import connection

from feedback.choices import Metric
from feedback.models import MetricRollup
from feedback.schema import Row

_KEY = "deployment_id, model_version_id, metric, hour_at"
_FOLD = f"""
    WITH crowded AS (
        SELECT {_KEY} FROM feedback_metricrollup GROUP BY {_KEY} HAVING count(*) > 1
    ), taken AS (
        DELETE FROM feedback_metricrollup WHERE ({_KEY}) IN (SELECT * FROM crowded) RETURNING *
    )
    INSERT INTO feedback_metricrollup ({_KEY}, n, total, total_squares)
    SELECT {_KEY}, sum(n), sum(total), sum(total_squares) FROM taken GROUP BY {_KEY} HAVING sum(n) <> 0
"""


def add(rows: list[Row]) -> None:
    """Insert what these newly stored events add to their hours; call it in the writer's transaction."""
    _insert(rows, sign=1)


def subtract(rows: list[Row]) -> None:
    """Insert what these events no longer add to their hours; call it in the transaction that deletes them."""
    _insert(rows, sign=-1)


def _insert(rows: list[Row], *, sign: int) -> None:
    sums: dict[tuple[str, str, datetime, Metric], list[float]] = defaultdict(lambda: [0, 0.0, 0.0])
    for row in rows:
        hour_at = row["occurred_at"].replace(minute=0, second=0, microsecond=0)
        for metric, value in _measures(row):
            if value is not None:
                entry = sums[row["deployment_id"], row["model_version_id"], hour_at, metric]
                entry[0] += sign
                entry[1] += sign * value
                entry[2] += sign * value * value
    MetricRollup.objects.bulk_create(
        [
            MetricRollup(
                deployment_id=deployment_id,
                model_version_id=model_version_id,
                hour_at=hour_at,
                metric=metric,
                n=n,
                total=total,
                total_squares=total_squares,
            )
            for (deployment_id, model_version_id, hour_at, metric), (n, total, total_squares) in sums.items()
        ]
    )


def _measures(row: Row):
    yield Metric.QUALITY, row["quality_score"]
    yield Metric.LATENCY, row["latency_ms"]
    yield Metric.PROMPT_LENGTH, row["prompt_length"]
    yield Metric.RESPONSE_LENGTH, row["response_length"]


def fold() -> None:
    """Merge the rows of each key into one. Sums stay the same for every reader, before and after."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLD)

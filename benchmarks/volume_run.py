"""Loads one store to each size and measures it there: run by `benchmarks.volume`, which reads the last line."""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from benchmarks import bulk_events  # noqa: E402
from feedback.measures import measuring  # noqa: E402
from feedback.models import Deployment  # noqa: E402
from feedback.rollups import deltas, folding  # noqa: E402
from feedback.stores import event_store  # noqa: E402
from feedback.stores.base import EventFilter, Paging  # noqa: E402, Paging

COLUMNS = ["id", "occurred_at", "model_version_id", "latency_ms", "quality_score", "prompt_tokens"]
SCANNED = 1_000_000
REPEATS = 9
END = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def main(sizes: list[int]) -> None:
    fresh_database()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    event_store().prepare()
    Deployment.objects.bulk_create([Deployment(id=name) for name in bulk_events.DEPLOYMENTS])
    results, loaded = [], 0
    for size in sizes:
        store_seconds, rollup_seconds = load(size - loaded, seed=size)
        settle()
        results.append(
            {
                "events": size,
                "events_per_second": round((size - loaded) / store_seconds),
                "rollup_us": rollup_seconds / (size - loaded) * 1e6,
                "bytes_per_event": round(stored_bytes() / size),
                "pages": {name: page_ms(address) for name, address in pages().items()},
                "scan": scan() if size >= SCANNED and event_store().shares_transaction else None,
            }
        )
        loaded = size
    sys.stdout.write("\n" + json.dumps(results) + "\n")


def fresh_database() -> None:
    """A database beside the one that the environment names."""
    name = f"volume_{settings.EVENT_STORE}"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}"')
    connection.close()
    connection.settings_dict["NAME"] = name


def load(n: int, *, seed: int) -> tuple[float, float]:
    """Seconds that n events take in the store and in the rollups, without the time of making them."""
    stored = rolled_up = 0.0
    for events, scores in bulk_events.tables(n, end=END, seed=seed):
        stored += timed(lambda events=events, scores=scores: event_store().append_events(events, scores))
        rolled_up += timed(lambda events=events, scores=scores: roll_up(events, scores))
    return stored, rolled_up + timed(folding.fold)


def roll_up(events, scores) -> None:
    with transaction.atomic():
        deltas.add(measuring.measure(events.to_pylist(), deltas.by_event(scores.to_pylist())))


def settle() -> None:
    """What autovacuum and merges do in time."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def stored_bytes() -> int:
    if not event_store().shares_transaction:
        folder = Path(settings.CLICKHOUSE_URL.removeprefix("chdb://"))
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_total_relation_size('feedback_event') + pg_total_relation_size('feedback_qualityscore')"
        )
        return cursor.fetchone()[0]


def pages() -> dict[str, str]:
    listed = reverse("admin:feedback_event_changelist")
    deployment = reverse("admin:feedback_deployment_change", args=["helpdesk"])
    return {
        "home page": reverse("admin:index") + "?range=30d",
        "one deployment, 30 days": f"{deployment}?range=30d",
        "events, two filters": f"{listed}?deployment_id=helpdesk&model_version_id=v2",
    }


def page_ms(address: str) -> float:
    user, _ = get_user_model().objects.get_or_create(username="bench", is_staff=True, is_superuser=True)
    client = Client(HTTP_HOST=settings.ALLOWED_HOSTS[0] if settings.ALLOWED_HOSTS else "localhost")
    client.force_login(user)

    def ask():
        answer = client.get(address)
        if answer.status_code != 200:
            raise SystemExit(f"{address} answered {answer.status_code}")

    ask()
    return median(timed(ask) for _ in range(REPEATS)) * 1_000


def scan() -> tuple[float, float, float]:
    """Seconds for SCANNED rows through the contract, for a bare COPY of them, and the ratio."""
    edge = (
        event_store().scan(EventFilter(), ["occurred_at"], Paging(skip=SCANNED - 1, limit=1)).read_all()["occurred_at"]
    )
    where = EventFilter(occurred_from=edge[0].as_py(), occurred_to=END + timedelta(days=1))

    def read():
        return sum(batch.num_rows for batch in event_store().scan(where, COLUMNS))

    ours = median(timed(read) for _ in range(3))
    bare = median(timed(lambda: copy_out(where)) for _ in range(3))
    return ours, bare, bare / ours


def copy_out(where: EventFilter) -> int:
    statement = (
        f"COPY (SELECT {', '.join(COLUMNS)} FROM feedback_event WHERE occurred_at >= %s AND occurred_at < %s) TO STDOUT"
    )
    with connection.cursor() as cursor, cursor.copy(statement, [where.occurred_from, where.occurred_to]) as copy:
        return sum(len(row) for row in copy)


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]])

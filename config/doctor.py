"""What may be wrong with a running installation. Each check returns a finding, or None when all is well."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import Error, connection

from config.jobs import beat as scheduler
from config.jobs import queues, workers
from drift.models import AlertChannel
from exports.batches import storage
from exports.batches.target import TargetUnusable
from feedback import valkey
from feedback.api.health import waiting_migrations
from feedback.deployments import policies
from feedback.ingestion import stream, writers
from feedback.stores import event_store
from feedback.stores.base import StoreAway, StoreMisconfigured

OLD_BACKLOG_SECONDS = 60
LARGE_BACKLOG_SHARE = 0.5
SILENT_BEAT_SECONDS = 180
START = "start it with `make run`, or `docker compose up -d {service}` in production"


@dataclass(frozen=True)
class Finding:
    problem: str
    advice: str


def findings() -> Iterator[Finding]:
    """Check everything; what cannot be judged while a server is away is left out."""
    for check, dependent in (
        (database, [migrations, masking, alert_channels]),
        (stream_server, [writer, backlog, entries, worker, beat]),
    ):
        finding = check()
        if finding:
            yield finding
        else:
            yield from filter(None, (further() for further in dependent))
    if finding := store():
        yield finding


def database() -> Finding | None:
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        return Finding(
            f"The database does not answer: {_first_line(error)}",
            f"Check DATABASE_URL and the server, or {START.format(service='postgres')}.",
        )
    return None


def migrations() -> Finding | None:
    waiting = waiting_migrations()
    if not waiting:
        return None
    return Finding(f"{waiting} database migrations are not applied.", "Run `manage.py migrate`.")


def store() -> Finding | None:
    """The event store, where that is not the database itself."""
    try:
        event_store().check()
    except (StoreAway, StoreMisconfigured) as error:
        problem, _, advice = str(error).partition(". ")
        return Finding(f"{problem}.", advice)
    return None


def masking() -> Finding | None:
    try:
        unusable = policies.unusable_patterns()
    except Error:
        return None  # Migrations wait, as another check says.
    if not unusable:
        return None
    named = "; ".join(f"{name} ({', '.join(patterns)})" for name, patterns in sorted(unusable.items()))
    return Finding(
        f"Masking patterns cannot be used, so everything sent to these deployments is refused: {named}.",
        "Mend or remove the patterns on the deployment's page in the console, which says what is wrong with them.",
    )


def alert_channels() -> Finding | None:
    try:
        failing = list(AlertChannel.objects.failing().values_list("name", flat=True))
    except Error:
        return None  # Migrations wait, as another check says.
    if not failing:
        return None
    return Finding(
        f"The last message to these alert channels failed: {', '.join(failing)}.",
        "Their pages under Alerts in the console say why. Mend it and send a test.",
    )


def stream_server() -> Finding | None:
    try:
        valkey.client().ping()
    except redis.RedisError as error:
        return Finding(
            f"Redis does not answer, so events go straight to the database and no task runs: {_first_line(error)}",
            f"Check REDIS_URL and the server, or {START.format(service='valkey')}.",
        )
    return None


def writer() -> Finding | None:
    if writers.writers_alive():
        return None
    return Finding(
        "No writer is alive, so accepted events wait and are not stored.",
        f"Run `manage.py run_writer`, or {START.format(service='writer')}.",
    )


def backlog() -> Finding | None:
    waiting = stream.backlog()
    is_large = waiting.entries >= LARGE_BACKLOG_SHARE * settings.INGEST_MAX_BACKLOG_ENTRIES
    if not is_large and (waiting.oldest_age_seconds or 0) < OLD_BACKLOG_SECONDS:
        return None
    return Finding(
        f"{waiting.entries} requests wait to be written, the oldest for {waiting.oldest_age_seconds:.0f} s.",
        "Read the writer's log; if it only cannot keep up, start a second writer.",
    )


def entries() -> Finding | None:
    newer = stream.newer_entries()
    if not newer:
        return None
    return Finding(
        f"{newer} requests in the stream were written by a later version and wait for a writer of it.",
        "Upgrade the writers to the version of the web servers; nothing is lost meanwhile.",
    )


def worker() -> Finding | None:
    taken = {queue for living in workers.alive() for queue in living.queues}
    missing = [name for name in queues.PURPOSES if name not in taken]
    if not missing:
        return None
    services = " ".join(f"worker-{name}" for name in missing)
    advice = f"Run `celery -A config worker -Q {','.join(missing)}`, or {START.format(service=services)}."
    if not taken:
        return Finding("No Celery worker is alive, so drift, curation and export jobs wait.", advice)
    waiting = "; ".join(f"{name} ({queues.PURPOSES[name]})" for name in missing)
    return Finding(f"No living Celery worker takes from these queues, so what they hold waits: {waiting}.", advice)


def beat() -> Finding | None:
    holder, now = scheduler.holder(), time.time()
    if holder is None:
        return Finding(
            "Celery beat does not run, so nothing scheduled is done.",
            f"Run `celery -A config beat`, or {START.format(service='beat')}.",
        )
    heard_at = cache.get("beat:heartbeat")
    if now - max(heard_at or 0, holder.started_at) < SILENT_BEAT_SECONDS:
        return None
    since = "yet" if heard_at is None else f"for {(now - heard_at) / 60:.0f} minutes"
    return Finding(
        f"Celery beat runs as {holder.name}, but no worker has passed on its sign of life {since}.",
        "A worker of the queue `ingest` does that: see that one runs and is not busy with something long.",
    )


def export_target() -> Finding | None:
    """Not one of `findings`, which a page shows: it writes, and waits long for an object store that is away."""
    try:
        storage.probe()
    except TargetUnusable as error:
        return Finding(f"Exports cannot be written: {error.problem}", error.advice)
    except storage.InvalidFile as error:
        return Finding(f"Exports cannot be written: {error}", "Name another place in EXPORT_URL.")
    return None


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]

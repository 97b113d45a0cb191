"""What may be wrong with a running installation. Each check returns a finding, or None when all is well."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import Error, connection

from config.celery import app
from feedback.health import waiting_migrations
from feedback.ingestion import stream

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
    for check, dependent in ((database, [migrations]), (stream_server, [writer, backlog, worker, beat])):
        finding = check()
        if finding:
            yield finding
        else:
            yield from filter(None, (further() for further in dependent))


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


def stream_server() -> Finding | None:
    try:
        stream.client().ping()
    except redis.RedisError as error:
        return Finding(
            f"Redis does not answer, so events go straight to the database and no task runs: {_first_line(error)}",
            f"Check REDIS_URL and the server, or {START.format(service='valkey')}.",
        )
    return None


def writer() -> Finding | None:
    if stream.writers_alive():
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


def worker() -> Finding | None:
    if app.control.ping(timeout=1.0, limit=1):
        return None
    return Finding(
        "No Celery worker answers, so drift, curation and export jobs wait.",
        f"Run `celery -A config worker`, or {START.format(service='worker')}.",
    )


def beat() -> Finding | None:
    heard_at = cache.get("beat:heartbeat")
    silent_seconds = None if heard_at is None else time.time() - heard_at
    if silent_seconds is not None and silent_seconds < SILENT_BEAT_SECONDS:
        return None
    since = "yet" if silent_seconds is None else f"for {silent_seconds / 60:.0f} minutes"
    return Finding(
        f"Celery beat has not been heard {since}, so scheduled checks do not run; a worker passes on its sign of life.",
        f"Wait a minute if it has just started; else run `celery -A config beat`, or {START.format(service='beat')}.",
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]

"""Health checks of a running installation. Each returns a finding, or None if it passes."""

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
from exports.training import trainers
from exports.training.handover import supervising
from feedback import valkey
from feedback.api.health import waiting_migrations
from feedback.deployments import check_failures, policies
from feedback.evidence.keeping import checking
from feedback.ingestion import stream, writers
from feedback.judging.panels import setup
from feedback.prompts import resolving
from feedback.quality import own_checks
from feedback.stores import event_store
from feedback.stores.base import StoreMisconfigured, StoreUnavailable

OLD_BACKLOG_SECONDS = 60
LARGE_BACKLOG_SHARE = 0.5
SILENT_BEAT_SECONDS = 180
START = "start it with `make run`, or `docker compose up -d {service}` in production"


@dataclass(frozen=True)
class Finding:
    problem: str
    advice: str


def findings() -> Iterator[Finding]:
    """Run all checks except those that depend on an unavailable server."""
    for check, dependent in (
        (database, [migrations, masking, alert_channels, quality_checks, prompts]),
        (stream_server, [writer, backlog, entries, worker, beat, trainer]),
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
    """Check the event store, if it is not the database itself."""
    try:
        event_store().check()
    except (StoreUnavailable, StoreMisconfigured) as error:
        problem, _, advice = str(error).partition(". ")
        return Finding(f"{problem}.", advice)
    return None


def masking() -> Finding | None:
    try:
        unusable = policies.unusable_patterns()
    except Error:
        return None  # Another check reports pending migrations.
    if not unusable:
        return None
    named = "; ".join(f"{name} ({', '.join(patterns)})" for name, patterns in sorted(unusable.items()))
    return Finding(
        f"Masking patterns cannot be used, so everything sent to these deployments is rejected: {named}.",
        "Fix or remove the patterns on the deployment's page in the console, which shows each error.",
    )


def alert_channels() -> Finding | None:
    try:
        failing = list(AlertChannel.objects.failing().values_list("name", flat=True))
    except Error:
        return None  # Another check reports pending migrations.
    if not failing:
        return None
    return Finding(
        f"The last message to these alert channels failed: {', '.join(failing)}.",
        "The channel's page in the console shows the error. Fix it and send a test.",
    )


def evidence() -> Finding | None:
    """Compare the evidence about the newest events with their signals and scores."""
    try:
        compared = checking.compare_newest()
    except (Error, StoreUnavailable, StoreMisconfigured):
        return None  # Another check reports these.
    if not compared.differing:
        return None
    return Finding(
        f"The evidence about {len(compared.differing)} of the newest {compared.events:,} events with signals differs"
        f" from their signals, such as {compared.differing[0]}.",
        "Run `manage.py rebuild_evidence`.",
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
        "No writer is running, so accepted events are not stored yet.",
        f"Run `manage.py run_writer`, or {START.format(service='writer')}.",
    )


def backlog() -> Finding | None:
    waiting = stream.backlog()
    is_large = waiting.entries >= LARGE_BACKLOG_SHARE * settings.INGEST_MAX_BACKLOG_ENTRIES
    if not is_large and (waiting.oldest_age_seconds or 0) < OLD_BACKLOG_SECONDS:
        return None
    return Finding(
        f"{waiting.entries} requests wait to be written, the oldest for {_duration(waiting.oldest_age_seconds or 0)}.",
        "Check the writer's log. If the writer cannot keep up, start a second one.",
    )


def entries() -> Finding | None:
    newer = stream.newer_entries()
    if not newer:
        return None
    return Finding(
        f"{newer} requests in the stream were written by a newer version and wait for a writer of that version.",
        "Upgrade the writers to the version of the web servers. Nothing is lost in the meantime.",
    )


def worker() -> Finding | None:
    consumed = {queue for living in workers.alive() for queue in living.queues}
    missing = [name for name in queues.PURPOSES if name not in consumed]
    if not missing:
        return None
    services = " ".join(f"worker-{name}" for name in missing)
    advice = f"Run `celery -A config worker -Q {','.join(missing)}`, or {START.format(service=services)}."
    if not consumed:
        return Finding("No Celery worker is running, so drift, curation and export jobs wait.", advice)
    waiting = "; ".join(f"{name} ({queues.PURPOSES[name]})" for name in missing)
    return Finding(f"No Celery worker consumes these queues, so their jobs wait: {waiting}.", advice)


def beat() -> Finding | None:
    holder, now = scheduler.holder(), time.time()
    if holder is None:
        return Finding(
            "Celery beat is not running, so no scheduled task runs.",
            f"Run `celery -A config beat`, or {START.format(service='beat')}.",
        )
    heard_at = cache.get("beat:heartbeat")
    if now - max(heard_at or 0, holder.started_at) < SILENT_BEAT_SECONDS:
        return None
    since = "yet" if heard_at is None else f"for {(now - heard_at) / 60:.0f} minutes"
    return Finding(
        f"Celery beat runs as {holder.name}, but no worker has received a heartbeat {since}.",
        "A worker of the queue `ingest` receives it: check that one is running and not busy with a long job.",
    )


def trainer() -> Finding | None:
    """Check what training runs are handed to, and that commands have a program that starts them."""
    if problem := next(trainers.problems(), None):
        return Finding(problem, "Correct TRAINERS in the environment and restart the programs.")
    commands = trainers.supervised()
    if not commands or cache.get(supervising.HEARTBEAT):
        return None
    return Finding(
        f"run_trainers is not running, so commands of trainers do not start: {', '.join(commands)}.",
        f"Run `manage.py run_trainers`, or {START.format(service='trainer')}.",
    )


def quality_checks() -> Finding | None:
    if problem := next(own_checks.problems(), None):
        return Finding(problem, "Correct QUALITY_CHECKS in the environment and restart the programs.")
    return None


def own_checks_in_use() -> Finding | None:
    """Not part of `findings`, which a page shows: it runs the installation's own checks.

    Check who uses them, whether they gave results, and what they promise.
    """
    if database():
        return None
    if absent := check_failures.absent_checks():
        used = ", ".join(f"{name} ({deployment_id})" for deployment_id, name in absent)
        return Finding(
            f"Quality profiles of deployments name checks that QUALITY_CHECKS lacks: {used}.",
            "Add the checks to QUALITY_CHECKS, or remove them from the profiles.",
        )
    if problem := next(own_checks.broken_promises(), None):
        return Finding(problem, "Correct the check; docs/quality.md says what a check keeps to.")
    if failed := check_failures.newest():
        said = "; ".join(f"{name} {n:,} times ({reason})" for name, reason, n in failed)
        return Finding(
            f"Quality checks of this installation gave no result since yesterday: {said}.",
            "Test the check with such answers. The events are stored and scored by the other checks.",
        )
    return None


def prompts() -> Finding | None:
    try:
        resolving.of_setting()
    except resolving.InvalidSetting as error:
        return Finding(str(error), "Correct DEFAULT_PROMPT_VERSION in the environment and restart the programs.")
    return None


def judges() -> Finding | None:
    """Check that enabled judges can ask their endpoints: their names and keys are those of this process."""
    try:
        problems = list(setup.problems())
    except Error:
        return None  # Another check reports pending migrations.
    if not problems:
        return None
    said = "; ".join(f"{name}: {problem}" for name, problem in problems)
    return Finding(
        f"Judges cannot ask their endpoints: {said}",
        "Set LLM_ENDPOINTS and the JUDGE_KEY_ variables for the workers, or fix the endpoint and enable the judge.",
    )


def export_target() -> Finding | None:
    """Not part of `findings`, which a page shows: it writes, and an unavailable object store makes it slow."""
    try:
        storage.probe()
    except TargetUnusable as error:
        return Finding(f"Exports cannot be written: {error.problem}", error.advice)
    except storage.InvalidFile as error:
        return Finding(f"Exports cannot be written: {error}", "Set EXPORT_URL to another location.")
    return None


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:,.0f} min"


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]

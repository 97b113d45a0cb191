import os
import subprocess
import sys
import time

import msgspec
import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db.migrations.recorder import MigrationRecorder

from config import doctor
from config.embedded.home import ROOT
from config.jobs import beat, workers
from feedback import valkey
from feedback.api import health
from feedback.ingestion import stream, writers
from tests.drift.factories import AlertChannelFactory, AlertDeliveryFactory
from tests.factories import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def heartbeat(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    valkey.client().flushdb()
    yield
    cache.clear()
    valkey.client().flushdb()


def test_missing_processes_are_reported(capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("doctor")

    shown = capsys.readouterr().out
    assert ended.value.code == 1
    assert [line for line in shown.splitlines() if not line.startswith(" ")] == [
        "No writer is running, so accepted events are not stored yet.",
        "No Celery worker is running, so drift, curation and export jobs wait.",
        "Celery beat is not running, so no scheduled task runs.",
    ]


@pytest.mark.parametrize(
    ("status", "is_enabled", "is_named"), [("failed", True, True), ("delivered", True, False), ("failed", False, False)]
)
def test_alert_channels_whose_last_message_failed_are_named(status, is_enabled, is_named):
    channel = AlertChannelFactory(name="ops", is_enabled=is_enabled)
    for of_each in ("failed", status):
        AlertDeliveryFactory(
            channel=channel, status=of_each, error="It was away.", finished_at=NOON, next_attempt_at=None
        )

    finding = doctor.alert_channels()

    assert (finding and finding.problem) == (
        "The last message to these alert channels failed: ops." if is_named else None
    )


@pytest.mark.parametrize(
    ("started_ago", "heard_ago", "problem"),
    [
        (None, None, "Celery beat is not running, so no scheduled task runs."),
        (None, 10, "Celery beat is not running, so no scheduled task runs."),
        (10, None, None),
        (600, 10, None),
        (10, 600, None),
        (600, None, "Celery beat runs as beat-1, but no worker has received a heartbeat yet."),
        (700, 600, "Celery beat runs as beat-1, but no worker has received a heartbeat for 10 minutes."),
    ],
)
def test_beat_runs_and_its_heartbeat_arrives(started_ago, heard_ago, problem):
    now = time.time()
    if started_ago is not None:
        valkey.client().set(beat.KEY, msgspec.json.encode(beat.Holder("beat-1", now - started_ago)), ex=10)
    if heard_ago is not None:
        cache.set("beat:heartbeat", now - heard_ago)

    finding = doctor.beat()

    assert (finding and finding.problem) == problem


@pytest.mark.parametrize(
    ("taken", "problem", "services"),
    [
        ([["ingest", "drift", "curation", "export"]], None, ""),
        ([["ingest"], ["export", "curation"], ["drift", "ingest"]], None, ""),
        (
            [["ingest"], ["curation"]],
            "No Celery worker consumes these queues, so their jobs wait: "
            "drift (drift checks and triggers); export (export files, gates and judges).",
            "worker-drift worker-export",
        ),
        (
            [],
            "No Celery worker is running, so drift, curation and export jobs wait.",
            "worker-ingest worker-drift worker-curation worker-export",
        ),
    ],
)
def test_a_queue_without_a_worker_is_named(taken, problem, services):
    for number, names in enumerate(taken):
        workers.publish(workers.RunningWorker(f"worker-{number}", names, 1, 0.0))

    finding = doctor.worker()

    assert (finding and finding.problem) == problem
    assert finding is None or f"docker compose up -d {services}`" in finding.advice


@pytest.mark.parametrize("is_alive", [True, False])
def test_a_writer_is_alive_while_its_heartbeat_lasts(is_alive):
    if is_alive:
        writers.beat(writers.LivingWriter("writer-1", 0.0))

    assert (doctor.writer() is None) == is_alive


@pytest.mark.parametrize(("entries", "seconds_ago", "is_fine"), [(1, 5, True), (1, 90, False), (11, 5, False)])
def test_a_backlog_is_reported_when_it_is_old_or_large(settings, entries, seconds_ago, is_fine):
    settings.INGEST_MAX_BACKLOG_ENTRIES = 20
    sent_at_ms = int((time.time() - seconds_ago) * 1_000)
    for number in range(entries):
        valkey.client().xadd(stream.STREAM, {"payload": b""}, id=f"{sent_at_ms}-{number}")

    finding = doctor.backlog()

    assert (finding is None) == is_fine
    assert is_fine or finding.problem.startswith(f"{entries} requests wait")


@pytest.mark.parametrize("is_applied", [True, False])
def test_pending_migrations_are_counted(is_applied, monkeypatch):
    monkeypatch.setattr(health, "_seen", {"migrated": False})
    if not is_applied:
        MigrationRecorder.Migration.objects.filter(app="config").latest("name").delete()

    finding = doctor.migrations()

    assert (finding and finding.problem) == (None if is_applied else "1 database migrations are not applied.")


def test_two_unavailable_servers_are_two_findings():
    away = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing", "REDIS_URL": "redis://127.0.0.1:1/0"}

    ended = subprocess.run(
        [sys.executable, "manage.py", "doctor"], cwd=ROOT, env=os.environ | away, capture_output=True, text=True
    )

    assert ended.returncode == 1
    assert "The database does not answer" in ended.stdout
    assert "Redis does not answer" in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr

import os
import subprocess
import sys
import time

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db.migrations.recorder import MigrationRecorder

from config import doctor
from config.embedded.home import ROOT
from feedback.ingestion import stream

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def heartbeat(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    yield
    cache.clear()
    stream.client().flushdb()


def test_what_nobody_runs_is_named(capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("doctor")

    shown = capsys.readouterr().out
    assert ended.value.code == 1
    assert [line for line in shown.splitlines() if not line.startswith(" ")] == [
        "No writer is alive, so accepted events wait and are not stored.",
        "No Celery worker answers, so drift, curation and export jobs wait.",
        "Celery beat has not been heard yet, so scheduled checks do not run; a worker passes on its sign of life.",
    ]


@pytest.mark.parametrize(("seconds_ago", "is_fine"), [(10, True), (600, False)])
def test_beat_is_silent_when_its_last_sign_of_life_is_old(seconds_ago, is_fine):
    cache.set("beat:heartbeat", time.time() - seconds_ago)

    assert (doctor.beat() is None) == is_fine


@pytest.mark.parametrize("is_alive", [True, False])
def test_a_writer_is_alive_while_its_heartbeat_lasts(is_alive):
    if is_alive:
        stream.beat(stream.LivingWriter("writer-1", 0.0))

    assert (doctor.writer() is None) == is_alive


@pytest.mark.parametrize(("entries", "seconds_ago", "is_fine"), [(1, 5, True), (1, 90, False), (11, 5, False)])
def test_a_backlog_is_reported_when_it_is_old_or_large(settings, entries, seconds_ago, is_fine):
    settings.INGEST_MAX_BACKLOG_ENTRIES = 20
    sent_at_ms = int((time.time() - seconds_ago) * 1_000)
    for number in range(entries):
        stream.client().xadd(stream.STREAM, {"payload": b""}, id=f"{sent_at_ms}-{number}")

    finding = doctor.backlog()

    assert (finding is None) == is_fine
    assert is_fine or finding.problem.startswith(f"{entries} requests wait")


@pytest.mark.parametrize("is_applied", [True, False])
def test_migrations_that_wait_are_counted(is_applied):
    if not is_applied:
        MigrationRecorder.Migration.objects.filter(app="config").latest("name").delete()

    finding = doctor.migrations()

    assert (finding and finding.problem) == (None if is_applied else "1 database migrations are not applied.")


def test_both_servers_away_are_two_sentences_and_no_crash():
    away = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing", "REDIS_URL": "redis://127.0.0.1:1/0"}

    ended = subprocess.run(
        [sys.executable, "manage.py", "doctor"], cwd=ROOT, env=os.environ | away, capture_output=True, text=True
    )

    assert ended.returncode == 1
    assert "The database does not answer" in ended.stdout
    assert "Redis does not answer" in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr

"""Of several beats one sends; real ones, killed as a machine would lose them."""

import subprocess
import sys
from contextlib import contextmanager

import pytest
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from config.embedded.home import ROOT
from config.jobs import beat
from feedback import valkey
from tests.servers.installation import until
from tests.servers.processes import environment

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
SENT = "celery:ingest"


@contextmanager
def running_beat(log):
    with log.open("w") as file:
        child = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "config", "beat", "--pidfile", "", "--loglevel", "INFO"],
            cwd=ROOT, env=environment(), stdout=file, stderr=file,
        )  # fmt: skip
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def sender():
    found = beat.holder()
    return found and int(found.name.split(":")[1])


def sent():
    return valkey.client().llen(SENT)


@pytest.fixture
def only_the_heartbeat():
    """One task, every second."""
    valkey.client().flushdb()
    schedule, _ = IntervalSchedule.objects.get_or_create(every=1, period="seconds")
    PeriodicTask.objects.all().delete()
    PeriodicTask.objects.create(name="Heartbeat", task="config.tasks.heartbeat", interval=schedule)
    yield
    valkey.client().flushdb()


def test_a_second_beat_stands_by_and_takes_over(tmp_path, only_the_heartbeat):
    logs = [tmp_path / "one", tmp_path / "other"]
    with running_beat(logs[0]) as one, running_beat(logs[1]) as other:
        until(lambda: any("beat_stands_by" in log.read_text() for log in logs) and sent())
        (first, _), (second, waiting) = sorted(zip((one, other), logs, strict=True), key=lambda b: b[0].pid != sender())
        assert sender() == first.pid
        assert "Sending due task" not in waiting.read_text()

        first.kill()
        before = sent()
        until(lambda: sender() == second.pid and sent() > before)
        assert "Sending due task" in waiting.read_text()

        second.terminate()
        second.wait(timeout=30)
        assert beat.holder() is None

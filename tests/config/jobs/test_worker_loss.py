"""A worker is killed in the middle of a job of each kind; another one finishes what it left."""

import os
import signal
import subprocess
import sys
import textwrap
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.utils import timezone
from kombu import Connection

from config.celery import app as celery
from config.embedded.home import ROOT
from config.jobs import queues
from curation.choices import CuratedSetStatus, Strategy
from drift.choices import ReportStatus
from exports.choices import ExportStatus
from feedback import valkey
from feedback.models import JobLease
from tests.curation.factories import CuratedSetFactory
from tests.curation.voting import voted
from tests.drift.factories import DriftReportFactory
from tests.exports.factories import ExportBatchFactory, approved_set
from tests.servers.installation import until
from tests.servers.processes import environment

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WORKER = textwrap.dedent(
    """
    import sys, time
    from pathlib import Path
    import django
    django.setup()
    from config.celery import app
    from curation.sets import building
    from drift.reports import lifecycle
    from exports.batches.encodings import Encoding

    def never_ends(name):
        def wait(*arguments, **options):
            Path(sys.argv[2], name).touch()
            time.sleep(600)
        return wait

    if sys.argv[1] == "doomed":
        lifecycle.complete, building.prepare = never_ends("drift"), never_ends("curation")
        Encoding.records = never_ends("export")
    app.worker_main(["worker", "--concurrency", "3", "--loglevel", "WARNING", "--hostname", sys.argv[1] + "@%h"])
    """
)


@contextmanager
def worker(name, folder):
    lasting = {"JOB_LEASE_SECONDS": "2", "DJANGO_SETTINGS_MODULE": "config.settings"}
    child = subprocess.Popen(
        [sys.executable, "-c", WORKER, name, str(folder)],
        cwd=ROOT, env=environment() | lasting | {"EXPORT_URL": f"file://{folder / 'exports'}"}, start_new_session=True,
    )  # fmt: skip
    try:
        yield
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def send(name, *arguments):
    """Queue a task where the workers of this test take theirs."""
    with Connection(settings.REDIS_URL, transport_options={"global_keyprefix": "celery:"}) as connection:
        celery.tasks[name].apply_async(arguments, connection=connection)


@pytest.fixture
def jobs():
    """A drift check, a build and an export that wait for a worker, each by its task."""
    valkey.client().flushdb()
    celery.loader.import_default_modules()
    voted(up=2)
    report = DriftReportFactory(status=ReportStatus.RUNNING, verdict="", score=None, finished_at=None)
    building = CuratedSetFactory(
        status=CuratedSetStatus.BUILDING, content_hash="", built_at=None, strategies=[Strategy.HIGH_QUALITY]
    )
    batch = ExportBatchFactory(
        curated_set=approved_set([{}] * 5, name="approved"), status=ExportStatus.APPROVED, approved_at=timezone.now()
    )
    yield {
        "drift.tasks.detect_drift": report,
        "curation.tasks.build_curated_set": building,
        "exports.tasks.write_export": batch,
    }
    valkey.client().flushdb()


def statuses(jobs):
    for row in jobs.values():
        row.refresh_from_db()
    return [row.status for row in jobs.values()]


def times(jobs):
    report, building, batch = jobs.values()
    return report.finished_at, building.built_at, batch.published_at


def test_jobs_of_a_killed_worker_are_finished_by_another(tmp_path, jobs):
    with worker("doomed", tmp_path):
        for task, row in jobs.items():
            send(task, row.pk)
        until(lambda: all((tmp_path / name).exists() for name in ("drift", "curation", "export")))
        held = list(JobLease.objects.filter(task__in=jobs).order_by("task").values_list("task", "key", "attempts"))

    assert held == sorted((task, str(row.pk), 1) for task, row in jobs.items())
    assert statuses(jobs) == ["running", "building", "running"]

    with worker("second", tmp_path):
        # What beat does every two minutes.
        until(lambda: not JobLease.objects.in_hand().exists())
        for room in ("drift", "curation", "exports"):
            send(f"{room}.tasks.sweep")
        until(lambda: statuses(jobs) == ["completed", "draft", "published"])
        until(lambda: not JobLease.objects.exists())
        finished = times(jobs)

        # What the queue's server does an hour later with what was never acknowledged.
        for task, row in jobs.items():
            send(task, row.pk)
        until(lambda: not any(valkey.client().llen(f"celery:{name}") for name in queues.PURPOSES))
        until(lambda: valkey.client().hlen("celery:unacked") == len(held))

    assert statuses(jobs) == ["completed", "draft", "published"]
    assert times(jobs) == finished
    _, building, batch = jobs.values()
    assert (building.total, building.examples.count(), building.error) == (1, 1, "")
    assert (batch.rows, batch.items.count()) == (5, 5)

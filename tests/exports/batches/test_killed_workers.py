"""Real workers that are killed at each step, and requests at once: nothing is published twice, and nothing is left."""

import signal
import subprocess
import sys
import textwrap
import threading

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from exports import tasks
from exports.batches import requesting, storage
from exports.batches.review import approval
from exports.choices import ExportFormat, ExportStatus
from exports.models import ExportBatch, ExportItem
from feedback.models import JobLease
from tests.exports.factories import ExportBatchFactory, approved_set
from tests.factories import NOON
from tests.servers.processes import environment
from tests.servers.workers import tasks_run_at_once

DIES_AT_THE_LAST_ROW = textwrap.dedent(
    """
    import os, signal, sys
    import django
    django.setup()
    from exports import tasks
    from exports.batches import storage

    to_file, seen = storage.DraftFile.write, []
    storage.WRITE_BLOCK_BYTES = 5 * 2**20

    def write(file, data):
        seen.append(len(data))
        if len(seen) == 8:
            os.kill(os.getpid(), signal.SIGKILL)
        return to_file(file, data)

    storage.DraftFile.write = write
    tasks.write_export(int(sys.argv[1]))
    """
)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_publishes_nothing_and_the_next_run_finishes(settings, place, kept):
    curated_set = approved_set([{"response": "x" * 900_000}] * 8)
    batch = ExportBatchFactory(curated_set=curated_set, status=ExportStatus.APPROVED, approved_at=timezone.now())

    worker = subprocess.run(
        [sys.executable, "-c", DIES_AT_THE_LAST_ROW, str(batch.pk)],
        cwd=django_settings.BASE_DIR,
        env=environment() | {"EXPORT_URL": settings.EXPORT_URL, "DJANGO_SETTINGS_MODULE": "config.settings"},
        check=False,
    )

    batch.refresh_from_db()
    assert worker.returncode == -signal.SIGKILL
    assert batch.status == ExportStatus.RUNNING
    lease = JobLease.objects.get()
    assert storage.unfinished() == {str(lease.token)}
    assert [path for path in kept() if not path.startswith(f".unfinished/{lease.token}/")] == []
    tasks.write_export(batch.pk)
    assert ExportBatch.objects.get().status == ExportStatus.RUNNING

    JobLease.objects.update(expires_at=timezone.now())
    with tasks_run_at_once():
        tasks.sweep()
        tasks.sweep()

    batch.refresh_from_db()
    assert (batch.status, batch.rows) == (ExportStatus.PUBLISHED, 8)
    assert kept() == {batch.files[0]["path"]: batch.bytes}
    assert storage.unfinished() == set()
    assert ExportItem.objects.count() == 8


DIES_AT_A_STEP = textwrap.dedent(
    """
    import os, signal, sys
    import django
    django.setup()
    from django.utils.module_loading import import_string
    from exports import tasks

    _, batch_id, owner, name, moment = sys.argv
    owner = import_string(owner)
    step = getattr(owner, name)

    def dies(*arguments, **keywords):
        if moment == "after":
            step(*arguments, **keywords)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, dies)
    tasks.write_export(int(batch_id))
    """
)
MOVED = ("exports.batches.storage.Draft", "publish", "after")


def killed_at(settings, batch, *step):
    """A worker in a process of its own is killed at this step; its lease has run out."""
    worker = subprocess.run(
        [sys.executable, "-c", DIES_AT_A_STEP, str(batch.pk), *step],
        cwd=django_settings.BASE_DIR,
        env=environment() | {"EXPORT_URL": settings.EXPORT_URL, "DJANGO_SETTINGS_MODULE": "config.settings"},
        check=False,
    )
    assert worker.returncode == -signal.SIGKILL
    JobLease.objects.update(expires_at=timezone.now())


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("step", "status", "files"),
    [
        (("exports.batches.spooling.Spool", "add", "before"), ExportStatus.RUNNING, 0),
        (("exports.batches.storage.Draft", "check_lines", "before"), ExportStatus.RUNNING, 1),
        (MOVED, ExportStatus.VALIDATED, 1),
        (("exports.batches.gathering.Gathered", "save_items", "after"), ExportStatus.VALIDATED, 1),
    ],
)
def test_a_worker_killed_at_any_step_publishes_nothing_twice(settings, kept, step, status, files):
    batch = ExportBatchFactory(curated_set=approved_set([{}] * 3), status=ExportStatus.APPROVED, approved_at=NOON)

    killed_at(settings, batch, *step)

    batch.refresh_from_db()
    assert (batch.status, len(kept()), ExportItem.objects.count()) == (status, files, 0)
    with tasks_run_at_once():
        tasks.sweep()
        tasks.sweep()
    batch.refresh_from_db()
    assert (batch.status, batch.rows, batch.moved_to) == (ExportStatus.PUBLISHED, 3, "")
    assert kept() == {batch.files[0]["path"]: batch.bytes}
    assert (ExportItem.objects.count(), JobLease.objects.count()) == (3, 0)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_no_file_of_an_export_that_is_cancelled_then(settings, operator, kept):
    batch = ExportBatchFactory(curated_set=approved_set([{}] * 3), status=ExportStatus.APPROVED, approved_at=NOON)
    killed_at(settings, batch, *MOVED)
    assert len(kept()) == 1

    approval.cancel(batch.pk, by=operator)
    with tasks_run_at_once():
        tasks.sweep()

    batch.refresh_from_db()
    assert (batch.status, batch.moved_to, kept()) == (ExportStatus.CANCELLED, "", {})
    assert (ExportItem.objects.count(), JobLease.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_requests_at_once_make_one_batch(operator):
    curated_set = approved_set([{}])
    together, made = threading.Barrier(4), []

    def ask():
        together.wait(timeout=30)
        batch, is_new = requesting.request(curated_set.pk, format=ExportFormat.JSONL, by=operator)
        made.append((batch.pk, is_new))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    key = ExportBatch.objects.get().pk
    assert sorted(made) == [(key, False)] * 3 + [(key, True)]

import hashlib
import signal
import subprocess
import sys
import textwrap
import threading
import uuid
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from exports import tasks
from exports.batches import storage, writing
from exports.choices import ExportStatus
from exports.formats import jsonl
from exports.models import ExportBatch, ExportItem
from tests.exports.factories import ExportBatchFactory, approved_set
from tests.factories import NOON
from tests.processes import environment
from tests.workers import tasks_run_at_once

LATER = timedelta(seconds=121)


@pytest.fixture
def sweep(db, running_tasks):
    def run():
        with running_tasks():
            tasks.sweep()
        return ExportBatch.objects.get().status

    return run


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"status": ExportStatus.RUNNING, "lease_expires_at": NOON - LATER}, "published"),
        ({"status": ExportStatus.VALIDATED, "lease_expires_at": NOON - LATER}, "published"),
        ({"status": ExportStatus.RUNNING, "lease_expires_at": NOON + LATER}, "running"),
        ({"status": ExportStatus.APPROVED, "approved_at": NOON - LATER}, "published"),
        ({"status": ExportStatus.APPROVED, "approved_at": NOON}, "approved"),
        ({"status": ExportStatus.REQUESTED}, "requested"),
    ],
)
def test_what_was_left_lying_is_written(sweep, time_machine, fields, status):
    time_machine.move_to(NOON, tick=False)
    ExportBatchFactory(lease_token=uuid.uuid4(), **fields)

    assert sweep() == status


def test_what_ends_its_worker_again_and_again_is_given_up(sweep, time_machine):
    time_machine.move_to(NOON, tick=False)
    ExportBatchFactory(status=ExportStatus.RUNNING, lease_token=uuid.uuid4(), lease_expires_at=NOON - LATER, attempts=5)

    assert sweep() == "failed"
    assert (
        ExportBatch.objects.get().error == "The worker ended without a word 5 times. See its log, then approve again."
    )


def test_only_the_draft_of_a_batch_in_hand_stays(sweep, place, kept):
    holder, other = uuid.uuid4(), uuid.uuid4()
    ExportBatchFactory(
        status=ExportStatus.RUNNING, lease_token=holder, lease_expires_at=timezone.now() + timedelta(minutes=1)
    )
    for token in (holder, other):
        storage.Draft(token).write_lines("weekly.jsonl", [b"{}"])
    published = storage.Draft(other)
    published.write_lines("older.jsonl", [b"{}"])
    published.publish("older.jsonl")

    sweep()

    assert kept() == {f".unfinished/{holder}/weekly.jsonl": 3, "older.jsonl": 3}
    assert storage.unfinished() == {str(holder)}


DIES_AT_THE_LAST_ROW = textwrap.dedent(
    """
    import os, signal, sys
    import django
    django.setup()
    from exports import storage, tasks
    from exports.formats import jsonl

    to_row, seen = jsonl.row, []
    storage.WRITE_BLOCK_BYTES = 5 * 2**20

    def row(example, profile):
        seen.append(example)
        if len(seen) == 8:
            os.kill(os.getpid(), signal.SIGKILL)
        return to_row(example, profile)

    jsonl.row = row
    tasks.write_export(int(sys.argv[1]))
    """
)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_shows_nothing_and_the_next_run_finishes(settings, place, kept):
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
    assert storage.unfinished() == {str(batch.lease_token)}
    assert [path for path in kept() if not path.startswith(f".unfinished/{batch.lease_token}/")] == []
    tasks.write_export(batch.pk)
    assert ExportBatch.objects.get().status == ExportStatus.RUNNING

    ExportBatch.objects.update(lease_expires_at=timezone.now())
    with tasks_run_at_once():
        tasks.sweep()
        tasks.sweep()

    batch.refresh_from_db()
    assert (batch.status, batch.rows, batch.attempts) == (ExportStatus.PUBLISHED, 8, 2)
    assert kept() == {batch.files[0]["path"]: batch.bytes}
    assert storage.unfinished() == set()
    assert ExportItem.objects.published().count() == 8


def in_a_thread(batch):
    thread = threading.Thread(target=lambda: (writing.write(batch.pk), connection.close()))
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_of_several_workers_on_one_batch_one_writes(place, kept):
    batch = ExportBatchFactory(curated_set=approved_set([{}] * 20), status=ExportStatus.APPROVED)

    for thread in [in_a_thread(batch) for _ in range(3)]:
        thread.join()

    batch.refresh_from_db()
    assert (batch.status, batch.rows, batch.attempts) == (ExportStatus.PUBLISHED, 20, 1)
    assert kept() == {batch.files[0]["path"]: batch.bytes}
    assert ExportItem.objects.count() == 20


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_wakes_after_another_took_over_changes_nothing(place, kept, monkeypatch):
    batch = ExportBatchFactory(curated_set=approved_set([{}] * 3), status=ExportStatus.APPROVED)
    main, asleep, wake, to_row = threading.get_ident(), threading.Event(), threading.Event(), jsonl.row

    def row(example, profile):
        if threading.get_ident() != main:
            asleep.set()
            wake.wait(timeout=30)
        return to_row(example, profile)

    monkeypatch.setattr(jsonl, "row", row)
    first = in_a_thread(batch)
    asleep.wait(timeout=30)
    ExportBatch.objects.update(lease_expires_at=timezone.now())
    published = writing.write(batch.pk)
    before = kept()
    wake.set()
    first.join()

    batch.refresh_from_db()
    name = batch.files[0]["path"]
    with storage.open_published(name) as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    assert (batch.status, batch.rows, batch.attempts) == (ExportStatus.PUBLISHED, 3, 2)
    assert batch.published_at == published.published_at
    assert before[name] == batch.bytes
    assert kept() == {name: batch.bytes}
    assert digest == batch.sha256
    assert ExportItem.objects.count() == 3

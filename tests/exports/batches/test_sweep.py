import hashlib
import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from exports import tasks
from exports.batches import storage, writing
from exports.batches.encodings import Encoding
from exports.choices import ExportStatus
from exports.models import ExportBatch, ExportItem
from feedback.models import JobLease
from tests.exports.factories import ExportBatchFactory, ExportLeaseFactory, approved_set
from tests.factories import NOON

LATER = timedelta(seconds=121)


@pytest.fixture
def sweep(db, running_tasks):
    def run():
        with running_tasks():
            tasks.sweep()
        return ExportBatch.objects.get().status

    return run


@pytest.mark.parametrize(
    ("fields", "lease_seconds_left", "status"),
    [
        ({"status": ExportStatus.RUNNING}, -1, "published"),
        ({"status": ExportStatus.VALIDATED}, -1, "published"),
        ({"status": ExportStatus.RUNNING}, None, "published"),
        ({"status": ExportStatus.RUNNING}, 60, "running"),
        ({"status": ExportStatus.APPROVED, "approved_at": NOON - LATER}, None, "published"),
        ({"status": ExportStatus.APPROVED, "approved_at": NOON}, None, "approved"),
        ({"status": ExportStatus.REQUESTED}, None, "requested"),
    ],
)
def test_an_export_that_no_worker_holds_is_written(sweep, time_machine, fields, lease_seconds_left, status):
    batch = ExportBatchFactory(**fields)
    if lease_seconds_left is not None:
        # The database's own clock decides, which no test moves.
        ExportLeaseFactory(key=batch.pk, expires_at=timezone.now() + timedelta(seconds=lease_seconds_left))
    time_machine.move_to(NOON, tick=False)

    assert sweep() == status
    assert JobLease.objects.exists() is (lease_seconds_left == 60)


@pytest.mark.parametrize(("attempts", "status"), [(4, "published"), (5, "failed")])
def test_an_export_that_crashes_its_workers_is_given_up(sweep, attempts, status):
    batch = ExportBatchFactory(status=ExportStatus.RUNNING)
    ExportLeaseFactory(key=batch.pk, attempts=attempts)

    assert sweep() == status
    batch.refresh_from_db()
    assert batch.error == (
        "The worker crashed 5 times on this job. See its log, then try again." if status == "failed" else ""
    )
    assert not JobLease.objects.exists()


def test_an_export_in_a_long_queue_is_not_queued_with_every_sweep(django_capture_on_commit_callbacks, db):
    ExportBatchFactory(status=ExportStatus.APPROVED, approved_at=timezone.now() - timedelta(minutes=20))
    queued = []

    for _ in range(3):
        with django_capture_on_commit_callbacks() as callbacks:
            tasks.sweep()
        queued.append(len(callbacks))

    assert queued == [1, 0, 0]


def test_only_the_draft_of_a_worker_that_holds_a_lease_stays(sweep, place, kept):
    batch = ExportBatchFactory(status=ExportStatus.RUNNING)
    holder = ExportLeaseFactory(key=batch.pk, expires_at=timezone.now() + timedelta(minutes=1)).token
    other = uuid.uuid4()
    for token in (holder, other):
        storage.Draft(token).write_lines("weekly.jsonl", [b"{}"])
    published = storage.Draft(other)
    published.write_lines("older.jsonl", [b"{}"])
    published.publish("older.jsonl")

    sweep()

    assert kept() == {f".unfinished/{holder}/weekly.jsonl": 3, "older.jsonl": 3}
    assert storage.unfinished() == {str(holder)}


@pytest.mark.parametrize(
    ("status", "lease_seconds_left", "is_kept"),
    [
        (ExportStatus.FAILED, None, False),
        (ExportStatus.CANCELLED, -1, False),
        (ExportStatus.CANCELLED, 60, True),
        (ExportStatus.REQUESTED, None, True),
    ],
)
def test_a_file_that_was_moved_but_not_recorded_is_removed_once_its_export_ended(
    sweep, place, kept, status, lease_seconds_left, is_kept
):
    draft = storage.Draft(uuid.uuid4())
    draft.write_lines("weekly.jsonl", [b"{}"])
    draft.publish("weekly.jsonl")
    batch = ExportBatchFactory(status=status, error="The worker crashed.", moved_to="weekly.jsonl")
    if lease_seconds_left is not None:
        ExportLeaseFactory(key=batch.pk, expires_at=timezone.now() + timedelta(seconds=lease_seconds_left))

    assert sweep() == status

    assert kept() == ({"weekly.jsonl": 3} if is_kept else {})
    batch.refresh_from_db()
    assert batch.moved_to == ("weekly.jsonl" if is_kept else "")


def in_a_thread(batch):
    thread = threading.Thread(target=lambda: (writing.write(batch.pk), connection.close()))
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_only_one_of_several_workers_writes_a_batch(place, kept):
    batch = ExportBatchFactory(curated_set=approved_set([{}] * 20), status=ExportStatus.APPROVED)

    for thread in [in_a_thread(batch) for _ in range(3)]:
        thread.join()

    batch.refresh_from_db()
    assert (batch.status, batch.rows) == (ExportStatus.PUBLISHED, 20)
    assert kept() == {batch.files[0]["path"]: batch.bytes}
    assert ExportItem.objects.count() == 20


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_wakes_after_another_took_over_changes_nothing(place, kept, monkeypatch):
    batch = ExportBatchFactory(curated_set=approved_set([{}] * 3), status=ExportStatus.APPROVED)
    main, asleep, wake, to_records = threading.get_ident(), threading.Event(), threading.Event(), Encoding.records

    def records(*arguments):
        if threading.get_ident() != main:
            asleep.set()
            wake.wait(timeout=30)
        return to_records(*arguments)

    monkeypatch.setattr(Encoding, "records", records)
    first = in_a_thread(batch)
    asleep.wait(timeout=30)
    JobLease.objects.update(expires_at=timezone.now())
    published = writing.write(batch.pk)
    before = kept()
    wake.set()
    first.join()

    batch.refresh_from_db()
    name = batch.files[0]["path"]
    with storage.open_published(name) as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    assert (batch.status, batch.rows) == (ExportStatus.PUBLISHED, 3)
    assert batch.published_at == published.published_at
    assert before[name] == batch.bytes
    assert kept() == {name: batch.bytes}
    assert digest == batch.sha256
    assert ExportItem.objects.count() == 3

import signal
import subprocess
import sys
import textwrap
import uuid
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from exports import storage, tasks
from exports.choices import ExportStatus
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


def test_only_the_temporary_file_of_a_batch_in_hand_stays(sweep, folder):
    holder, other = uuid.uuid4(), uuid.uuid4()
    ExportBatchFactory(
        status=ExportStatus.RUNNING, lease_token=holder, lease_expires_at=timezone.now() + timedelta(minutes=1)
    )
    for token in (holder, other):
        storage.temporary_file(token).write_text("half a file")
    (folder / "helpdesk-weekly-v1-0123456789ab.jsonl").write_text("{}\n")

    sweep()

    assert sorted(path.name for path in folder.iterdir()) == [
        f".exp-{holder}.tmp",
        "helpdesk-weekly-v1-0123456789ab.jsonl",
    ]


DIES_AT_THE_THIRD_ROW = textwrap.dedent(
    """
    import os, signal, sys
    import django
    django.setup()
    from exports import tasks
    from exports.formats import jsonl

    to_row, seen = jsonl.row, []

    def row(example, profile):
        seen.append(example)
        if len(seen) == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return to_row(example, profile)

    jsonl.row = row
    tasks.write_export(int(sys.argv[1]))
    """
)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_only_a_temporary_file_and_the_next_run_finishes(settings, folder):
    batch = ExportBatchFactory(
        curated_set=approved_set([{}] * 5), status=ExportStatus.APPROVED, approved_at=timezone.now()
    )

    worker = subprocess.run(
        [sys.executable, "-c", DIES_AT_THE_THIRD_ROW, str(batch.pk)],
        cwd=django_settings.BASE_DIR,
        env=environment() | {"EXPORT_URL": settings.EXPORT_URL, "DJANGO_SETTINGS_MODULE": "config.settings"},
        check=False,
    )

    batch.refresh_from_db()
    assert worker.returncode == -signal.SIGKILL
    assert batch.status == ExportStatus.RUNNING
    assert [path.name for path in folder.iterdir()] == [f".exp-{batch.lease_token}.tmp"]
    tasks.write_export(batch.pk)
    assert ExportBatch.objects.get().status == ExportStatus.RUNNING

    ExportBatch.objects.update(lease_expires_at=timezone.now())
    with tasks_run_at_once():
        tasks.sweep()
        tasks.sweep()

    batch.refresh_from_db()
    assert (batch.status, batch.rows, batch.attempts) == (ExportStatus.PUBLISHED, 5, 2)
    assert [path.name for path in folder.iterdir()] == [batch.files[0]["path"]]
    assert ExportItem.objects.published().count() == 5

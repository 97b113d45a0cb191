"""Jobs of the version that kept leases on exports and erasures, taken over by the one that does not."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from exports import tasks
from exports.choices import ErasureStatus, ExportStatus
from exports.models import Erasure, ExportBatch
from feedback.models import JobLease
from tests.exports.factories import ExportBatchFactory, approved_set
from tests.factories import StaffFactory
from tests.servers.workers import tasks_run_at_once

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE = ("exports", "0003_export_files_deleted")


def upgrade():
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes("exports"))


def execute(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else None


@pytest.fixture
def version_before():
    """The tables of the version before; those of now are back at the end."""
    MigrationExecutor(connection).migrate([BEFORE])
    yield
    upgrade()


@pytest.fixture
def rows():
    """A running export and a running erasure."""
    batch = ExportBatchFactory(curated_set=approved_set([{}] * 3), status=ExportStatus.RUNNING)
    return batch, Erasure.objects.create(hashes=["a" * 64], requested_by=StaffFactory(), status=ErasureStatus.RUNNING)


@pytest.mark.parametrize(("seconds_left", "is_done"), [(-1, True), (60, False)])
def test_a_running_job_is_picked_up_when_its_lease_has_run_out(rows, version_before, write_all, seconds_left, is_done):
    batch, erasure = rows
    expires_at = timezone.now() + timedelta(seconds=seconds_left)
    lease = "lease_expires_at = %s"
    execute(f"UPDATE exports_exportbatch SET attempts = 3, lease_token = gen_random_uuid(), {lease}", expires_at)
    execute(f"UPDATE exports_erasure SET {lease}", expires_at)

    upgrade()

    assert list(JobLease.objects.order_by("task").values_list("task", "key", "attempts", "expires_at")) == [
        ("exports.tasks.erase_user", str(erasure.pk), 1, expires_at),
        ("exports.tasks.write_export", str(batch.pk), 3, expires_at),
    ]
    with tasks_run_at_once():
        tasks.sweep()
        tasks.sweep_erasures()
    statuses = ExportBatch.objects.get().status, Erasure.objects.get().status
    assert statuses == (("published", "completed") if is_done else ("running", "running"))


def test_the_lease_of_a_task_that_still_runs_is_left_as_it_is(rows, version_before):
    batch, _ = rows
    held = JobLease.objects.create(
        task="exports.tasks.write_export", key=str(batch.pk), attempts=2, expires_at=timezone.now()
    )
    execute("UPDATE exports_exportbatch SET attempts = 3, lease_expires_at = statement_timestamp()")

    upgrade()

    assert list(JobLease.objects.values()) == [JobLease.objects.filter(pk=held.pk).values().get()]
    assert JobLease.objects.get().attempts == 2


def test_the_previous_version_resumes_running_jobs(rows, version_before):
    found = execute("SELECT lease_token IS NOT NULL, lease_expires_at <= now(), attempts FROM exports_exportbatch")

    assert found == [(True, True, 0)]

from datetime import timedelta

import pytest
from django.utils import timezone

from drift import tasks
from drift.choices import ReportStatus, Verdict
from drift.models import DriftReport
from drift.reports import lifecycle
from feedback.models import JobLease
from tests.drift.factories import DriftReportFactory

pytestmark = pytest.mark.django_db
RUNNING = {"status": ReportStatus.RUNNING, "verdict": "", "score": None, "finished_at": None}


def report_running_for(**age):
    return DriftReportFactory(**RUNNING, created_at=timezone.now() - timedelta(**age))


def lease(report, *, seconds_left, attempts=1):
    return JobLease.objects.create(
        task=tasks.detect_drift.name,
        key=str(report.pk),
        attempts=attempts,
        expires_at=timezone.now() + timedelta(seconds=seconds_left),
    )


@pytest.fixture
def sweep(running_tasks):
    def run():
        with running_tasks():
            tasks.sweep()
        return DriftReport.objects.get()

    return run


@pytest.mark.parametrize(
    ("age_seconds", "lease_seconds_left", "status"),
    [
        (150, None, "completed"),  # Its message was lost.
        (150, -1, "completed"),  # Its worker is gone.
        (150, 60, "running"),  # A worker is at it.
        (60, None, "running"),  # Its message is on the way.
    ],
)
def test_an_abandoned_report_is_computed(sweep, age_seconds, lease_seconds_left, status):
    report = report_running_for(seconds=age_seconds)
    if lease_seconds_left is not None:
        lease(report, seconds_left=lease_seconds_left)

    assert sweep().status == status
    assert JobLease.objects.exists() is (lease_seconds_left == 60)


@pytest.mark.parametrize(("attempts", "status"), [(4, "completed"), (5, "failed")])
def test_a_report_that_ends_its_worker_again_and_again_is_given_up(sweep, attempts, status):
    report = report_running_for(minutes=20)
    lease(report, seconds_left=-1, attempts=attempts)

    found = sweep()

    assert found.status == status
    assert (found.verdict == Verdict.ERROR) is (status == "failed")
    assert found.error == (
        "The worker crashed 5 times on this job. See its log, then try again." if status == "failed" else ""
    )
    assert not JobLease.objects.exists()


def test_an_unstorable_reason_is_cleaned():
    report = report_running_for(minutes=1)

    assert lifecycle.fail(report.pk, "\0\ud800" + "x" * 3_000)

    report.refresh_from_db()
    assert (report.status, len(report.error)) == ("failed", 2_004)
    assert report.error.startswith("\\ud800xxx")
    assert report.notes == []


def test_a_report_in_a_long_queue_is_not_queued_with_every_sweep(django_capture_on_commit_callbacks):
    report_running_for(minutes=20)
    queued = []

    for _ in range(3):
        with django_capture_on_commit_callbacks() as callbacks:
            tasks.sweep()
        queued.append(len(callbacks))

    assert queued == [1, 0, 0]

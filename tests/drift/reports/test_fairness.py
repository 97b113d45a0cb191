"""No deployment queues drift reports without end, and scheduled reports do not delay those that users ask for."""

from datetime import timedelta

import pytest
from django.utils import timezone

from drift import tasks
from drift.choices import ReportStatus
from drift.models import DriftReport
from drift.reports import lifecycle
from feedback.jobs import sweeping
from feedback.models import JobLease
from tests.drift.factories import DriftReportFactory
from tests.factories import DeploymentFactory, EventFactory

pytestmark = pytest.mark.django_db
RUNNING = {"status": ReportStatus.RUNNING, "verdict": "", "score": None, "finished_at": None}


@pytest.fixture
def helpdesk():
    EventFactory(deployment_id="helpdesk")
    return DeploymentFactory(id="helpdesk")


def test_a_deployment_has_so_many_reports_that_are_not_done(api, helpdesk):
    other = DeploymentFactory(id="other")
    EventFactory(deployment_id="other")
    running = [DriftReportFactory(deployment=helpdesk, **RUNNING) for _ in range(lifecycle.MOST_RUNNING)]

    refused = api.post("/api/v1/deployments/helpdesk/drift", {}, format="json")
    of_another = api.post(f"/api/v1/deployments/{other.pk}/drift", {}, format="json")
    DriftReport.objects.filter(pk=running[0].pk).delete()
    later = api.post("/api/v1/deployments/helpdesk/drift", {}, format="json")

    assert (refused.status_code, of_another.status_code, later.status_code) == (409, 202, 202)
    [error] = refused.json()["errors"]
    assert error["message"] == "5 drift reports of helpdesk are not done yet. Wait until one is."


@pytest.mark.parametrize(("is_scheduled", "running", "requested"), [(True, 1, 0), (False, 1, 1), (False, 5, 0)])
def test_the_schedule_waits_for_reports_that_are_not_done(
    helpdesk, is_scheduled, running, requested, django_capture_on_commit_callbacks
):
    created_at = timezone.now() - timedelta(days=1)
    for _ in range(running):
        DriftReportFactory(deployment=helpdesk, is_scheduled=is_scheduled, created_at=created_at, **RUNNING)

    with django_capture_on_commit_callbacks() as callbacks:
        tasks.detect_all_drift()

    assert (DriftReport.objects.count() - running, len(callbacks)) == (requested, requested)


def test_so_many_scheduled_reports_are_queued_and_the_others_wait(
    monkeypatch, running_tasks, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(sweeping, "SCHEDULED_AT_ONCE", 2)
    for name in "abcde":
        DeploymentFactory(id=name)

    with django_capture_on_commit_callbacks() as queued:
        tasks.detect_all_drift()
        tasks.sweep()
    waiting = DriftReport.objects.running().scheduled().count()
    JobLease.objects.all().delete()
    with running_tasks():
        lifecycle.queue_scheduled()

    assert (len(queued), waiting) == (2, 5)
    assert DriftReport.objects.running().count() == 0

"""No deployment queues builds without end, and builds of the schedule do not delay those that users ask for."""

import pytest
from django.urls import reverse

from curation import tasks
from curation.choices import CuratedSetStatus
from curation.models import CuratedSet
from curation.sets import requesting
from feedback.jobs import sweeping
from feedback.models import JobLease
from tests.curation.factories import CuratedSetFactory
from tests.factories import DeploymentFactory, EventFactory

pytestmark = pytest.mark.django_db
BUILDING = {"status": CuratedSetStatus.BUILDING, "content_hash": ""}
SENTENCE = "5 curated sets of helpdesk are still being built. Wait until one is done."


def test_a_deployment_has_so_many_sets_that_are_being_built(api, console):
    helpdesk, other = DeploymentFactory(id="helpdesk"), DeploymentFactory(id="other")
    building = [
        CuratedSetFactory(deployment=helpdesk, name=f"set {number}", **BUILDING)
        for number in range(requesting.MOST_BUILDING)
    ]

    rejected = api.post("/api/v1/deployments/helpdesk/curated-sets", {"name": "weekly"}, format="json")
    form = {"deployment": "helpdesk", "name": "weekly", "limit": 10, "strategies.high_quality": "on", "curate": "1"}
    console.post(reverse("admin:curation_curatedset_new"), form)
    count = CuratedSet.objects.count()
    of_another = api.post(f"/api/v1/deployments/{other.pk}/curated-sets", {"name": "weekly"}, format="json")
    building[0].delete()
    later = api.post("/api/v1/deployments/helpdesk/curated-sets", {"name": "weekly"}, format="json")

    assert (rejected.status_code, of_another.status_code, later.status_code) == (409, 202, 202)
    assert [error["message"] for error in rejected.json()["errors"]] == [SENTENCE]
    assert count == requesting.MOST_BUILDING
    assert SENTENCE in console.get(reverse("admin:curation_curatedset_changelist")).content.decode()


def test_so_many_builds_of_the_schedule_are_queued_and_the_others_wait(
    monkeypatch, running_tasks, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(sweeping, "SCHEDULED_AT_ONCE", 2)
    for name in "abcde":
        DeploymentFactory(id=name)
        EventFactory(deployment_id=name)

    with django_capture_on_commit_callbacks() as queued:
        tasks.curate_all()
        tasks.sweep()
    waiting = CuratedSet.objects.building().count()
    JobLease.objects.all().delete()
    with running_tasks():
        requesting.queue_scheduled()

    assert (len(queued), waiting) == (2, 5)
    assert CuratedSet.objects.building().count() == 0

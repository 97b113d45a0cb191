"""Events are scored again: in batches, exactly once, on every store, with rollups that stay exact."""

from datetime import timedelta

import pytest
import time_machine

from feedback.choices import ReassessmentStatus
from feedback.deployments import policies, quality_profiles
from feedback.models import Deployment, Reassessment
from feedback.quality.profiles.choosing import Choice
from feedback.reassessing import requesting, running
from feedback.rollups import folding, rebuilding
from feedback.stores import event_store
from feedback.stores.base import EventFilter
from tests.factories import NOON, DeploymentFactory

HERE = "/api/v1/deployments/helpdesk/reassessments"
NO_LENGTH = Choice(excluded=("length",))


@pytest.fixture
def helpdesk(any_store, api, write_all, monkeypatch):
    """Five events of one word in three hours, scored by the default profile."""
    monkeypatch.setattr(running, "BATCH", 2)
    deployment = DeploymentFactory(id="helpdesk")
    with time_machine.travel(NOON, tick=True):
        for number in range(5):
            at = NOON - timedelta(hours=number // 2, minutes=number)
            send(api, "Paris", occurred_at=at.isoformat(), model_version_id=f"v{number % 2}")
        write_all()
    folding.fold()
    return deployment


def send(api, response, **fields):
    body = {"deployment_id": "helpdesk", "prompt": "Where?", "response": response, **fields}
    assert api.post("/api/v1/events", body, format="json").status_code == 202


def stored():
    rows = event_store().scan(EventFilter(deployment_id="helpdesk"), ["id", "quality_score"]).read_all().to_pylist()
    return sorted(row["quality_score"] for row in rows), [row["id"] for row in rows]


def profiles():
    return sorted((row["profile"], row["version"]) for row in event_store().scores(stored()[1]).to_pylist())


def is_exact(deployment):
    folding.fold()
    return rebuilding.rebuild(deployment, is_check=True).differences == []


def reassess(by, **fields):
    job = requesting.request("helpdesk", by=by, **fields)
    running.run(job.pk)
    job.refresh_from_db()
    return job


def test_all_events_are_scored_by_the_profile_of_the_deployment(helpdesk, operator):
    quality_profiles.choose("helpdesk", NO_LENGTH, by=operator)

    job = reassess(operator)

    assert (job.status, job.total, job.scored, job.dropped, job.percent) == ("completed", 5, 5, 0, 100)
    assert (job.compared, job.mean_before, job.mean_after) == (5, pytest.approx(0.95), 1.0)
    assert stored()[0] == [1.0] * 5
    assert set(profiles()) == {("default", job.version)}
    assert is_exact(helpdesk)


def test_a_range_of_a_model_version_is_scored_and_the_others_stay(helpdesk, operator):
    quality_profiles.choose("helpdesk", NO_LENGTH, by=operator)

    job = reassess(
        operator, start=NOON - timedelta(hours=1, minutes=30), end=NOON + timedelta(1), model_version_id="v1"
    )

    assert (job.total, job.scored) == (2, 2)
    assert stored()[0] == [0.95, 0.95, 0.95, 1.0, 1.0]
    assert is_exact(helpdesk)


def test_scores_of_another_profile_are_stored_beside(helpdesk, operator):
    job = reassess(operator, profile="crucible")

    assert (job.key, job.is_own, job.scored) == ("crucible-1", False, 5)
    assert stored()[0] == [0.95] * 5
    assert [key for key, _ in profiles()] == ["crucible-1"] * 5 + ["default"] * 5
    assert is_exact(helpdesk)


def test_a_version_that_the_deployment_had_can_score_again(helpdesk, operator):
    quality_profiles.choose("helpdesk", NO_LENGTH, by=operator)
    version = quality_profiles.describe(Deployment.objects.get()).version
    quality_profiles.choose("helpdesk", Choice(), by=operator)

    assert reassess(operator, profile=version).key == version
    assert stored()[0] == [0.95] * 5


def test_events_without_texts_are_skipped_and_counted(helpdesk, operator, api, write_all):
    Deployment.objects.update(content_policy="drop")
    policies.forget()
    with time_machine.travel(NOON, tick=True):
        send(api, "Paris")
        write_all()
    quality_profiles.choose("helpdesk", NO_LENGTH, by=operator)

    job = reassess(operator)

    assert (job.scored, job.dropped, job.total) == (5, 1, 6)
    assert stored()[0] == [0.95, *[1.0] * 5]
    assert is_exact(helpdesk)


def test_a_job_goes_on_where_a_dead_worker_left_it(helpdesk, operator, monkeypatch):
    quality_profiles.choose("helpdesk", NO_LENGTH, by=operator)
    job = requesting.request("helpdesk", by=operator)
    scores, batches = running._scores, []

    def dying(*given):
        batches.append(given)
        if len(batches) == 2:
            raise MemoryError
        return scores(*given)

    monkeypatch.setattr(running, "_scores", dying)
    with pytest.raises(MemoryError):
        running.run(job.pk)
    job.refresh_from_db()
    assert (job.status, job.scored) == ("running", 2)

    running.run(job.pk)

    job.refresh_from_db()
    assert (job.status, job.scored, job.compared, job.mean_before) == ("completed", 5, 5, pytest.approx(0.95))
    assert len(batches) == 4
    assert is_exact(helpdesk)


def test_a_cancelled_job_stops_and_stores_no_further_batch(helpdesk, operator, monkeypatch):
    quality_profiles.choose("helpdesk", NO_LENGTH, by=operator)
    job = requesting.request("helpdesk", by=operator)
    scores = running._scores

    def cancelled(*given):
        if Reassessment.objects.get().scored:
            requesting.cancel(job, by=operator)
        return scores(*given)

    monkeypatch.setattr(running, "_scores", cancelled)
    running.run(job.pk)

    job.refresh_from_db()
    assert (job.status, job.scored) == (ReassessmentStatus.CANCELLED, 2)
    assert stored()[0] == [0.95, 0.95, 0.95, 1.0, 1.0]
    assert is_exact(helpdesk)


def test_a_profile_that_changes_meanwhile_ends_the_job(helpdesk, operator):
    job = requesting.request("helpdesk", by=operator)
    quality_profiles.choose("helpdesk", NO_LENGTH, by=operator)

    running.run(job.pk)

    job.refresh_from_db()
    assert (job.status, job.scored, job.error) == ("failed", 0, running.CHANGED)

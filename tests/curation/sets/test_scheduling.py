from datetime import UTC, datetime, timedelta

import pytest
from rest_framework.exceptions import ValidationError

from curation import tasks
from curation.choices import CuratedSetStatus
from curation.models import CuratedSet
from feedback.choices import SignalType
from feedback.models import JobLease
from tests.curation.factories import CuratedSetFactory
from tests.curation.voting import react
from tests.factories import NOON, DeploymentFactory, EventFactory, SignalFactory

HOUR = timedelta(hours=1)


@pytest.fixture
def curate_all(db, embedding, running_tasks):
    def run():
        with running_tasks():
            tasks.curate_all()
        return list(CuratedSet.objects.order_by("pk").values_list("deployment_id", "name", "version", "status"))

    return run


def praised_event(occurred_at=NOON, **fields):
    event = EventFactory(occurred_at=occurred_at, **fields)
    for _ in range(2):
        react(event, SignalType.THUMBS_UP, occurred_at=occurred_at)
    return event


def test_every_enabled_deployment_with_events_gets_a_draft(curate_all):
    for name, enabled in (("helpdesk", True), ("paused", False), ("silent", True)):
        DeploymentFactory(id=name, enabled=enabled)
    praised_event(deployment_id="helpdesk")
    praised_event(deployment_id="paused")

    assert curate_all() == [("helpdesk", "scheduled", 1, "draft")]


@pytest.mark.parametrize(
    ("status", "news", "made"),
    [
        (CuratedSetStatus.APPROVED, "event", True),
        (CuratedSetStatus.APPROVED, "signal", True),
        (CuratedSetStatus.APPROVED, None, False),
        (CuratedSetStatus.REJECTED, "event", True),
        (CuratedSetStatus.DRAFT, "event", False),
        (CuratedSetStatus.IN_REVIEW, "event", False),
        (CuratedSetStatus.BUILDING, "event", False),
    ],
)
def test_the_next_draft_needs_new_traffic_and_a_decision_on_the_last(curate_all, time_machine, status, news, made):
    DeploymentFactory(id="helpdesk")
    old = praised_event()
    time_machine.move_to(NOON + HOUR, tick=False)
    CuratedSetFactory(name="scheduled", version=1, status=status)
    time_machine.move_to(NOON + 3 * HOUR, tick=False)
    if news == "event":
        praised_event(NOON + 2 * HOUR, prompt="Something new?")
    if news == "signal":
        SignalFactory(event_id=old.id, type=SignalType.COPY, occurred_at=NOON + 2 * HOUR)

    assert len(curate_all()) == 1 + made


def test_a_deployment_has_a_schedule_of_its_own(db, embedding, running_tasks):
    DeploymentFactory(id="helpdesk")
    praised_event()

    with running_tasks():
        tasks.curate("helpdesk", name="weekly", limit=5, parameters={"high_quality": {"min_p_good": 0.8}})

    made = CuratedSet.objects.get()
    assert (made.name, made.limit, made.status, made.total) == ("weekly", 5, "draft", 1)
    assert (made.parameters, made.created_by) == ({"high_quality": {"min_p_good": 0.8}}, None)


def test_a_schedule_with_wrong_arguments_fails_and_requests_nothing(db):
    DeploymentFactory(id="helpdesk")

    with pytest.raises(ValidationError, match="Give a number from 0.5 to 0.999"):
        tasks.curate("helpdesk", parameters={"high_quality": {"min_p_good": 2}})

    assert not CuratedSet.objects.exists()


@pytest.fixture
def building(time_machine):
    """A set that is being built for a minute longer than a lease lasts."""
    time_machine.move_to(NOON - timedelta(seconds=180), tick=False)
    praised_event(NOON - HOUR)
    made = CuratedSetFactory(status=CuratedSetStatus.BUILDING, content_hash="", counts={}, built_at=None)
    time_machine.move_to(NOON, tick=False)
    return made


@pytest.fixture
def sweep(db, embedding, running_tasks):
    def run():
        with running_tasks():
            tasks.sweep()
        return CuratedSet.objects.get()

    return run


def lease(curated_set, *, expires_at, attempts=1):
    JobLease.objects.create(
        task=tasks.build_curated_set.name, key=str(curated_set.pk), attempts=attempts, expires_at=expires_at
    )


@pytest.mark.parametrize(("is_gone", "status"), [(True, "draft"), (False, "building")])
def test_a_build_whose_worker_died_runs_again(sweep, building, is_gone, status):
    # The database's own clock decides, which no test moves.
    lease(building, expires_at=datetime(2020 if is_gone else 2120, 1, 1, tzinfo=UTC))

    found = sweep()

    assert (found.status, found.total, found.error) == (status, int(is_gone), "")
    assert JobLease.objects.exists() is not is_gone


@pytest.mark.parametrize(("attempts", "examples"), [(4, 1), (5, 0)])
def test_a_build_that_keeps_crashing_its_worker_is_given_up(sweep, building, attempts, examples):
    lease(building, expires_at=datetime(2020, 1, 1, tzinfo=UTC), attempts=attempts)

    found = sweep()

    assert (found.status, found.total, found.built_at) == (CuratedSetStatus.DRAFT, examples, NOON)
    assert found.error == ("" if examples else "The worker crashed 5 times on this job. See its log, then try again.")


def test_a_recently_requested_build_is_not_queued_again(sweep, building, time_machine):
    time_machine.move_to(NOON - timedelta(seconds=61), tick=False)

    assert sweep().status == CuratedSetStatus.BUILDING
    assert not JobLease.objects.exists()

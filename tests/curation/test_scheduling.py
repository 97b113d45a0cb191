from datetime import timedelta

import pytest

from curation import tasks
from curation.choices import CuratedSetStatus
from curation.models import CuratedSet
from feedback.choices import SignalType
from tests.curation.factories import CuratedSetFactory
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
    SignalFactory(event_id=event.id, deployment_id=event.deployment_id, occurred_at=occurred_at)
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
def test_the_next_draft_needs_news_and_a_decision_on_the_last(curate_all, time_machine, status, news, made):
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


def test_a_build_whose_worker_is_gone_is_given_up(curate_all, time_machine):
    time_machine.move_to(NOON, tick=False)
    abandoned = CuratedSetFactory(status=CuratedSetStatus.BUILDING, content_hash="")
    time_machine.move_to(NOON + timedelta(minutes=34), tick=False)
    running = CuratedSetFactory(status=CuratedSetStatus.BUILDING, content_hash="", name="other")
    time_machine.move_to(NOON + timedelta(minutes=36), tick=False)

    curate_all()

    abandoned.refresh_from_db()
    running.refresh_from_db()
    assert abandoned.status == CuratedSetStatus.DRAFT
    assert abandoned.error == "The build did not finish within 35 minutes. Curate again."
    assert running.status == CuratedSetStatus.BUILDING

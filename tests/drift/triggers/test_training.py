"""How much has come in since the last training, and the two triggers that ask for it."""

from datetime import timedelta

import pytest

from drift.choices import CheckSource
from drift.models import TriggerRule
from drift.triggers import checking, training
from feedback.models import Event
from tests.drift.factories import store_window
from tests.factories import NOON, DeploymentFactory
from tests.feedback.factories import IngestCountFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def helpdesk():
    DeploymentFactory(id="helpdesk")


def receive(count, *, at, occurred_at=None, kind="event"):
    """Events that arrived then, with what the ledger says of them."""
    store_window("helpdesk", start_at=occurred_at or at, prompt_lengths=[10] * count)
    IngestCountFactory(deployment_id="helpdesk", kind=kind, stored=count, hour_at=at.replace(minute=0, second=0))


def look(name, now):
    found = checking.check("helpdesk", source=CheckSource.BEAT, now=now)
    return next(evaluation for evaluation in found if evaluation.name == name)


@pytest.mark.parametrize(("count", "fired"), [(9, False), (10, True)])
def test_data_count_fires_at_its_threshold(settings, count, fired):
    settings.TRIGGER_DATA_COUNT_THRESHOLD = 10
    receive(count, at=NOON)

    found = look("data_count", NOON)

    assert (found.fired, found.value) == (fired, count)


def test_data_count_starts_again_at_the_last_training(settings, time_machine):
    settings.TRIGGER_DATA_COUNT_THRESHOLD = 10
    time_machine.move_to(NOON + HOUR, tick=False)
    receive(20, at=NOON)
    training.mark("helpdesk", source="export 12")
    receive(9, at=NOON + HOUR)

    found = look("data_count", NOON + HOUR)

    assert (found.outcome, found.value) == ("quiet", 9)
    assert found.reason == "9 events since the last training at 2026-05-04 13:00 UTC; the threshold is 10."


def test_what_occurred_before_a_training_and_arrived_after_it_counts():
    receive(20, at=NOON)
    training.mark("helpdesk", marked_at=NOON + HOUR)
    receive(3, at=NOON + 2 * HOUR, occurred_at=NOON - 30 * HOUR)

    assert training.events_since_last("helpdesk", at_least=10).count == 3


def test_signals_and_other_deployments_do_not_count():
    DeploymentFactory(id="shop")
    training.mark("helpdesk", marked_at=NOON)
    receive(2, at=NOON + HOUR)
    IngestCountFactory(deployment_id="helpdesk", kind="signal", stored=50, hour_at=NOON + HOUR)
    IngestCountFactory(deployment_id="shop", stored=50, hour_at=NOON + HOUR)

    assert training.events_since_last("helpdesk", at_least=10).count == 2


def test_a_training_of_the_past_is_known_to_the_hour():
    receive(20, at=NOON)
    receive(5, at=NOON + HOUR)

    mark = training.mark("helpdesk", marked_at=NOON + HOUR + timedelta(minutes=40))

    assert mark.events_before == 20


def test_deleted_events_do_not_count():
    training.mark("helpdesk", marked_at=NOON)
    receive(20, at=NOON + HOUR)
    kept = Event.objects.order_by("-occurred_at").values_list("pk", flat=True)[:4]
    Event.objects.exclude(pk__in=list(kept)).delete()

    assert training.events_since_last("helpdesk", at_least=10).count == 4


def test_counting_stops_at_the_limit(monkeypatch):
    monkeypatch.setattr(training, "COUNT_LIMIT", 15)
    receive(20, at=NOON)

    few, many = (training.events_since_last("helpdesk", at_least=number) for number in (10, 18))

    assert (few.count, few.is_bound) == (15, True)
    assert (many.count, many.is_bound) == (18, True)


@pytest.mark.parametrize(("seconds", "fired"), [(86_399, False), (86_400, True)])
@pytest.mark.parametrize("since", ["training", "firing"])
def test_the_schedule_fires_after_its_interval(time_machine, seconds, fired, since):
    time_machine.move_to(NOON, tick=False)
    receive(1, at=NOON)
    if since == "training":
        training.mark("helpdesk", marked_at=NOON)
    else:
        TriggerRule.objects.create(deployment_id="helpdesk", name="scheduled", last_fired_at=NOON)

    found = look("scheduled", NOON + timedelta(seconds=seconds))

    assert (found.fired, found.value) == (fired, seconds)


def test_the_newest_training_counts_whichever_was_noted_last():
    training.mark("helpdesk", marked_at=NOON)
    training.mark("helpdesk", marked_at=NOON - HOUR)

    assert training.last_mark("helpdesk").marked_at == NOON

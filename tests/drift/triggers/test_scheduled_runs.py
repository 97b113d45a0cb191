"""Scheduled checks of many deployments: a bounded queue in fair order, and one message to each channel."""

from datetime import timedelta

import pytest
from django.core import mail

from drift import tasks
from drift.alerts import digests, messages
from drift.models import AlertDelivery, ScheduledCheck, TriggerEvaluation, TriggerFiring
from feedback.jobs import sweeping
from feedback.models import Deployment, JobLease
from tests import receiver as receivers
from tests.drift.factories import (
    AlertChannelFactory,
    AlertDeliveryFactory,
    TriggerEvaluationFactory,
    TriggerFiringFactory,
)
from tests.factories import NOON, DeploymentFactory, EventFactory

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def noon(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def few_at_once(monkeypatch):
    monkeypatch.setattr(sweeping, "SCHEDULED_AT_ONCE", 2)


def deployments_with_an_event(count):
    for number in range(count):
        DeploymentFactory(id=f"shop-{number}")
        EventFactory(deployment_id=f"shop-{number}", occurred_at=NOON, received_at=NOON)


def firing_of(deployment_id, *, fired_at=NOON):
    deployment = Deployment.objects.get_or_create(pk=deployment_id)[0]
    evaluation = TriggerEvaluationFactory(deployment=deployment, created_at=fired_at)
    return TriggerFiringFactory(evaluation=evaluation, is_announced=False)


def test_so_many_checks_are_queued_and_the_others_wait(few_at_once, django_capture_on_commit_callbacks):
    for name in ("a", "b", "c"):
        DeploymentFactory(id=name)

    with django_capture_on_commit_callbacks() as queued:
        tasks.check_all_triggers()
        tasks.check_all_triggers()
        tasks.sweep()

    assert len(queued) == 2
    assert list(ScheduledCheck.objects.oldest_first().values_list("pk", flat=True)) == ["a", "b", "c"]


def test_every_deployment_is_checked_once(few_at_once, running_tasks):
    for name in "abcde":
        DeploymentFactory(id=name)

    with running_tasks():
        tasks.check_all_triggers()

    checked = TriggerEvaluation.objects.filter(name="scheduled").order_by("pk")
    assert list(checked.values_list("deployment_id", flat=True)) == ["a", "b", "c", "d", "e"]
    assert (ScheduledCheck.objects.count(), JobLease.objects.count()) == (0, 0)


def test_a_deployment_that_waited_longer_comes_first(few_at_once, running_tasks):
    ScheduledCheck.objects.create(deployment=DeploymentFactory(id="z"), requested_at=NOON - 60 * MINUTE)
    for name in ("a", "b"):
        DeploymentFactory(id=name)

    with running_tasks():
        tasks.check_all_triggers()

    checked = TriggerEvaluation.objects.filter(name="scheduled").order_by("pk")
    assert list(checked.values_list("deployment_id", flat=True)) == ["z", "a", "b"]


def test_a_check_that_fails_does_not_keep_others_from_theirs(settings, django_capture_on_commit_callbacks):
    settings.TRIGGER_DATA_COUNT_THRESHOLD = "many"
    for name in ("a", "b"):
        ScheduledCheck.objects.create(deployment=DeploymentFactory(id=name))

    with django_capture_on_commit_callbacks() as queued, pytest.raises(ValueError, match="many"):
        tasks.check_triggers("a")

    assert list(ScheduledCheck.objects.values_list("pk", flat=True)) == ["b"]
    assert len(queued) == 1


def test_a_deployment_that_was_archived_meanwhile_is_not_checked(running_tasks):
    for name in ("a", "b"):
        ScheduledCheck.objects.create(deployment=DeploymentFactory(id=name, archived=True))

    tasks.check_triggers("a")
    with running_tasks():
        tasks.sweep()

    assert TriggerEvaluation.objects.count() == 0


def test_a_check_that_ends_its_worker_again_and_again_is_given_up(django_capture_on_commit_callbacks):
    ScheduledCheck.objects.create(deployment=DeploymentFactory(id="a"))
    JobLease.objects.create(task=tasks.check_triggers.name, key="a", attempts=5, expires_at=NOON - MINUTE)

    with django_capture_on_commit_callbacks() as queued:
        tasks.sweep()

    assert (ScheduledCheck.objects.count(), JobLease.objects.count(), len(queued)) == (0, 0, 0)


def test_a_run_sends_one_message_to_each_channel(settings, running_tasks):
    settings.ALERT_PRIVATE_ADDRESSES = True
    settings.EMAIL_URL = "smtp://mail.example.org"
    deployments_with_an_event(120)
    with receivers.running() as receiver:
        AlertChannelFactory(url=receiver.url)
        AlertChannelFactory(url=receiver.url, deployments=["shop-7"])
        AlertChannelFactory(url=receiver.url, triggers=["quality_drop"])
        AlertChannelFactory(kind="email", url="", secret="", addresses=["oncall@example.org"])

        with running_tasks():
            tasks.check_all_triggers()

    digest, single, by_mail = AlertDelivery.objects.order_by("channel")
    assert len(receiver.requests) == 2
    told = messages.payload(digest)
    assert (told["type"], told["count"], told["by_trigger"]) == ("triggers.fired", 120, {"scheduled": 120})
    assert len(told["firings"]) == 100
    assert messages.payload(single)["type"] == "trigger.fired"
    assert messages.payload(single)["firing"]["deployment_id"] == "shop-7"
    [message] = mail.outbox
    assert (message.subject, by_mail.about) == ("120 triggers fired", "120 firings")
    lines = message.body.splitlines()
    assert (lines[0], len(lines)) == ("Schedule 120.", 103)
    assert lines[2] == "shop-0 (Schedule): No training or scheduled firing yet."
    assert lines[-1] == "20 more are listed in the console under Firings."
    assert not TriggerFiring.objects.unannounced().exists()


@pytest.mark.parametrize(("age", "messages_sent"), [(29, 0), (30, 1)])
def test_a_run_that_takes_long_is_announced_in_parts(age, messages_sent):
    AlertChannelFactory()
    ScheduledCheck.objects.create(deployment=DeploymentFactory(id="slow"))
    for name in ("a", "b"):
        firing_of(name, fired_at=NOON - age * MINUTE)

    tasks.send_due_alerts()
    tasks.send_due_alerts()

    assert AlertDelivery.objects.count() == messages_sent


def test_firings_that_a_killed_worker_left_are_announced_by_the_sweep():
    AlertChannelFactory()
    for name in ("a", "b"):
        firing_of(name)

    tasks.send_due_alerts()

    assert AlertDelivery.objects.get().digest_size == 2


def test_a_digest_waits_for_a_channel_that_rests():
    resting = AlertChannelFactory(rests_until=NOON + MINUTE)
    for is_digest in (True, False):
        AlertDeliveryFactory(channel=resting, digest_size=2 if is_digest else 0)

    assert [delivery.is_test for delivery in AlertDelivery.objects.due(NOON)] == [True]


def test_without_channels_firings_count_as_announced():
    firing_of("a")

    digests.announce_run()

    assert (TriggerFiring.objects.unannounced().count(), AlertDelivery.objects.count()) == (0, 0)

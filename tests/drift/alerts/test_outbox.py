"""Firings are told to the channels that want them, and tried again until they are taken."""

import hashlib
import hmac
import socket
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from django.db import transaction

from drift import tasks
from drift.alerts import outbox
from drift.models import AlertDelivery
from feedback.models import JobLease
from tests import receiver as receivers
from tests.drift.factories import (
    AlertChannelFactory,
    AlertDeliveryFactory,
    TriggerEvaluationFactory,
    TriggerFiringFactory,
)
from tests.factories import NOON

pytestmark = pytest.mark.django_db
SECRET = "a secret of some length"
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def noon(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def receiver(settings):
    settings.ALERT_PRIVATE_ADDRESSES = True
    with receivers.running() as running:
        yield running


def quality_firing(**values):
    return TriggerFiringFactory(
        evaluation=TriggerEvaluationFactory(
            name="quality_drop",
            value=0.61,
            threshold=0.7,
            reason="The average score of the checks over the newest 50 scored events is 0.61.",
            created_at=NOON,
        ),
        **values,
    )


def announce(*firings):
    with transaction.atomic():
        outbox.announce(firings)


def facts(delivery):
    delivery.refresh_from_db()
    return delivery.status, delivery.attempts, delivery.http_status, delivery.error


def test_a_firing_reaches_a_webhook_signed_and_in_figures(receiver, running_tasks):
    AlertChannelFactory(url=f"{receiver.url}/hook", secret=SECRET)
    firing = quality_firing()

    with running_tasks():
        announce(firing)

    delivery = AlertDelivery.objects.get()
    assert facts(delivery) == ("delivered", 1, 200, "")
    assert (delivery.finished_at, delivery.next_attempt_at) == (NOON, None)
    [(path, headers, body)] = receiver.requests
    assert path == "/hook"
    assert orjson.loads(body) == {
        "version": 1,
        "type": "trigger.fired",
        "delivery": delivery.pk,
        "firing": {
            "id": firing.pk,
            "deployment_id": "helpdesk",
            "trigger": "quality_drop",
            "value": 0.61,
            "threshold": 0.7,
            "reason": "The average score of the checks over the newest 50 scored events is 0.61.",
            "drift_report": None,
            "fired_at": "2026-05-04T12:00:00+00:00",
        },
    }
    timestamp = headers["X-Crucible-Timestamp"]
    assert timestamp == str(int(NOON.timestamp()))
    expected = hmac.new(SECRET.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["X-Crucible-Signature"] == f"sha256={expected}"
    assert headers["X-Crucible-Delivery"] == str(delivery.pk)


@pytest.mark.parametrize(
    ("channel", "is_told"),
    [
        ({}, True),
        ({"deployments": ["shop", "helpdesk"]}, True),
        ({"deployments": ["shop"]}, False),
        ({"triggers": ["quality_drop"]}, True),
        ({"triggers": ["scheduled", "data_count"]}, False),
        ({"is_enabled": False}, False),
    ],
)
def test_a_channel_is_notified_about_its_triggers_and_deployments(channel, is_told):
    AlertChannelFactory(**channel)

    announce(quality_firing())

    assert AlertDelivery.objects.count() == (1 if is_told else 0)


def test_a_firing_notifies_every_channel_once(receiver, running_tasks):
    for _ in range(2):
        AlertChannelFactory(url=receiver.url)

    with running_tasks():
        announce(quality_firing())
    for delivery in AlertDelivery.objects.all():
        tasks.deliver_alert(delivery.pk)

    assert len(receiver.requests) == 2


def test_a_temporary_failure_is_retried_with_growing_pauses_and_then_fails(receiver):
    receiver.answers = [(503, {})]
    delivery = AlertDeliveryFactory(channel__url=receiver.url, firing=quality_firing())
    now, waited = NOON, []

    while delivery.status == "waiting":
        assert not outbox.deliver(delivery.pk, now - timedelta(seconds=6))
        outbox.deliver(delivery.pk, now)
        delivery.refresh_from_db()
        if delivery.next_attempt_at:
            waited.append(delivery.next_attempt_at - now)
            now = delivery.next_attempt_at

    assert [pause / MINUTE for pause in waited] == [1, 5, 30, 120, 480]
    host = receiver.url.removeprefix("http://")
    assert facts(delivery) == ("failed", 6, 503, f"{host} responded with 503; expected 2xx.")
    assert len({body for _, _, body in receiver.requests}) == 1
    assert len({headers["X-Crucible-Signature"] for _, headers, _ in receiver.requests}) == 6


def test_a_message_is_delivered_by_a_later_attempt(receiver):
    receiver.answers = [(503, {}), (204, {})]
    delivery = AlertDeliveryFactory(channel__url=receiver.url, firing=quality_firing())

    taken = [outbox.deliver(delivery.pk, NOON + minutes * MINUTE) for minutes in (0, 1)]

    assert taken == [False, True]
    assert facts(delivery) == ("delivered", 2, 204, "")


def test_after_a_failure_a_channel_rests_and_no_other_waits_for_it(receiver):
    receiver.answers = [(503, {})]
    hanging, other = AlertChannelFactory(url=receiver.url), AlertChannelFactory(url=f"{receiver.url}/other")
    firing = quality_firing()
    failed = AlertDeliveryFactory(channel=hanging, firing=firing)
    waiting = AlertDeliveryFactory(channel=hanging, firing=TriggerFiringFactory(fired_at=NOON + MINUTE))
    elsewhere = AlertDeliveryFactory(channel=other, firing=firing)

    outbox.deliver(failed.pk, NOON)
    receiver.answers = [(200, {})]
    taken = [outbox.deliver(delivery.pk, NOON) for delivery in (waiting, elsewhere)]
    after = outbox.deliver(waiting.pk, NOON + MINUTE)

    assert (taken, after) == ([False, True], True)
    assert [path for path, _, _ in receiver.requests] == ["/", "/other", "/"]
    assert facts(waiting) == ("delivered", 1, 200, "")


def test_a_test_goes_to_a_channel_that_rests_and_wakes_it(receiver):
    channel = AlertChannelFactory(url=receiver.url, rests_until=NOON + MINUTE)
    waiting = AlertDeliveryFactory(channel=channel, firing=quality_firing())
    test = AlertDeliveryFactory(channel=channel, firing=None)

    taken = [outbox.deliver(delivery.pk, NOON) for delivery in (waiting, test, waiting)]

    assert taken == [False, True, True]


@pytest.mark.parametrize(("status", "words"), [(404, "expected 2xx"), (302, "redirects are not followed")])
def test_a_permanent_failure_is_not_retried(receiver, status, words):
    receiver.answers = [(status, {"Location": "http://169.254.169.254/"})]
    delivery = AlertDeliveryFactory(channel__url=receiver.url, firing=quality_firing())

    outbox.deliver(delivery.pk)

    host = receiver.url.removeprefix("http://")
    assert facts(delivery) == ("failed", 1, status, f"{host} responded with {status}; {words}.")


def test_a_forbidden_address_fails_with_the_reason():
    delivery = AlertDeliveryFactory(channel__url="http://169.254.169.254/latest", firing=quality_firing())

    outbox.deliver(delivery.pk)

    assert facts(delivery)[:3] == ("failed", 1, None)
    assert "169.254.169.254, which is not an allowed webhook address" in delivery.error


def test_a_channel_switched_off_meanwhile_is_not_notified(receiver):
    delivery = AlertDeliveryFactory(channel__url=receiver.url, channel__is_enabled=False, firing=quality_firing())

    outbox.deliver(delivery.pk)

    assert facts(delivery) == ("failed", 1, None, "The channel was switched off before the message could be sent.")
    assert receiver.requests == []


def test_a_test_goes_to_a_channel_that_is_off_too(receiver, running_tasks):
    channel = AlertChannelFactory(url=receiver.url, is_enabled=False)

    with running_tasks():
        delivery = outbox.send_test(channel)

    assert facts(delivery) == ("delivered", 1, 200, "")
    assert orjson.loads(receiver.requests[0][2]) == {"version": 1, "type": "test", "delivery": delivery.pk}


@pytest.mark.parametrize(("due_in", "is_queued"), [(timedelta(0), False), (-MINUTE, True), (timedelta(hours=1), False)])
def test_the_schedule_queues_what_waits_too_long(receiver, running_tasks, due_in, is_queued):
    delivery = AlertDeliveryFactory(channel__url=receiver.url, next_attempt_at=NOON + due_in)

    with running_tasks():
        tasks.send_due_alerts()

    assert facts(delivery)[0] == ("delivered" if is_queued else "waiting")


@pytest.mark.parametrize(("lease_ends", "is_sent"), [(datetime(2120, 1, 1, tzinfo=UTC), False), (NOON, True)])
def test_an_attempt_whose_worker_crashed_is_taken_up_by_another(receiver, running_tasks, lease_ends, is_sent):
    # What a worker that is killed leaves behind.
    delivery = AlertDeliveryFactory(
        channel__url=receiver.url, firing=quality_firing(), attempts=1, next_attempt_at=NOON - MINUTE
    )
    JobLease.objects.create(task=tasks.deliver_alert.name, key=str(delivery.pk), attempts=1, expires_at=lease_ends)

    with running_tasks():
        tasks.send_due_alerts()
        tasks.send_due_alerts()

    assert facts(delivery) == (("delivered", 2, 200, "") if is_sent else ("waiting", 1, None, ""))
    assert len(receiver.requests) == (1 if is_sent else 0)


def test_an_attempt_that_begins_is_counted_before_it_can_crash_its_worker(receiver, monkeypatch):
    delivery = AlertDeliveryFactory(channel__url=receiver.url, firing=quality_firing())

    def end(*_, **__):
        raise SystemExit

    monkeypatch.setattr(socket, "create_connection", end)
    with pytest.raises(SystemExit):
        outbox.deliver(delivery.pk)

    assert facts(delivery) == ("waiting", 1, None, "")


def test_a_message_that_crashes_its_workers_is_given_up(running_tasks):
    delivery = AlertDeliveryFactory(firing=quality_firing(), attempts=5, next_attempt_at=NOON - MINUTE)
    JobLease.objects.create(task=tasks.deliver_alert.name, key=str(delivery.pk), attempts=5, expires_at=NOON)

    with running_tasks():
        tasks.send_due_alerts()

    sentence = "The worker crashed 5 times on this job. See its log, then try again."
    assert facts(delivery) == ("failed", 5, None, sentence)
    assert (delivery.finished_at, delivery.next_attempt_at) == (NOON, None)


def test_a_message_that_crashes_its_worker_in_the_last_attempt_is_given_up():
    delivery = AlertDeliveryFactory(firing=quality_firing(), attempts=6)

    outbox.deliver(delivery.pk)

    assert facts(delivery) == ("failed", 7, None, "The worker crashed during the last attempt.")


@pytest.mark.parametrize(("before", "is_sent"), [("failed", True), ("delivered", False), ("waiting", False)])
def test_only_what_was_given_up_is_sent_again(receiver, running_tasks, before, is_sent):
    finished = {} if before == "waiting" else {"finished_at": NOON, "next_attempt_at": None}
    delivery = AlertDeliveryFactory(
        channel__url=receiver.url, firing=quality_firing(), status=before, attempts=6, error="It was away.", **finished
    )

    with running_tasks():
        assert outbox.send_again(delivery.pk) is is_sent

    assert len(receiver.requests) == (1 if is_sent else 0)
    assert facts(delivery)[:2] == (("delivered", 1) if is_sent else (before, 6))

"""Queues messages about firings: one per subscribed channel, retried with growing pauses until it is delivered."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import orjson
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from drift import tasks
from drift.alerts import mails, messages, webhooks
from drift.alerts.webhooks import AlertFailed
from drift.choices import ChannelKind, DeliveryStatus
from drift.models import AlertChannel, AlertDelivery, TriggerFiring
from feedback.jobs import leases, sweeping

# Between attempts; the attempt after the last pause is the final one.
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480)]
# The clock of the machine that queued a message may be ahead of its worker's by this much.
SKEW = timedelta(seconds=5)
# After a temporary failure the channel's other messages wait this long; other channels are not affected.
CHANNEL_PAUSE = timedelta(minutes=1)
# A message that was queued this recently is not queued again.
QUEUED = timedelta(minutes=1)


def announce(firings: Sequence[TriggerFiring]) -> None:
    """Queue a message about each of these firings to every subscribed channel; call it in their transaction."""
    if firings:
        _queue(
            AlertDelivery(channel=channel, firing=firing)
            for channel, wanted in _subscribed(firings)
            for firing in wanted
        )


def announce_together(firings: Sequence[TriggerFiring]) -> None:
    """Queue one message about all of these firings to every subscribed channel; call it in their transaction."""
    found = _subscribed(firings)
    alone = [(channel, wanted[0]) for channel, wanted in found if len(wanted) == 1]
    several = [(channel, wanted) for channel, wanted in found if len(wanted) > 1]
    _queue(AlertDelivery(channel=channel, firing=firing) for channel, firing in alone)
    digests = _queue(AlertDelivery(channel=channel, digest_size=len(wanted)) for channel, wanted in several)
    of_digest = AlertDelivery.firings.through
    of_digest.objects.bulk_create(
        (
            of_digest(alertdelivery_id=digest.pk, triggerfiring_id=firing.pk)
            for digest, (_, wanted) in zip(digests, several, strict=True)
            for firing in wanted
        ),
        batch_size=5_000,
    )


def send_test(channel: AlertChannel) -> AlertDelivery:
    """Queue a test message, even if the channel is off."""
    with transaction.atomic():
        return _queue([AlertDelivery(channel=channel)])[0]


def newest_of_channel(channel: AlertChannel, most: int = 10) -> list[AlertDelivery]:
    return list(AlertDelivery.objects.filter(channel=channel).select_related("firing").order_by("-pk")[:most])


def send_again(delivery_id: int) -> bool:
    """Queue a failed message again, with all its attempts; False if it has not failed."""
    with transaction.atomic():
        failed = AlertDelivery.objects.failed().filter(pk=delivery_id)
        now = timezone.now()
        was_failed = failed.update(
            status=DeliveryStatus.WAITING, attempts=0, next_attempt_at=now, finished_at=None, error=""
        )
        if was_failed:
            tasks.deliver_alert.delay_on_commit(delivery_id)
    return bool(was_failed)


def sweep() -> None:
    """Queue the messages whose pause is over and those lost by a worker or the queue."""
    due = AlertDelivery.objects.due(timezone.now() - QUEUED).values_list("pk", flat=True)
    sweeping.sweep(tasks.deliver_alert, due, give_up=_give_up)


def deliver(delivery_id: int, now: datetime | None = None) -> bool:
    """Try once to send a message that is due; return whether it was delivered."""
    with leases.of_job(tasks.deliver_alert.name, delivery_id) as lease:
        return lease is not None and _attempt(delivery_id, now or timezone.now())


def _attempt(delivery_id: int, now: datetime) -> bool:
    if not AlertDelivery.objects.due(now + SKEW).filter(pk=delivery_id).update(attempts=F("attempts") + 1):
        return False
    delivery = AlertDelivery.objects.select_related("channel", "firing__evaluation").get(pk=delivery_id)
    try:
        _fail_if_crashed(delivery)
        status = _send(delivery, now)
    except AlertFailed as failure:
        _record_failure(delivery, failure, now)
        return False
    _end_pause(delivery.channel)
    return _finish(delivery, status=DeliveryStatus.DELIVERED, http_status=status, error="")


def _queue(deliveries) -> list[AlertDelivery]:
    made = AlertDelivery.objects.bulk_create(deliveries)
    for delivery in made:
        tasks.deliver_alert.delay_on_commit(delivery.pk)
    return made


def _fail_if_crashed(delivery: AlertDelivery) -> None:
    """An attempt beyond the final one means that the final one crashed its worker."""
    if delivery.attempts > len(PAUSES) + 1:
        raise AlertFailed("The worker crashed during the last attempt.", is_temporary=False)


def _subscribed(firings: Sequence[TriggerFiring]) -> list[tuple[AlertChannel, list[TriggerFiring]]]:
    """The enabled channels, each with those of the firings that it is subscribed to."""
    channels = AlertChannel.objects.enabled()
    return [(channel, [firing for firing in firings if _is_subscribed(channel, firing)]) for channel in channels]


def _is_subscribed(channel: AlertChannel, firing: TriggerFiring) -> bool:
    return firing.name in channel.triggers and (not channel.deployments or firing.deployment_id in channel.deployments)


def _send(delivery: AlertDelivery, now: datetime) -> int | None:
    channel = delivery.channel
    if not delivery.is_test and not channel.is_enabled:
        raise AlertFailed("The channel was switched off before the message could be sent.", is_temporary=False)
    if channel.kind == ChannelKind.EMAIL:
        return mails.send(*messages.mail(delivery), channel.addresses)
    body = orjson.dumps(messages.payload(delivery))
    timestamp = int(now.timestamp())
    return webhooks.post(channel.url, body, secret=channel.secret, delivery=str(delivery.pk), timestamp=timestamp)


def _record_failure(delivery: AlertDelivery, failure: AlertFailed, now: datetime) -> None:
    failure_values = {"error": str(failure), "http_status": failure.http_status}
    if failure.is_temporary:
        AlertChannel.objects.filter(pk=delivery.channel_id).update(rests_until=now + CHANNEL_PAUSE)
    if failure.is_temporary and delivery.attempts <= len(PAUSES):
        again_at = now + PAUSES[delivery.attempts - 1]
        _of_this_attempt(delivery).update(next_attempt_at=again_at, **failure_values)
    else:
        _finish(delivery, status=DeliveryStatus.FAILED, **failure_values)


def _end_pause(channel: AlertChannel) -> None:
    if channel.rests_until is not None:
        AlertChannel.objects.filter(pk=channel.pk).update(rests_until=None)


def _give_up(delivery_id: int, reason: str) -> None:
    AlertDelivery.objects.waiting().filter(pk=delivery_id).update(
        status=DeliveryStatus.FAILED, error=reason, **_ended_now()
    )


def _finish(delivery: AlertDelivery, **values) -> bool:
    return bool(_of_this_attempt(delivery).update(**_ended_now(), **values))


def _ended_now() -> dict:
    return {"next_attempt_at": None, "finished_at": timezone.now()}


def _of_this_attempt(delivery: AlertDelivery):
    """The row, unless this worker lost its lease and another attempt has begun."""
    return AlertDelivery.objects.waiting().filter(pk=delivery.pk, attempts=delivery.attempts)

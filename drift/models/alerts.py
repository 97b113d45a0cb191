"""Alert channels and the messages sent to them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from drift.choices import ChannelKind, DeliveryStatus, TriggerName
from drift.models.triggers import TriggerFiring
from drift.querysets.triggers import AlertChannelQuerySet, AlertDeliveryQuerySet


def all_triggers() -> list[str]:
    return list(TriggerName.values)


class AlertChannel(models.Model):
    """A webhook or a list of e-mail addresses that is notified about firings."""

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=16, choices=ChannelKind.choices, default=ChannelKind.WEBHOOK)
    is_enabled = models.BooleanField("on", default=True)
    url = models.CharField("URL", max_length=2_000, blank=True)
    secret = models.CharField(max_length=255, blank=True)
    addresses = ArrayField(models.EmailField(), default=list, blank=True)
    deployments = ArrayField(models.CharField(max_length=255), default=list, blank=True)
    triggers = ArrayField(models.CharField(max_length=32, choices=TriggerName.choices), default=all_triggers)
    created_at = models.DateTimeField(auto_now_add=True)
    # Set after a temporary failure, so that a receiver that hangs does not occupy workers all the time.
    rests_until = models.DateTimeField(null=True, editable=False)

    objects = AlertChannelQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(name="alert_channel_kind_valid", condition=Q(kind__in=ChannelKind.values)),
            models.CheckConstraint(
                name="alert_channel_triggers_valid", condition=Q(triggers__contained_by=list(TriggerName.values))
            ),
            models.CheckConstraint(
                name="alert_channel_has_a_target",
                condition=(Q(kind=ChannelKind.WEBHOOK) & ~Q(url="") & ~Q(secret=""))
                | (Q(kind=ChannelKind.EMAIL) & Q(addresses__len__gte=1)),
            ),
        ]

    def __str__(self):
        return self.name


class AlertDelivery(models.Model):
    """One message to one channel: about a firing, about several as a digest, or a test without one."""

    channel = models.ForeignKey(AlertChannel, on_delete=models.PROTECT, related_name="deliveries")
    firing = models.ForeignKey(TriggerFiring, on_delete=models.PROTECT, null=True, related_name="deliveries")
    # Of a digest: how many it is about, and which they are.
    digest_size = models.PositiveIntegerField(default=0, db_default=0)
    firings = models.ManyToManyField(TriggerFiring, related_name="digests")
    status = models.CharField(max_length=16, choices=DeliveryStatus.choices, default=DeliveryStatus.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, default=timezone.now)
    http_status = models.PositiveSmallIntegerField("HTTP status", null=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = AlertDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "alert deliveries"
        constraints = [
            models.UniqueConstraint("channel", "firing", name="alert_delivery_once"),
            models.CheckConstraint(
                name="alert_delivery_about_one_or_several", condition=Q(firing__isnull=True) | Q(digest_size=0)
            ),
            models.CheckConstraint(name="alert_delivery_status_valid", condition=Q(status__in=DeliveryStatus.values)),
            models.CheckConstraint(
                name="alert_delivery_finished_or_waiting",
                condition=Q(status=DeliveryStatus.WAITING, next_attempt_at__isnull=False, finished_at__isnull=True)
                | (~Q(status=DeliveryStatus.WAITING) & Q(next_attempt_at__isnull=True, finished_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="alert_delivery_failure_has_a_reason", condition=~Q(status=DeliveryStatus.FAILED) | ~Q(error="")
            ),
        ]
        indexes = [
            models.Index("channel", F("id").desc(), name="alert_delivery_newest"),
            models.Index("next_attempt_at", name="alert_delivery_due", condition=Q(status=DeliveryStatus.WAITING)),
        ]

    def __str__(self):
        return f"Message {self.pk}"

    @property
    def is_test(self) -> bool:
        return self.firing_id is None and not self.digest_size

    @property
    def about(self) -> str:
        if self.is_test:
            return "a test"
        return f"{self.digest_size:,} firings" if self.digest_size else str(self.firing)

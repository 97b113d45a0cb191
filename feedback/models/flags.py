"""Flags of injection, leakage and abuse in the texts of events."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from feedback.choices import FlagField, FlagKind, FlagState
from feedback.querysets.flags import RaisedFlagQuerySet


class RaisedFlag(models.Model):
    """A named pattern in one text of an event, and what a person decided about it.

    It is written in the transaction of its event or edit. start, end: the span in code points of the text: the prompt,
    the content of the message at `message_index`, the answer without reasoning, or the edit of the signal. occurred_at
    is that of the event. A text has at most one flag of each name.
    """

    event_id = models.UUIDField()
    deployment_id = models.CharField("deployment", max_length=255)
    occurred_at = models.DateTimeField()
    kind = models.CharField(max_length=9, choices=FlagKind.choices)
    name = models.CharField(max_length=32)
    field = models.CharField(max_length=8, choices=FlagField.choices)
    message_index = models.IntegerField(null=True)
    signal_id = models.UUIDField(null=True)
    start = models.IntegerField()
    end = models.IntegerField()
    state = models.CharField(max_length=10, choices=FlagState.choices, default=FlagState.UNREVIEWED)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)

    objects = RaisedFlagQuerySet.as_manager()

    class Meta:
        verbose_name = "flag"
        ordering = ["-occurred_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                "event_id", "field", "name", "signal_id", name="raised_flag_once", nulls_distinct=False
            ),
            models.CheckConstraint(name="raised_flag_kind_valid", condition=Q(kind__in=FlagKind.values)),
            models.CheckConstraint(name="raised_flag_field_valid", condition=Q(field__in=FlagField.values)),
            models.CheckConstraint(name="raised_flag_state_valid", condition=Q(state__in=FlagState.values)),
            models.CheckConstraint(name="raised_flag_has_a_span", condition=Q(start__gte=0, end__gt=F("start"))),
            models.CheckConstraint(
                name="raised_flag_of_an_edit",
                condition=Q(field=FlagField.EDIT, signal_id__isnull=False)
                | ~Q(field=FlagField.EDIT) & Q(signal_id__isnull=True),
            ),
            models.CheckConstraint(
                name="raised_flag_reviewed_by_a_person",
                condition=Q(state=FlagState.UNREVIEWED, reviewed_by__isnull=True, reviewed_at__isnull=True)
                | ~Q(state=FlagState.UNREVIEWED) & Q(reviewed_by__isnull=False, reviewed_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index("deployment_id", F("occurred_at").desc(), F("id").desc(), name="raised_flag_newest"),
            models.Index("signal_id", name="raised_flag_of_signal", condition=Q(signal_id__isnull=False)),
            models.Index("deployment_id", "id", name="raised_flag_unreviewed", condition=Q(state=FlagState.UNREVIEWED)),
        ]

    def __str__(self):
        return f"{self.name} in the {self.get_field_display().lower()}"

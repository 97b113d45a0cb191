"""Curated sets that firings of triggers start."""

from django.conf import settings
from django.db import models

from curation.models import CuratedSet
from drift.models import TriggerFiring, TriggerRule
from exports.models.batches import ExportBatch
from exports.querysets import TriggeredRequestQuerySet, TriggeredSetQuerySet


class TriggeredRequest(models.Model):
    """The request for the curated set that each firing of a trigger starts, as the body of the API's request.

    Firings from before `created_at` start no set.
    """

    rule = models.OneToOneField(
        TriggerRule, on_delete=models.CASCADE, primary_key=True, related_name="triggered_request"
    )
    request = models.JSONField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TriggeredRequestQuerySet.as_manager()

    def __str__(self):
        return f"set started by {self.rule}"


class TriggeredSet(models.Model):
    """What a firing started: one set, or none with the reason, and its export. A firing has at most one such row."""

    firing = models.OneToOneField(
        TriggerFiring, on_delete=models.CASCADE, primary_key=True, related_name="triggered_set"
    )
    curated_set = models.OneToOneField(CuratedSet, on_delete=models.SET_NULL, null=True, related_name="triggered_set")
    batch = models.OneToOneField(
        ExportBatch, on_delete=models.SET_NULL, null=True, related_name="triggered_set", verbose_name="export"
    )
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TriggeredSetQuerySet.as_manager()

    def __str__(self):
        return f"set of {self.firing}"

"""Decisions of people on single rows of a set."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from curation.choices import Decision
from curation.models.rows import CuratedExample, CuratedPair
from curation.models.sets import CuratedSet
from curation.querysets.reviewing import RowDecisionQuerySet

MAX_REASON_CHARACTERS = 100


class RowDecision(models.Model):
    """One decision on one row; the last one of a row counts. The database keeps them: only texts can be blanked.

    Without a `decision` the earlier one was taken back.

    score: what it says of the answer of the model, 0 to 1, or None if nothing; recorded_at: when that became a score
    of the event.
    """

    curated_set = models.ForeignKey(CuratedSet, on_delete=models.PROTECT, related_name="row_decisions")
    example = models.ForeignKey(CuratedExample, on_delete=models.CASCADE, null=True, related_name="decisions")
    pair = models.ForeignKey(CuratedPair, on_delete=models.CASCADE, null=True, related_name="decisions")
    decision = models.CharField(max_length=8, choices=Decision.choices, blank=True)
    reason = models.CharField(max_length=MAX_REASON_CHARACTERS, blank=True)
    edited_response = models.TextField(blank=True)
    note = models.TextField(blank=True)
    score = models.FloatField(null=True)
    recorded_at = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = RowDecisionQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="row_decision_valid", condition=Q(decision="") | Q(decision__in=Decision.values)
            ),
            models.CheckConstraint(
                name="row_decision_of_one_row",
                condition=Q(example__isnull=False, pair__isnull=True) | Q(example__isnull=True, pair__isnull=False),
            ),
            models.CheckConstraint(
                name="row_decision_score_in_range", condition=Q(score=None) | Q(score__gte=0, score__lte=1)
            ),
        ]
        indexes = [
            models.Index(
                "id", name="row_decision_to_record", condition=Q(score__isnull=False, recorded_at__isnull=True)
            ),
        ]

    def __str__(self):
        return f"{self.decision or 'undone'} {self.example_id or self.pair_id}"

"""Comparisons: two answers to one prompt, of which a reviewer prefers one."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from curation.choices import ComparisonVerdict
from curation.models.rows import CuratedExample
from curation.models.sets import CuratedSet
from curation.querysets.comparisons import ComparisonQuerySet

_PREFERENCES = (ComparisonVerdict.A, ComparisonVerdict.B)


class Comparison(models.Model):
    """The answer of a row against another answer to its prompt. It holds no text and no person.

    other_event_id: whose answer the other one is; None for the user's edit of the row. gap: how far apart the answers
    are in `p_good`. reviewer: who has it open until `leased_until`, or whose verdict it has. is_reversed: the other
    answer was shown as A. scored_at: when two bad answers became scores of their events.
    """

    curated_set = models.ForeignKey(CuratedSet, on_delete=models.PROTECT, related_name="comparisons")
    example = models.ForeignKey(CuratedExample, on_delete=models.CASCADE, related_name="comparisons")
    other_event_id = models.UUIDField(null=True)
    gap = models.FloatField(null=True)
    skips = models.PositiveIntegerField(default=0)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    leased_until = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    is_reversed = models.BooleanField(null=True)
    verdict = models.CharField(max_length=8, choices=ComparisonVerdict.choices, blank=True)
    decided_at = models.DateTimeField(null=True)
    scored_at = models.DateTimeField(null=True)

    objects = ComparisonQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["example", "other_event_id"], name="comparison_once", nulls_distinct=False),
            models.CheckConstraint(
                name="comparison_decided_by_a_reviewer",
                condition=Q(verdict="", decided_at=None)
                | Q(
                    verdict__in=ComparisonVerdict.values,
                    decided_at__isnull=False,
                    reviewer__isnull=False,
                    is_reversed__isnull=False,
                    leased_until=None,
                ),
            ),
            models.CheckConstraint(
                name="comparison_scored_if_both_are_bad",
                condition=Q(scored_at=None) | Q(verdict=ComparisonVerdict.BOTH_BAD),
            ),
        ]
        indexes = [
            models.Index("curated_set", "skips", "gap", name="comparison_open", condition=Q(verdict="")),
            models.Index(
                "decided_at", name="comparison_to_score", condition=Q(verdict="both_bad", scored_at__isnull=True)
            ),
        ]

    def __str__(self):
        return f"{self.example_id} against {self.other_event_id or 'its edit'}"

    @property
    def position_chosen(self) -> str:
        """Where the preferred answer was shown, `a` or `b`; "" without a preference."""
        return self.verdict if self.verdict in _PREFERENCES else ""

    @property
    def prefers_other(self) -> bool:
        """Whether the preferred answer is not that of the row."""
        return self.position_chosen == (ComparisonVerdict.A if self.is_reversed else ComparisonVerdict.B)

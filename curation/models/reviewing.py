"""Reviews of single rows: who has a row open, until when, and the verdict that they submitted."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from curation.choices import Decision
from curation.models.decisions import MAX_REASON_CHARACTERS
from curation.models.rows import CuratedExample, CuratedPair
from curation.models.sets import CuratedSet
from curation.querysets.reviewing import RowReviewQuerySet


class RowReview(models.Model):
    """One reviewer and one row, which is reserved until `leased_until`, and the verdict, once it is submitted.

    opened_at: when the reviewer was last given the row; seconds: from then until the verdict. skipped_at: left for
    others, or for later. requeued_at: the row was put back, and the verdict counts no more. is_adjudication: it decided
    between reviewers who disagreed.
    """

    # The row has the constraint. One here would lock the set, which a decision locks before the row.
    curated_set = models.ForeignKey(
        CuratedSet, on_delete=models.CASCADE, related_name="row_reviews", db_constraint=False, db_index=False
    )
    example = models.ForeignKey(CuratedExample, on_delete=models.CASCADE, null=True, related_name="reviews")
    pair = models.ForeignKey(CuratedPair, on_delete=models.CASCADE, null=True, related_name="reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    leased_until = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    skipped_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    requeued_at = models.DateTimeField(null=True)
    is_adjudication = models.BooleanField(default=False)
    decision = models.CharField(max_length=8, choices=Decision.choices, blank=True)
    reason = models.CharField(max_length=MAX_REASON_CHARACTERS, blank=True)
    edited_response = models.TextField(blank=True)
    note = models.TextField(blank=True)
    seconds = models.FloatField(null=True)

    objects = RowReviewQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="row_review_of_one_row",
                condition=Q(example__isnull=False, pair__isnull=True) | Q(example__isnull=True, pair__isnull=False),
            ),
            models.CheckConstraint(
                name="row_review_submitted_with_decision",
                condition=Q(submitted_at__isnull=True, decision="")
                | Q(submitted_at__isnull=False, decision__in=Decision.values),
            ),
            models.CheckConstraint(
                name="row_review_no_lease_once_submitted",
                condition=Q(submitted_at__isnull=True) | Q(leased_until__isnull=True),
            ),
            *(
                models.UniqueConstraint(
                    fields=[row, "reviewer", "is_adjudication"],
                    name=f"row_review_of_{row}_once",
                    condition=Q(requeued_at__isnull=True),
                )
                for row in ("example", "pair")
            ),
        ]
        indexes = [
            models.Index("curated_set", "reviewer", "submitted_at", name="row_review_of_reviewer"),
        ]

    def __str__(self):
        return f"{self.decision or 'open'} {self.example_id or self.pair_id}"

    def holds(self, now: datetime) -> bool:
        """Whether it takes one of the reviewers of its row: submitted, or reserved at this moment."""
        return self.submitted_at is not None or self.leased_until is not None and self.leased_until > now

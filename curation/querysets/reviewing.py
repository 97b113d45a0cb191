"""Named queries of reviews of single rows."""

from django.db.models import Q, QuerySet

from curation.choices import SetPart


class RowReviewQuerySet(QuerySet):
    def of_row(self, row):
        """Reviews of an example or a pair."""
        return self.filter(**{row.KIND: row})

    def of_set(self, set_id):
        return self.filter(curated_set_id=set_id)

    def of_part(self, part):
        if part == SetPart.PAIRS:
            return self.filter(example=None)
        if part is None:
            return self
        examples = self.exclude(example=None)
        if part == SetPart.EXAMPLES:
            return examples.filter(example__queue_reason="")
        return examples.exclude(example__queue_reason="")

    def current(self):
        """Reviews of rows that were not put back since."""
        return self.filter(requeued_at=None)

    def blind(self):
        """Reviews of reviewers, without those that decided between them."""
        return self.filter(is_adjudication=False)

    def submitted(self):
        """Verdicts that count, of reviewers who did not see each other's."""
        return self.current().blind().exclude(submitted_at=None)

    def adjudications(self):
        """Decisions between reviewers who disagreed."""
        return self.current().filter(is_adjudication=True).exclude(submitted_at=None)

    def open_to(self, reviewer):
        """What this reviewer was given and has not submitted, in the order in which it was given."""
        return self.current().blind().filter(reviewer=reviewer, submitted_at=None).order_by("pk")

    def holding(self, now):
        """Reviews that take one of the reviewers of a row: submitted, or reserved at this moment."""
        return self.current().blind().filter(Q(submitted_at__isnull=False) | Q(leased_until__gt=now))


class RowDecisionQuerySet(QuerySet):
    def to_record(self):
        """Decisions whose score is no score of the event yet."""
        return self.filter(score__isnull=False, recorded_at__isnull=True)

"""Named queries of comparisons of two answers."""

from django.db.models import Q, QuerySet

from curation.choices import ComparisonVerdict, Decision


class ComparisonQuerySet(QuerySet):
    def visible_to(self, key):
        """The comparisons that an API key may see."""
        return self.filter(curated_set__deployment_id__in=key.deployments) if key.deployments else self

    def of_set(self, set_id):
        return self.filter(curated_set_id=set_id)

    def with_rows(self):
        return self.select_related("example__curated_set")

    def between(self, one_event_id, other_event_id):
        """Comparisons of the answers of these two events."""
        return self.filter(
            Q(example__event_id=one_event_id, other_event_id=other_event_id)
            | Q(example__event_id=other_event_id, other_event_id=one_event_id)
        )

    def decided(self):
        return self.exclude(verdict="")

    def to_decide(self):
        """Comparisons without a verdict, of rows that no person dropped."""
        return self.filter(verdict="").exclude(example__decision=Decision.DROP)

    def held_by(self, reviewer, now):
        """What this reviewer has open at this moment."""
        return self.filter(reviewer=reviewer, leased_until__gt=now)

    def free(self, now):
        """Comparisons that no reviewer has open at this moment."""
        return self.filter(Q(leased_until=None) | Q(leased_until__lte=now))

    def least_certain_first(self):
        """By how often they were skipped, then by how little is known about which answer is better."""
        return self.order_by("skips", "gap", "pk")

    def of_reviewer(self, reviewer):
        return self.filter(reviewer=reviewer)

    def newest_first(self):
        return self.order_by("-decided_at", "-pk")

    def decided_since(self, moment):
        return self.decided().filter(decided_at__gte=moment)

    def preferring(self, *verdicts):
        return self.filter(verdict__in=verdicts)

    def to_score(self, before):
        """Two bad answers, decided before this moment, that are no scores of their events yet."""
        return self.filter(verdict=ComparisonVerdict.BOTH_BAD, scored_at=None, decided_at__lt=before)

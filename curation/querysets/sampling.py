"""Counts of the rows of a set by their decisions, and samples of them."""

from django.db.models import Count, Q, QuerySet, TextField, Value
from django.db.models.functions import MD5, Cast, Concat

from curation.choices import PairSource


class DrawnQuerySet(QuerySet):
    """Rows of one set, to draw a sample from."""

    def in_random_order(self, curated_set):
        """Rows in an order that depends on their ids, the set and its seed alone; `drawn` says which comes first."""
        before = Value(f"{curated_set.seed}:{curated_set.pk}:")
        drawn = MD5(Concat(before, Cast("pk", TextField()), output_field=TextField()))
        return self.annotate(drawn=drawn).order_by("drawn")


class DrawnExampleQuerySet(DrawnQuerySet):
    def chosen_by_build(self):
        """Examples that passed every gate, before people decided on them."""
        return self.filter(queue_reason="")

    def tallied(self, bound):
        """Counts by strategy, decision and queue; below: of rows with p_good below the bound or without one."""
        below = Count("pk", filter=Q(p_good__lt=bound) | Q(p_good=None))
        groups = self.order_by().annotate(is_queued=~Q(queue_reason="")).values("strategy", "decision", "is_queued")
        return list(groups.annotate(rows=Count("pk"), below=below))


class DrawnPairQuerySet(DrawnQuerySet):
    def chosen_by_build(self):
        """Pairs that no person made."""
        return self.exclude(pair_source=PairSource.REVIEW)

    def tallied(self):
        """Counts by source, decision and whether the build made them."""
        groups = self.order_by().annotate(is_by_build=~Q(pair_source=PairSource.REVIEW))
        return list(groups.values("pair_source", "decision", "is_by_build").annotate(rows=Count("pk")))

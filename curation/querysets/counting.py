from django.db.models import Count, Q, QuerySet

from curation.choices import CuratedSetStatus


class CountedExampleQuerySet(QuerySet):
    def numbers_by_split(self):
        return dict(self.order_by().values_list("split").annotate(Count("pk")))

    def numbers_of_events(self):
        """How many events are accepted examples of sets that were not rejected, and how many of them were exported."""
        counted = self.accepted().not_erased().exclude(curated_set__status=CuratedSetStatus.REJECTED)
        left = Count("event_id", Q(export_items__batch__published_at__isnull=False), distinct=True)
        return counted.aggregate(events=Count("event_id", distinct=True), exported=left)

from collections.abc import Iterable

from django.db.models import QuerySet


class TrainingObjectionQuerySet(QuerySet):
    def of(self, hashes: Iterable[str]):
        return self.filter(user_hash__in=hashes)

    def hashes(self):
        """As values, also for the condition of another query."""
        return self.order_by().values_list("user_hash", flat=True)

from django.db.models import Q, QuerySet
from django.db.models.functions import Now


class JobLeaseQuerySet(QuerySet):
    def of_task(self, name):
        return self.filter(task=name)

    def free(self):
        """Jobs that no living worker holds."""
        return self.filter(Q(expires_at__isnull=True) | Q(expires_at__lte=Now()))

    def in_hand(self):
        return self.filter(expires_at__gt=Now())

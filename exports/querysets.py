from django.db.models import Q, QuerySet

from exports.choices import ExportStatus

IN_HAND = (ExportStatus.RUNNING, ExportStatus.VALIDATED)


class ExportBatchQuerySet(QuerySet):
    def approvable(self):
        """Requested batches, and failed ones that may be tried again."""
        return self.filter(status__in=(ExportStatus.REQUESTED, ExportStatus.FAILED))

    def requested(self):
        return self.filter(status=ExportStatus.REQUESTED)

    def failed_since(self, moment):
        return self.filter(status=ExportStatus.FAILED, created_at__gt=moment)

    def in_hand(self):
        """Batches that a worker has taken, alive or not."""
        return self.filter(status__in=IN_HAND)

    def with_expired_lease(self, now):
        return self.in_hand().filter(lease_expires_at__lte=now)

    def claimable(self, now):
        """Approved batches, and those whose worker has not been heard of for a lease."""
        return self.filter(status=ExportStatus.APPROVED) | self.with_expired_lease(now)

    def stuck(self, now, *, approved_before):
        """Batches that a worker should have by now: never taken, or left in the middle."""
        forgotten = Q(status=ExportStatus.APPROVED, approved_at__lte=approved_before)
        return self.filter(forgotten) | self.with_expired_lease(now)

    def attempted(self, times):
        return self.filter(attempts__gte=times)

    def held_by(self, token):
        return self.in_hand().filter(lease_token=token)


class ExportItemQuerySet(QuerySet):
    def published(self):
        """The examples that are exported: those in a published file."""
        return self.filter(batch__status=ExportStatus.PUBLISHED)

from django.db.models import Q, QuerySet

from exports.choices import ErasureStatus, ExportStatus

IN_HAND = (ExportStatus.RUNNING, ExportStatus.VALIDATED)


class ExportBatchQuerySet(QuerySet):
    def visible_to(self, key):
        """The exports that an API key may see: those of sets of its deployments."""
        return self.filter(curated_set__deployment_id__in=key.deployments) if key.deployments else self

    def approvable(self):
        """Requested batches, and failed ones that may be tried again."""
        return self.filter(status__in=(ExportStatus.REQUESTED, ExportStatus.FAILED))

    def requested(self):
        return self.filter(status=ExportStatus.REQUESTED)

    def with_files(self):
        return self.filter(status=ExportStatus.PUBLISHED, files_deleted_at__isnull=True)

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

    def holding(self, examples):
        """Batches whose file has rows of these examples, and unpublished ones of sets that hold some of them."""
        in_file = Q(pk__in=self.filter(items__example__in=examples).values("pk"))
        to_come = ~Q(status=ExportStatus.PUBLISHED) & Q(curated_set__in=examples.values("curated_set_id"))
        return self.filter(in_file | to_come)

    def held_by(self, token):
        return self.in_hand().filter(lease_token=token)


class ExportItemQuerySet(QuerySet):
    def published(self):
        """The examples that are exported: those in a published file."""
        return self.filter(batch__status=ExportStatus.PUBLISHED)


class ErasureQuerySet(QuerySet):
    def unfinished(self):
        return self.exclude(status=ErasureStatus.COMPLETED)

    def claimable(self, now):
        """Unfinished erasures that no worker is at."""
        return self.unfinished().filter(Q(lease_expires_at__isnull=True) | Q(lease_expires_at__lte=now))

"""Which evidence, snapshots and audits."""

from django.db.models import QuerySet


class EvidenceQuerySet(QuerySet):
    def of_deployment(self, deployment_id: str):
        return self.filter(deployment_id=deployment_id)

    def newest_first(self):
        return self.order_by("-occurred_at", "-event_id")

    def worst_first(self):
        """By the probability that the answer is good; events without one are left out."""
        return self.filter(p_good__isnull=False).order_by("p_good", "event_id")

    def of_other_snapshots(self, snapshot_id: int):
        return self.exclude(snapshot_id=snapshot_id)


class EvidenceSnapshotQuerySet(QuerySet):
    def newest_of(self, deployment_id: str):
        return self.filter(deployment_id=deployment_id).order_by("-pk").first()


class AuditQuerySet(QuerySet):
    def of_deployment(self, deployment_id: str):
        return self.filter(deployment_id=deployment_id)

    def unanswered(self):
        return self.filter(answered_at__isnull=True)

    def answered(self):
        return self.filter(answered_at__isnull=False)

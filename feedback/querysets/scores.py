"""Which declared scores, and which scores that wait for their event."""

from django.db.models import Q, QuerySet


class DeclaredScoreQuerySet(QuerySet):
    def of_deployment(self, deployment_id: str):
        return self.filter(deployment_id=deployment_id)

    def gold(self):
        return self.filter(is_gold=True)

    def to_apply(self):
        """Those whose `is_gold` changed and whose events are not queued yet."""
        return self.filter(is_applied=False).order_by("pk")


class WaitingScoreQuerySet(QuerySet):
    def about(self, event_ids, names):
        """Those about these events, given by id and as (deployment id, external id)."""
        wanted = Q(event_id__in=event_ids)
        by_deployment: dict[str, list[str]] = {}
        for deployment_id, external_id in names:
            by_deployment.setdefault(deployment_id, []).append(external_id)
        for deployment_id, external_ids in by_deployment.items():
            wanted |= Q(event_id=None, deployment_id=deployment_id, external_id__in=external_ids)
        return self.filter(wanted)

    def received_before(self, moment):
        return self.filter(received_at__lt=moment)

    def in_order(self):
        """As they were accepted."""
        return self.order_by("received_at", "pk")

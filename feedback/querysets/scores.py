"""Which declared scores, and which scores that wait for their event."""

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

# Two index scans; a condition with OR would read every score that waits.
_ABOUT = """
    SELECT row.id FROM feedback_waitingscore AS row JOIN unnest(%s::uuid[]) AS wanted (event_id) USING (event_id)
    UNION ALL
    SELECT row.id FROM feedback_waitingscore AS row
    JOIN unnest(%s::text[], %s::text[]) AS wanted (deployment_id, external_id) USING (deployment_id, external_id)
    WHERE row.event_id IS NULL
"""


class DeclaredScoreQuerySet(QuerySet):
    def of_deployment(self, deployment_id: str):
        return self.filter(deployment_id=deployment_id)

    def gold(self):
        return self.filter(is_gold=True)

    def to_apply(self):
        """Those whose `is_gold` changed and whose events are not queued yet."""
        return self.filter(is_applied=False).order_by("pk")


class WaitingScoreQuerySet(QuerySet):
    def of_deployment(self, deployment_id: str):
        return self.filter(deployment_id=deployment_id)

    def about(self, event_ids, names):
        """Those about these events, given by id and as (deployment id, external id)."""
        deployments, external_ids = zip(*names, strict=True) if names else ((), ())
        ids = "{" + ",".join(map(str, event_ids)) + "}"
        return self.filter(pk__in=RawSQL(_ABOUT, [ids, list(deployments), list(external_ids)]))

    def received_before(self, moment):
        return self.filter(received_at__lt=moment)

    def in_order(self):
        """As they were accepted."""
        return self.order_by("received_at", "pk")

"""Which evidence, snapshots and audits."""

from datetime import datetime
from typing import Any

from django.db.models import F, Func, IntegerField, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from feedback.querysets.traffic import given


class EvidenceQuerySet(QuerySet):
    def of_deployment(self, deployment_id: str):
        return self.filter(deployment_id=deployment_id)

    def newest_first(self):
        return self.order_by("-occurred_at", "-event_id")

    def older_than(self, position: tuple[datetime, Any] | None):
        """Those after this (occurred_at, event_id) in the order of `newest_first`; all without one."""
        if position is None:
            return self
        at, event_id = position
        return self.filter(Q(occurred_at__lt=at) | Q(occurred_at=at, event_id__lt=event_id))

    def with_votes(self):
        """Those with a vote of a user, not only a gold score."""
        return self.filter(voters__len__gt=0)

    def occurred_since(self, moment: datetime):
        return self.filter(occurred_at__gte=moment)

    def occurred_before(self, moment: datetime):
        return self.filter(occurred_at__lt=moment)

    def number_of_votes(self) -> tuple[int, int]:
        """Votes, and gold scores, of all these events."""
        counts = {
            name: Coalesce(Sum(Func(F(name), function="cardinality", output_field=IntegerField())), 0)
            for name in ("voters", "gold")
        }
        found = self.aggregate(**{f"of_{name}": count for name, count in counts.items()})
        return found["of_voters"], found["of_gold"]

    def matching(self, where):
        """Those of the events that a `feedback.stores.base.EventFilter` asks for, as far as evidence knows."""
        exact = {
            "deployment_id": where.deployment_id,
            "deployment_id__in": where.deployment_ids,
            "model_version_id": where.model_version_id,
            "prompt_version": where.prompt_version,
            "event_id__among": where.ids,
            "occurred_at__gte": where.occurred_from,
            "occurred_at__lt": where.occurred_to,
        }
        return self.filter(**given(exact))

    def ranked(self):
        """Those with a probability that the answer is good."""
        return self.filter(p_good__isnull=False)

    def worst_first(self):
        return self.order_by("p_good", "event_id")

    def best_first(self):
        return self.order_by("-p_good", "-event_id")

    # The first condition of these two lets the index begin at the position.
    def better_than(self, p_good: float, event_id: Any):
        """Those after this position in the order of `worst_first`."""
        return self.filter(p_good__gte=p_good).filter(Q(p_good__gt=p_good) | Q(event_id__gt=event_id))

    def worse_than(self, p_good: float, event_id: Any):
        return self.filter(p_good__lte=p_good).filter(Q(p_good__lt=p_good) | Q(event_id__lt=event_id))

    def of_other_snapshots(self, snapshot_id: int):
        return self.exclude(snapshot_id=snapshot_id)


class EvidenceSnapshotQuerySet(QuerySet):
    def newest_of(self, deployment_id: str):
        return self.filter(deployment_id=deployment_id).order_by("-pk").first()

    def deployments(self) -> list[str]:
        return list(self.order_by("deployment_id").values_list("deployment_id", flat=True).distinct())


class AuditQuerySet(QuerySet):
    def of_deployment(self, deployment_id: str):
        return self.filter(deployment_id=deployment_id)

    def newest_first(self):
        return self.order_by("-occurred_at", "-event_id")

    def occurred_since(self, moment: datetime):
        return self.filter(occurred_at__gte=moment)

    def occurred_before(self, moment: datetime):
        return self.filter(occurred_at__lt=moment)

    def unanswered(self):
        return self.filter(answered_at__isnull=True)

    def answered(self):
        return self.filter(answered_at__isnull=False)

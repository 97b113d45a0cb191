"""Which judges and judgements."""

from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from feedback.choices import JudgementSource, JudgementStatus


class JudgeQuerySet(QuerySet):
    def visible_to(self, key):
        """The judges that an API key may see."""
        return self.filter(deployment_id__in=key.deployments) if key.deployments else self

    def of_deployment(self, deployment_id: str):
        return self.filter(deployment_id=deployment_id)

    def unmeasured(self):
        """Those with judgements that were never compared with people."""
        return self.filter(standing=None, judgements__status=JudgementStatus.JUDGED).distinct()

    def online(self):
        """Those that ask endpoints by themselves; the others are answered by files."""
        return self.filter(endpoints__len__gt=0)

    def at_work(self):
        """Those that may ask their endpoints now: enabled, not paused, with consent, of an open deployment."""
        return self.online().filter(
            is_enabled=True,
            paused_at__isnull=True,
            deployment__judge_consent__isnull=False,
            deployment__enabled=True,
            deployment__archived=False,
        )


class JudgementQuerySet(QuerySet):
    def visible_to(self, key):
        """The judgements that an API key may see."""
        return self.filter(deployment_id__in=key.deployments) if key.deployments else self

    def of_deployment(self, deployment_id: str):
        return self.filter(deployment_id=deployment_id)

    def of_event(self, event_id: Any):
        return self.filter(event_id=event_id)

    def of_events(self, event_ids):
        return self.filter(event_id__among=event_ids)

    def judged(self):
        return self.filter(status=JudgementStatus.JUDGED)

    def by_endpoint(self):
        """Those that a run asks endpoints about; the others are scored elsewhere."""
        return self.filter(source=JudgementSource.ENDPOINT)

    def unjudged(self):
        """Those without a score."""
        return self.exclude(status=JudgementStatus.JUDGED)

    def occurred_since(self, moment: datetime):
        """Those of events that occurred then or later."""
        return self.filter(occurred_at__gte=moment)

    def occurred_before(self, moment: datetime):
        """Those of events that occurred before this time."""
        return self.filter(occurred_at__lt=moment)

    def newest_first(self):
        return self.order_by("-created_at", "-id")

    def due(self, moment: datetime, *, attempts: int):
        """Those to ask about now: never asked, interrupted, or failed with tries left whose time has come."""
        is_open = Q(status=JudgementStatus.PENDING) | Q(status=JudgementStatus.FAILED, next_try_at__lte=moment)
        return self.filter(is_open, attempts__lt=attempts).order_by(F("next_try_at").asc(nulls_first=True), "pk")

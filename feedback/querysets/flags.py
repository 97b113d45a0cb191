"""Which flags."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDay

from feedback.choices import FlagState


class RaisedFlagQuerySet(QuerySet):
    def visible_to(self, key):
        """The flags that an API key may see."""
        return self.filter(deployment_id__in=key.deployments) if key.deployments else self

    def of_deployment(self, deployment_id: str):
        return self.filter(deployment_id=deployment_id)

    def of_events(self, event_ids: Iterable[str]):
        return self.filter(event_id__among=event_ids)

    def of_signals(self, signal_ids: Iterable[str]):
        return self.filter(signal_id__among=signal_ids)

    def in_state(self, state: FlagState):
        return self.filter(state=state)

    def unreviewed(self):
        return self.in_state(FlagState.UNREVIEWED)

    def reviewed(self):
        return self.exclude(state=FlagState.UNREVIEWED)

    def confirmed(self):
        return self.in_state(FlagState.CONFIRMED)

    def matching(self, name: str):
        """Those of a kind, a name or a state."""
        return self.filter(kind=name) | self.filter(name=name) | self.filter(state=name)

    def occurred_before(self, moment: datetime):
        return self.filter(occurred_at__lt=moment)

    def occurred_since(self, moment: datetime):
        return self.filter(occurred_at__gte=moment)

    def newest_first(self):
        return self.order_by("-occurred_at", "-pk")

    def counts_by_day(self):
        """Rows of day, kind, state and how many events have such a flag."""
        days = self.order_by().annotate(day=TruncDay("occurred_at")).values("day", "kind", "state")
        return days.annotate(events=Count("event_id", distinct=True)).order_by("day", "kind", "state")

"""Which choices of profiles, and which failures of own checks."""

from datetime import date

from django.db.models import Max, QuerySet, Sum


class QualityChoiceQuerySet(QuerySet):
    def of_deployment(self, deployment_id: str):
        return self.filter(deployment_id=deployment_id)

    def documents(self):
        """The documents that were ever chosen, the newest first."""
        return self.values_list("document", flat=True)


class CheckFailureQuerySet(QuerySet):
    def of_deployment(self, deployment_id: str):
        return self.filter(deployment_id=deployment_id)

    def since(self, day: date):
        return self.filter(day__gte=day)

    def by_reason(self):
        """check_name, reason, total and newest of each reason, the most frequent first."""
        found = self.order_by().values("check_name", "reason").annotate(total=Sum("n"), newest=Max("last_at"))
        return found.order_by("-total", "check_name", "reason")

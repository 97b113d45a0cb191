from django.db.models import QuerySet

from drift.choices import Profile, ReportStatus, TriggerName
from feedback.models import Deployment


class DriftReportQuerySet(QuerySet):
    def visible_to(self, key):
        """The reports that an API key may see."""
        return self.filter(deployment_id__in=key.deployments) if key.deployments else self

    def running(self):
        return self.filter(status=ReportStatus.RUNNING)

    def finished(self):
        return self.exclude(status=ReportStatus.RUNNING)

    def completed(self):
        return self.filter(status=ReportStatus.COMPLETED)

    def newest_first(self):
        return self.order_by("-created_at", "-id")

    def of_deployment(self, deployment_id):
        return self.filter(deployment_id=deployment_id)

    def latest_of_each_deployment(self, since):
        return (
            self.filter(created_at__gt=since).order_by("deployment_id", "-created_at", "-id").distinct("deployment_id")
        )

    def usable_for_triggers(self, since):
        """Standard reports that reached a score; the original's score mixes units and is not compared here."""
        return self.completed().filter(profile=Profile.STANDARD, score__isnull=False, created_at__gt=since)


class TriggerEvaluationQuerySet(QuerySet):
    def of_deployment(self, deployment_id):
        return self.filter(deployment_id=deployment_id)

    def latest_of_each(self, since):
        """The newest look at each trigger of each deployment."""
        return (
            self.filter(created_at__gt=since)
            .order_by("deployment_id", "name", "-created_at", "-id")
            .distinct("deployment_id", "name")
        )

    def fired_by_schedule(self):
        return self.filter(name=TriggerName.SCHEDULED, fired=True)


class TrainingMarkQuerySet(QuerySet):
    def of_deployment(self, deployment_id):
        return self.filter(deployment_id=deployment_id)


def enabled_deployments() -> QuerySet:
    return Deployment.objects.filter(enabled=True)

from django.db.models import QuerySet

from drift.choices import Profile, ReportStatus
from feedback.models import Deployment


class DriftReportQuerySet(QuerySet):
    def visible_to(self, key):
        """The reports that an API key may see."""
        return self.filter(deployment_id__in=key.deployments) if key.deployments else self

    def running(self):
        return self.filter(status=ReportStatus.RUNNING)

    def requested_before(self, moment):
        return self.filter(created_at__lt=moment)

    def with_who_accepted(self):
        return self.select_related("acknowledged_by")

    def acceptable(self):
        """Whose current window can become the new normal."""
        return self.completed().filter(acknowledged_at__isnull=True, profile=Profile.STANDARD)

    def finished(self):
        return self.exclude(status=ReportStatus.RUNNING)

    def completed(self):
        return self.filter(status=ReportStatus.COMPLETED)

    def newest_first(self):
        return self.order_by("-created_at", "-id")

    def of_deployment(self, deployment_id):
        return self.filter(deployment_id=deployment_id)

    def latest_of_each_deployment(self, since):
        newest = self.filter(created_at__gt=since).order_by("deployment_id", "-created_at", "-id")
        return newest.distinct("deployment_id").defer("histograms")

    def usable_for_triggers(self, since):
        """Standard reports that reached a score; the original's score mixes units and is not compared here."""
        return self.completed().filter(profile=Profile.STANDARD, score__isnull=False, created_at__gt=since)


class BaselineQuerySet(QuerySet):
    def of_deployment(self, deployment_id):
        return self.filter(deployment_id=deployment_id)

    def named(self, name):
        return self.filter(name=name)

    def without_parts(self):
        return self.select_related("created_by").defer("parts", "event_ids")

    def newest_version(self):
        return self.order_by("-version").first()


def enabled_deployments() -> QuerySet:
    return Deployment.objects.filter(enabled=True)

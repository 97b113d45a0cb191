from django.db.models import F, Func, JSONField, Min, QuerySet, Value

from drift.choices import Profile, ReportStatus, Verdict
from feedback.models import Deployment

# The changed metrics of a report.
_MOVED = f'$[*] ? (@.verdict == "{Verdict.DRIFTING}" || @.verdict == "{Verdict.WATCH}")'


class DriftReportQuerySet(QuerySet):
    def visible_to(self, key):
        """The reports that an API key may see."""
        return self.filter(deployment_id__in=key.deployments) if key.deployments else self

    def running(self):
        return self.filter(status=ReportStatus.RUNNING)

    def requested_before(self, moment):
        return self.filter(created_at__lt=moment)

    def with_accepted_by(self):
        return self.select_related("acknowledged_by")

    def summarized(self):
        """With the changed metrics in `moved`; all metrics and parameters are deferred."""
        found = Func(
            F("metrics"),
            Value(_MOVED),
            function="jsonb_path_query_array",
            template="%(function)s(%(expressions)s::jsonpath)",
            output_field=JSONField(),
        )
        return self.annotate(moved=found).defer("metrics", "histograms", "resolved_windows", "parameters", "methods")

    def acceptable(self):
        """Reports whose current window can become the new normal."""
        return self.completed().filter(acknowledged_at__isnull=True, profile=Profile.STANDARD)

    def finished(self):
        return self.exclude(status=ReportStatus.RUNNING)

    def completed(self):
        return self.filter(status=ReportStatus.COMPLETED)

    def scheduled(self):
        return self.filter(is_scheduled=True)

    def on_demand(self):
        return self.filter(is_scheduled=False)

    def oldest_first(self):
        return self.order_by("created_at", "id")

    def newest_first(self):
        return self.order_by("-created_at", "-id")

    def of_deployment(self, deployment_id):
        return self.filter(deployment_id=deployment_id)

    def latest_of_each_deployment(self, since):
        newest = self.filter(created_at__gt=since).order_by("deployment_id", "-created_at", "-id")
        return newest.distinct("deployment_id").defer("histograms")

    def usable_for_triggers(self, since):
        """Standard reports with a score; scores of the crucible profile mix units and are not compared."""
        return self.completed().filter(profile=Profile.STANDARD, score__isnull=False, created_at__gt=since)


class BaselineQuerySet(QuerySet):
    def of_deployment(self, deployment_id):
        return self.filter(deployment_id=deployment_id)

    def named(self, name):
        return self.filter(name=name)

    def without_parts(self):
        return self.select_related("created_by").defer("parts")

    def up_to_version(self, version):
        return self.filter(version__lte=version)

    def number_of_names(self):
        return self.order_by().values("name").distinct().count()

    def newest_version(self):
        return self.order_by("-version").first()


class MetricStateQuerySet(QuerySet):
    def of_deployment(self, deployment_id):
        return self.filter(deployment_id=deployment_id)

    def moving_by_count(self):
        """Changing metrics whose reference is a number of events, such as those just before."""
        return self.filter(reference_kind="last_events", since_at__isnull=False)

    def earliest_since(self, moment):
        """When the first metric began to change, at or after this moment."""
        begun = self if moment is None else self.filter(since_at__gte=moment)
        return begun.aggregate(at=Min("since_at"))["at"]


def watched_deployments() -> QuerySet:
    """Active deployments, except those whose Feedback.Config turns drift detection off."""
    return Deployment.objects.active().exclude(drift_detection__contains={"enabled": False})

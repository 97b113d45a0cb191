from django.db.models import QuerySet

from drift.choices import ComparisonStatus


class ArmComparisonQuerySet(QuerySet):
    def visible_to(self, key):
        """The comparisons that an API key may see."""
        return self.filter(deployment_id__in=key.deployments) if key.deployments else self

    def of_deployment(self, deployment_id):
        return self.filter(deployment_id=deployment_id)

    def running(self):
        return self.filter(status=ComparisonStatus.RUNNING)

    def completed(self):
        return self.filter(status=ComparisonStatus.COMPLETED)

    def live(self):
        return self.filter(is_live=True)

    def requested_before(self, moment):
        return self.filter(requested_at__lt=moment)

    def newest_first(self):
        return self.order_by("-created_at", "-id")

    def with_user(self):
        return self.select_related("created_by")

    def summarized(self):
        """Without the results and the history of looks."""
        return self.defer("results", "looks")

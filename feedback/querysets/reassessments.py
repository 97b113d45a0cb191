"""Which reassessments."""

from datetime import datetime

from django.db.models import Q, QuerySet

from feedback.choices import ReassessmentStatus


class ReassessmentQuerySet(QuerySet):
    def visible_to(self, key):
        """The reassessments that an API key may see."""
        return self.filter(deployment_id__in=key.deployments) if key.deployments else self

    def of_deployment(self, deployment_id: str):
        return self.filter(deployment_id=deployment_id)

    def unfinished(self):
        return self.filter(status__in=ReassessmentStatus.unfinished())

    def requested_before(self, moment: datetime):
        return self.filter(created_at__lt=moment)

    def overlapping(self, start: datetime | None, end: datetime, model_version_id: str, key: str):
        """Those that score an event of this range under this key."""
        found = self.filter(Q(occurred_from__isnull=True) | Q(occurred_from__lt=end), key=key)
        found = found if start is None else found.filter(occurred_to__gt=start)
        return found.filter(model_version_id__in=["", model_version_id]) if model_version_id else found

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from feedback.choices import ContentPolicy, FeedbackType


class ApiKeyQuerySet(QuerySet):
    def unrevoked(self):
        return self.filter(revoked_at__isnull=True)

    def unused_since(self, moment):
        return self.filter(Q(last_used_at__isnull=True) | Q(last_used_at__lt=moment))


class DeploymentQuerySet(QuerySet):
    def with_recounts(self):
        """With `is_recounting`: whether its signals are being counted again."""
        recounts = apps.get_model("feedback", "FeedbackRecount").objects
        return self.annotate(is_recounting=Exists(recounts.filter(pk=OuterRef("pk"))))

    def with_repeats(self):
        """With `repeats`: the counts of repeated answers of each model version."""
        shares = apps.get_model("feedback", "RepeatedShare").objects.filter(deployment_id=OuterRef("pk"))
        counts = JSONObject(model_version_id="model_version_id", n="n", repeated="repeated")
        return self.annotate(repeats=ArraySubquery(shares.values(counts=counts)))

    def visible_to(self, key):
        """The deployments that an API key may see."""
        return self.filter(pk__in=key.deployments) if key.deployments else self

    def active(self):
        """The deployments that the schedules work for."""
        return self.listed().filter(enabled=True)

    def listed(self):
        return self.filter(archived=False)

    def archived(self):
        return self.filter(archived=True)

    def unmasked(self):
        """The deployments whose texts are stored as they are sent."""
        return self.filter(content_policy=ContentPolicy.OFF)

    def no_training(self):
        """The deployments whose events may not be used for training."""
        return self.filter(training_allowed=False)

    def with_quality_profile(self):
        """(id, choice) of the deployments that chose how their answers are scored."""
        return self.filter(quality_profile__isnull=False).values_list("pk", "quality_profile")

    def with_retention(self):
        return self.filter(retention_days__isnull=False)

    def with_earlier_experiments(self):
        """(id, moment) of the deployments whose events of before a moment are not counted by their experiment."""
        return self.filter(experiments_since__isnull=False).values_list("pk", "experiments_since")

    def unlike_the_default(self):
        """The deployments that ingestion treats otherwise than a new one."""
        return self.filter(
            Q(enabled=False)
            | Q(archived=True)
            | ~Q(sampling_rate=1)
            | ~Q(content_policy=ContentPolicy.MASK)
            | Q(keep_reasoning=False)
            | ~Q(audit_rate=0)
            | ~Q(feedback_types__contains=list(FeedbackType.values))
            | Exists(apps.get_model("feedback", "MaskingPattern").objects.filter(deployment_id=OuterRef("pk")))
        )

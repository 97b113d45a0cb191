"""Querysets of triggers, firings and alerts."""

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber, TruncDay

from drift.choices import CheckSource, DeliveryStatus, FiringState
from feedback.models import Deployment


class OfDeployment(QuerySet):
    def of_deployment(self, deployment_id):
        return self.filter(deployment_id=deployment_id)


class TriggerRuleQuerySet(OfDeployment):
    def not_fired_after(self, moment):
        return self.filter(Q(last_fired_at__isnull=True) | Q(last_fired_at__lte=moment))


class TriggerEvaluationQuerySet(OfDeployment):
    def scheduled_after(self, moment):
        return self.filter(source=CheckSource.BEAT, created_at__gt=moment)

    def unfired_before(self, moment):
        return self.filter(fired=False, created_at__lt=moment)

    def superseded_on_the_same_day(self):
        """Evaluations followed by another one of the same trigger on the same day (UTC)."""
        each_day = [F("deployment_id"), F("name"), TruncDay("created_at")]
        position = Window(RowNumber(), partition_by=each_day, order_by=F("id").desc())
        return self.annotate(position=position).filter(position__gt=1)


class TriggerFiringQuerySet(OfDeployment):
    def in_state(self, state):
        return self.filter(state=state)

    def open(self):
        return self.in_state(FiringState.OPEN)

    def of_rule(self, rule):
        return self.of_deployment(rule.deployment_id).filter(name=rule.name)

    def without_set_since(self, moment):
        """Firings from then on that have not started a curated set; the app of exports adds this relation."""
        return self.filter(fired_at__gte=moment, triggered_set=None)

    def unannounced(self):
        return self.filter(is_announced=False)

    def visible_to(self, key):
        """The firings that an API key may see."""
        return self.filter(deployment_id__in=key.deployments) if key.deployments else self


class ScheduledCheckQuerySet(OfDeployment):
    def of_active_deployments(self):
        return self.filter(deployment__in=Deployment.objects.active())

    def oldest_first(self):
        return self.order_by("requested_at", "deployment_id")


class TrainingMarkQuerySet(OfDeployment):
    def of_listed_deployments(self):
        return self.filter(deployment__archived=False)

    def newest_with_version(self, since):
        """Of each deployment the last training recorded since then that made a model version, newest first."""
        made = self.filter(created_at__gt=since).exclude(model_version_id="")
        newest = made.order_by("deployment_id", "-created_at", "-id").distinct("deployment_id").values("pk")
        return self.filter(pk__in=newest).select_related("deployment").order_by("-created_at", "-id")


class AlertChannelQuerySet(QuerySet):
    def enabled(self):
        return self.filter(is_enabled=True)

    def resting(self, moment):
        return self.filter(rests_until__gt=moment)

    def with_last_status(self):
        """`last_status` of the newest message, None without one."""
        deliveries = self.model._meta.get_field("deliveries").related_model.objects
        newest = deliveries.filter(channel=OuterRef("pk")).order_by("-pk")
        return self.annotate(last_status=Subquery(newest.values("status")[:1]))

    def failing(self):
        return self.enabled().with_last_status().filter(last_status=DeliveryStatus.FAILED)


class AlertDeliveryQuerySet(QuerySet):
    def waiting(self):
        return self.filter(status=DeliveryStatus.WAITING)

    def due(self, moment):
        """Those to try now. Tests ignore the pause of their channel."""
        channels = self.model._meta.get_field("channel").related_model.objects
        # A subquery instead of a join: with a join an UPDATE would not re-check rows changed concurrently.
        is_test = Q(firing__isnull=True, digest_size=0)
        is_held = Q(channel__in=channels.resting(moment)) & ~is_test
        return self.waiting().filter(~is_held, next_attempt_at__lte=moment)

    def failed(self):
        return self.filter(status=DeliveryStatus.FAILED)

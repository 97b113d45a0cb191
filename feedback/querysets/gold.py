"""Which assessors count as gold, and which judges are measured."""

from django.db.models import QuerySet


class GoldAssessorQuerySet(QuerySet):
    def gold(self):
        return self.filter(is_gold=True)

    def to_apply(self):
        """Those whose `is_gold` changed and whose events are not queued yet."""
        return self.filter(is_applied=False).order_by("pk")


class JudgeStandingQuerySet(QuerySet):
    def of_judge(self, deployment_id: str, name: str):
        return self.filter(judge__deployment_id=deployment_id, judge__name=name)

    def of_deployments(self, deployment_ids):
        return self.filter(judge__deployment_id__in=deployment_ids)

    def to_measure(self):
        """Those of which scores came since they were measured."""
        return self.filter(is_current=False).order_by("pk")

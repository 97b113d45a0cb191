"""Which scores of people."""

from django.db.models import QuerySet


class HumanScoreQuerySet(QuerySet):
    def of_deployment(self, deployment_id: str):
        return self.filter(deployment_id=deployment_id)

    def of_event(self, event_id):
        return self.filter(event_id=event_id)

    def of_events(self, event_ids):
        return self.filter(event_id__among=event_ids)

    def of_set(self, curated_set_id: int):
        return self.filter(curated_set_id=curated_set_id)

    def by_rubric(self, rubric):
        return self.filter(rubric_version=rubric)

    def by_person(self, user):
        return self.filter(person=user.pk)

    def occurred_from(self, moment):
        """Those of events since then."""
        return self.filter(occurred_at__gte=moment)

    def occurred_before(self, moment):
        return self.filter(occurred_at__lt=moment)

    def in_order(self):
        return self.order_by("created_at", "pk")

    def of_sample(self, sample):
        """Scores of the events of a sample by its rubric."""
        return self.by_rubric(sample.rubric_version_id).filter(event_id__in=sample.events.values("event_id"))


class ScoringSampleQuerySet(QuerySet):
    def of_deployment(self, deployment_id: str):
        return self.filter(deployment_id=deployment_id)

    def newest_first(self):
        return self.order_by("-pk")

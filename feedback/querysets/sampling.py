from django.db.models import QuerySet

from feedback.querysets.traffic import given


class SampledEventQuerySet(QuerySet):
    def members(self):
        return self.filter(is_member=True)

    def former(self):
        return self.filter(is_member=False)

    def embedded(self):
        return self.exclude(client="")

    def to_embed(self):
        return self.members().filter(client="").order_by("hour_at", "event_id")

    def newest_since(self, deployment_id, moment):
        """The members of one deployment that occurred since, newest first."""
        found = self.members().filter(deployment_id=deployment_id, hour_at__gte=moment)
        return found.order_by("-occurred_at", "event_id")

    def keyed(self):
        return self.filter(answer_key__isnull=False)

    def matching(self, where):
        """The members among the events that a `feedback.stores.base.EventFilter` asks for by version and time."""
        exact = {
            "deployment_id": where.deployment_id,
            "model_version_id": where.model_version_id,
            "prompt_version": where.prompt_version,
            "occurred_at__gte": where.occurred_from,
            "occurred_at__lt": where.occurred_to,
        }
        return self.members().filter(**given(exact))

    def within(self, start, end):
        return self.filter(occurred_at__gte=start, occurred_at__lt=end)


class StoreClaimQuerySet(QuerySet):
    def for_removal(self, kind):
        return self.filter(kind=kind, batch_id__isnull=True)

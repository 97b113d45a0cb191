from datetime import datetime

from django.db.models import Max, Q, QuerySet, Sum

from feedback.choices import ItemKind


class RejectedItemQuerySet(QuerySet):
    def not_replayed(self):
        return self.filter(replayed_at__isnull=True)

    def rejected_before(self, moment):
        return self.filter(rejected_at__lt=moment)

    def of_people(self, hashes):
        """The items that one of these people sent."""
        return self.filter(Q(user_hash__in=hashes) | Q(user_hash="", payload__user_hash__in=hashes))

    def about_events(self, event_ids):
        """The events themselves, if rejected, and signals about them."""
        named = [str(event_id) for event_id in event_ids]
        return self.filter(Q(item_id__in=event_ids) | Q(payload__event_id__in=named))

    def replayed(self):
        return self.filter(replayed_at__isnull=False)

    def newest_first(self):
        return self.order_by("-pk")


class IngestCountQuerySet(QuerySet):
    def since(self, moment):
        return self.filter(hour_at__gte=moment)

    def events_stored(self, deployment_id: str, *, before: datetime | None = None) -> int:
        """The number of stored events of a deployment. before: the start of an hour of arrival."""
        counts = self.filter(deployment_id=deployment_id, kind=ItemKind.EVENT)
        if before is not None:
            counts = counts.filter(hour_at__lt=before)
        return counts.aggregate(total=Sum("stored"))["total"] or 0

    def totals(self, *keys):
        """One row per combination of `keys` with the sum of every count and the newest flush."""
        names = ("accepted", "stored", "duplicate", "sampled_out", "rejected", "invalid", "flushes", "score_total")
        sums = {f"{name}_sum": Sum(name) for name in names}
        return self.order_by().values(*keys).annotate(**sums, last_flush_at=Max("flushed_at"))


class RejectionReasonQuerySet(QuerySet):
    def of_deployment(self, deployment_id):
        return self.filter(deployment_id=deployment_id)

    def of_hours_and_keys(self, hours, key_ids):
        """The rows of these hours and keys, among them those of files if the keys hold None."""
        keys = Q(key_id__in=[key_id for key_id in key_ids if key_id is not None])
        return self.filter(keys | Q(key_id__isnull=True) if None in key_ids else keys, hour_at__in=hours)

    def visible_to(self, key):
        """The reasons that an API key may see: that another deployment has an id is none of a limited key's."""
        return self.exclude(code="id_in_use") if key.deployments else self

    def before(self, moment):
        return self.filter(hour_at__lt=moment)

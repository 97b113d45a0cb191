from django.db.models import Max, Q, QuerySet, Sum


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

    def totals(self, *keys):
        """One row per combination of `keys` with the sum of every count and the newest flush."""
        names = ("accepted", "stored", "duplicate", "sampled_out", "rejected", "invalid", "flushes", "score_total")
        sums = {f"{name}_sum": Sum(name) for name in names}
        return self.order_by().values(*keys).annotate(**sums, last_flush_at=Max("flushed_at"))

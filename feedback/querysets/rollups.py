"""Which rollups, and which jobs that count again."""

from django.db.models import Q, QuerySet

from feedback.choices import Bucket, Metric


class RollupQuerySet(QuerySet):
    def hours_with_signals(self):
        """Rows of hours, of all events and no segment, with anything counted from live signals."""
        named = Q(metric__startswith=f"{Metric.RATING.value}:") | Q(metric__startswith=f"{Metric.LABEL.value}:")
        plain = Q(metric__in=[Metric.SIGNAL, Metric.FEEDBACK_STATE, Metric.RATING, Metric.LABEL])
        return self.filter(plain | named, bucket=Bucket.HOUR, segment="")


class FeedbackRecountQuerySet(QuerySet):
    def unfinished(self):
        return self.filter(error="")

    def requested_before(self, moment):
        return self.filter(requested_at__lt=moment)

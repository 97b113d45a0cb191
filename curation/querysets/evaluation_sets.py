"""Named queries of evaluation sets, and of events that are in one."""

from django.db.models import Q, QuerySet

from feedback.signatures import VERSION


class EvaluationSetQuerySet(QuerySet):
    def visible_to(self, key):
        """Every set: they belong to no deployment."""
        return self

    def in_order(self):
        return self.order_by("name")

    def current(self):
        """Sets whose keys and signatures are comparable with those of today."""
        return self.filter(version=VERSION)

    def with_people(self):
        return self.select_related("created_by")


class ContaminatedEventQuerySet(QuerySet):
    def of_people(self, hashes):
        """Those of these users' events, and of events that they edited."""
        return self.filter(Q(user_hash__in=hashes) | Q(editor_hash__in=hashes))

"""Which versions of rubrics."""

from django.db.models import OuterRef, QuerySet, Subquery


class RubricVersionQuerySet(QuerySet):
    def named(self, name: str):
        return self.filter(name=name)

    def newest_first(self):
        return self.order_by("name", "-version")

    def newest(self):
        """The last version of each rubric, by name."""
        last = self.model.objects.filter(name=OuterRef("name")).order_by("-version").values("pk")[:1]
        return self.filter(pk=Subquery(last)).order_by("name")

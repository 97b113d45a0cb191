"""Queries of golden sets and their rows."""

from django.db.models import Count, Q, QuerySet

from curation.choices import GoldenAuthor


class GoldenSetQuerySet(QuerySet):
    def visible_to(self, key):
        """The sets that an API key may see."""
        return self.filter(deployment_id__in=key.deployments) if key.deployments else self

    def with_counts(self):
        """With the number of their rows and of their uses."""
        return self.annotate(row_count=Count("rows", distinct=True), use_count=Count("used", distinct=True))


class GoldenRowQuerySet(QuerySet):
    def of_people(self, hashes):
        """Rows of these users' events, and rows with an edit of theirs."""
        return self.filter(Q(user_hash__in=hashes) | Q(editor_hash__in=hashes))

    def by_people(self):
        """Rows whose reference a person wrote."""
        return self.filter(author__in=(GoldenAuthor.USER, GoldenAuthor.REVIEWER))

    def up_to(self, row_id):
        """Rows marked no later than this one."""
        return self.filter(pk__lte=row_id)

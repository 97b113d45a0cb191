from django.db.models import Max, QuerySet

from curation.choices import CuratedSetStatus

OPEN = (CuratedSetStatus.BUILDING, CuratedSetStatus.DRAFT, CuratedSetStatus.IN_REVIEW)
REVIEWABLE = (CuratedSetStatus.DRAFT, CuratedSetStatus.IN_REVIEW)
# A superseded set was approved once: its files stay reproducible.
EXPORTABLE = (CuratedSetStatus.APPROVED, CuratedSetStatus.SUPERSEDED)


class CuratedSetQuerySet(QuerySet):
    def newest_first(self):
        return self.order_by("-created_at", "-id")

    def in_status(self, *statuses):
        return self.filter(status__in=statuses)

    def building(self):
        return self.in_status(CuratedSetStatus.BUILDING)

    def exportable(self):
        return self.in_status(*EXPORTABLE)

    def awaiting_decision(self):
        """Sets with examples that nobody has approved or rejected yet."""
        return self.in_status(*REVIEWABLE).exclude(content_hash="")

    def undecided(self):
        """Sets that are being built or that await a decision."""
        return self.building() | self.awaiting_decision()

    def started_before(self, moment):
        return self.filter(created_at__lt=moment)

    def of(self, deployment_id, name):
        return self.filter(deployment_id=deployment_id, name=name)

    def latest_version(self):
        return self.aggregate(version=Max("version", default=0))["version"]

    def approved_before(self, curated_set):
        """The approved older versions of this set."""
        return self.of(curated_set.deployment_id, curated_set.name).filter(
            status=CuratedSetStatus.APPROVED, version__lt=curated_set.version
        )


class CuratedExampleQuerySet(QuerySet):
    def in_order(self):
        return self.order_by("position")

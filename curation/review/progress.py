"""How far the review of a set is: its rows, and what each reviewer did."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Aggregate, Count, FloatField, Q

from curation.models import CuratedExample, CuratedPair, CuratedSet, RowReview
from curation.review import overlap
from curation.review.rows import Row

# In SQL, as each answer of the review page asks it: the ORM takes longer to write this query than it takes.
_LEFT = """
SELECT
    (SELECT count(*) FROM curation_curatedexample WHERE curated_set_id = %(set_id)s AND decision = '')
        + (SELECT count(*) FROM curation_curatedpair WHERE curated_set_id = %(set_id)s AND decision = ''),
    (SELECT count(*) FROM curation_curatedexample WHERE curated_set_id = %(set_id)s)
        + (SELECT count(*) FROM curation_curatedpair WHERE curated_set_id = %(set_id)s),
    count(submitted_at), count(skipped_at) FILTER (WHERE submitted_at IS NULL)
FROM curation_rowreview
WHERE curated_set_id = %(set_id)s AND reviewer_id = %(reviewer_id)s AND requeued_at IS NULL AND NOT is_adjudication
"""


class Median(Aggregate):
    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


@dataclass(frozen=True)
class Rows:
    """Rows of a set by their decision, undecided ones of its queue apart."""

    decided: int
    queue: int
    examples: int
    pairs: int

    @property
    def left(self) -> int:
        return self.queue + self.examples + self.pairs

    @property
    def total(self) -> int:
        return self.decided + self.left


@dataclass(frozen=True)
class Reviewer:
    """seconds: the median of what a verdict took."""

    id: int
    name: str
    submitted: int
    skipped: int
    seconds: float | None


def of_rows(curated_set: CuratedSet) -> Rows:
    is_left = Q(decision="", erased_at=None)
    examples = CuratedExample.objects.filter(curated_set=curated_set).aggregate(
        decided=Count("pk", filter=~Q(decision="")),
        queue=Count("pk", filter=is_left & ~Q(queue_reason="")),
        examples=Count("pk", filter=is_left & Q(queue_reason="")),
    )
    pairs = CuratedPair.objects.filter(curated_set=curated_set).aggregate(
        decided=Count("pk", filter=~Q(decision="")), left=Count("pk", filter=is_left)
    )
    decided = examples.pop("decided") + pairs["decided"]
    return Rows(decided=decided, pairs=pairs["left"], **examples)


def of_reviewers(curated_set: CuratedSet) -> list[Reviewer]:
    """Those who were given rows of this set, by name."""
    own = RowReview.objects.of_set(curated_set.pk).current().blind().order_by("reviewer__username")
    found = own.values("reviewer_id", "reviewer__username").annotate(
        submitted=Count("submitted_at"),
        skipped=Count("skipped_at", filter=Q(submitted_at=None)),
        median=Median("seconds"),
    )
    return [
        Reviewer(one["reviewer_id"], one["reviewer__username"], one["submitted"], one["skipped"], one["median"])
        for one in found
    ]


def disputed(curated_set: CuratedSet) -> list[Row]:
    """Undecided rows whose verdicts are all in and disagree, without what is long in them."""
    found: list[Row] = []
    waiting = RowReview.objects.of_set(curated_set.pk).submitted().order_by()
    for kind in (CuratedExample, CuratedPair):
        undecided = waiting.filter(**{f"{kind.KIND}__decision": ""})
        numbers = dict(undecided.values_list(kind.KIND).annotate(Count("pk")))
        rows = kind.objects.filter(curated_set=curated_set, pk__in=numbers).undecided().in_order().without_messages()
        found += [row for row in rows if numbers[row.pk] >= overlap.needed(curated_set, row.pk)]
    return found


@dataclass(frozen=True)
class Left:
    """Rows of a set, and what one reviewer did of them."""

    rows: int
    total: int
    submitted: int
    skipped: int

    @property
    def decided(self) -> int:
        return self.total - self.rows


def left(curated_set: CuratedSet, *, by: User) -> Left:
    """Counted in the indexes of rows, so that the page of a row has it at any size of a set."""
    with connection.cursor() as cursor:
        cursor.execute(_LEFT, {"set_id": curated_set.pk, "reviewer_id": by.pk})
        return Left(*cursor.fetchone())

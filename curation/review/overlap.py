"""How many reviewers a row gets: the overlap share of the rows gets all that its set asks for, every other row one."""

from django.db.models import Case, F, QuerySet, Value, When

from curation.models import CuratedSet

# Fibonacci hashing: ids in a row spread evenly, so that a share of few rows is about that share.
_RANGE, _FACTOR = 2**31, 1_327_217_885


def needed(curated_set: CuratedSet, row_id: int) -> int:
    """The number of reviewers of one row. Its id alone chooses it, so that it stays while the share stays."""
    is_chosen = row_id % _RANGE * _FACTOR % _RANGE < curated_set.overlap_share * _RANGE
    return curated_set.reviews_per_row if is_chosen else 1


def needed_in_sql(curated_set: CuratedSet) -> Case:
    """The same, of the rows of a query with `overlap_hash`."""
    most = curated_set.overlap_share * _RANGE
    return Case(When(overlap_hash__lt=most, then=Value(curated_set.reviews_per_row)), default=Value(1))


def with_hash(rows: QuerySet) -> QuerySet:
    return rows.annotate(overlap_hash=F("pk") % _RANGE * _FACTOR % _RANGE)

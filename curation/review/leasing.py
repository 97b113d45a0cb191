"""Gives rows to reviewers: each is reserved for a while, for as many reviewers as it needs and no more.

A reservation that runs out needs no work: the row is free from that moment on. Of a set that is being reviewed by many
at once, no row is given twice: it is locked while it is given, and others pass over it.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from curation.choices import ReviewOrder, SetPart
from curation.models import CuratedExample, CuratedPair, CuratedSet, RowReview
from curation.review import least_known, overlap, rows
from curation.review.rows import NotDecidable, Row

LEASE = timedelta(minutes=10)
# Of the least known users: ids that are looked up at once, and rows that are sorted to give one of them, as others may
# take the first ones at the same moment.
_LOOKED_UP, _SORTED = 100, 20


class Reserved(NotDecidable):
    def __init__(self):
        super().__init__("Another reviewer has this row now. It is free again once they decide or their time is over.")


class AlreadyDecided(NotDecidable):
    def __init__(self):
        super().__init__("This row is decided already; nothing was changed.")


def take(
    curated_set: CuratedSet,
    *,
    by: User,
    part: SetPart | None = None,
    order: ReviewOrder = ReviewOrder.UNCERTAIN,
) -> Row | None:
    """Reserve the next row for a reviewer: one they never had, then what they passed over. None if none is left.

    part: of this list of the set alone.

    Raises PermissionDenied, and NotDecidable for a set that is decided or being built.
    """
    rows.check_permission(by)
    rows.check_undecided(curated_set)
    for found in _candidates(curated_set, part, order, by):
        if row := _first_free(curated_set, found, by):
            return row
    return next(_granted(RowReview.objects.of_set(curated_set.pk).open_to(by).of_part(part), by), None)


def resume(curated_set: CuratedSet, *, by: User) -> Row | None:
    """The row that is reserved for this reviewer now."""
    rows.check_permission(by)
    held = RowReview.objects.of_set(curated_set.pk).open_to(by).filter(leased_until__gt=timezone.now())
    return next(_granted(held, by), None)


def open_row(row: Row, *, by: User) -> RowReview:
    """Reserve this row. Raises PermissionDenied, Reserved and AlreadyDecided."""
    rows.check_permission(by)
    with transaction.atomic():
        row = type(row).objects.select_for_update(no_key=True).get(pk=row.pk)
        return grant(row.curated_set, row, by)


def neighbour(row: Row, *, by: User, before: bool) -> Row | None:
    """Leave a row and reserve the one that the reviewer had before it, or after it."""
    rows.check_permission(by)
    theirs = RowReview.objects.of_set(row.curated_set_id).open_to(by)
    here = RowReview.objects.of_row(row).current().blind().filter(reviewer=by).first()
    leave(row, by=by)
    if here is None:
        return None
    others = theirs.filter(pk__lt=here.pk).reverse() if before else theirs.filter(pk__gt=here.pk)
    return next(_granted(others, by), None)


def leave(row: Row, *, by: User, is_skipped: bool = False) -> None:
    """Let others have the row. is_skipped: the reviewer gets it again only once no other is left."""
    skipped = {"skipped_at": timezone.now()} if is_skipped else {}
    RowReview.objects.of_row(row).open_to(by).update(leased_until=None, **skipped)


def grant(curated_set: CuratedSet, row: Row, by: User) -> RowReview:
    """Reserve a row that the caller has locked. Raises Reserved and AlreadyDecided."""
    own, now = slot(curated_set, row, by, list(RowReview.objects.of_row(row).current().blind())), timezone.now()
    if own.opened_at is None or own.leased_until is None or own.leased_until <= now:
        own.opened_at = now
    own.leased_until = now + LEASE
    own.save()
    return own


def slot(curated_set: CuratedSet, row: Row, by: User, reviews: Sequence[RowReview]) -> RowReview:
    """The review of this reviewer, unsaved if there is none yet. Raises Reserved and AlreadyDecided.

    reviews: all of the row, which the caller has locked, that count.
    """
    now = timezone.now()
    own = next((review for review in reviews if review.reviewer_id == by.pk), None)
    if row.decision or own and own.submitted_at:
        raise AlreadyDecided
    others = sum(review.holds(now) for review in reviews if review is not own)
    if others >= overlap.needed(curated_set, row.pk):
        raise Reserved
    return own or RowReview(curated_set=curated_set, reviewer=by, **{row.KIND: row})


def _granted(reviews: QuerySet[RowReview], by: User) -> Iterator[Row]:
    for review in reviews.select_related("example", "pair"):
        row = review.example or review.pair
        try:
            open_row(row, by=by)
        except (Reserved, AlreadyDecided):
            continue
        yield row


def _first_free(curated_set: CuratedSet, found: QuerySet, by: User) -> Row | None:
    while True:
        with transaction.atomic():
            free = _free(curated_set, found, by).select_for_update(skip_locked=True, no_key=True, of=("self",))
            row = free.first()
            if row is None:
                return None
            row.curated_set = curated_set
            try:
                grant(curated_set, row, by)
            except (Reserved, AlreadyDecided):
                # Given between the query and its lock; the next query sees that.
                continue
            return row


def _candidates(curated_set: CuratedSet, part: SetPart | None, order: ReviewOrder, by: User) -> Iterator[QuerySet]:
    examples = CuratedExample.objects.filter(curated_set=curated_set).undecided()
    if part == SetPart.QUEUE:
        examples = examples.queued()
    elif part == SetPart.EXAMPLES:
        examples = examples.passed()
    if part != SetPart.PAIRS:
        if order == ReviewOrder.USERS:
            yield from _least_known(examples, curated_set, by)
        yield examples.least_certain_first() if order == ReviewOrder.UNCERTAIN else examples.in_order()
    if part in (None, SetPart.PAIRS):
        yield CuratedPair.objects.filter(curated_set=curated_set).undecided().in_order()


def _least_known(examples: QuerySet, curated_set: CuratedSet, by: User) -> Iterator[QuerySet]:
    """Few at a time: a query sorts whole rows, so the ids alone tell first which are free."""
    ids = least_known.example_ids(curated_set)
    for start in range(0, len(ids), _LOOKED_UP):
        some = ids[start : start + _LOOKED_UP]
        free = set(_free(curated_set, examples.filter(pk__in=some), by).order_by().values_list("pk", flat=True))
        yield examples.in_order_of([row_id for row_id in some if row_id in free][:_SORTED])


def _free(curated_set: CuratedSet, found: QuerySet, by: User) -> QuerySet:
    """Rows that this reviewer never had and that lack a reviewer."""
    kind = found.model.KIND
    reviews = RowReview.objects.filter(**{kind: OuterRef("pk")})
    free = found.exclude(Exists(reviews.current().blind().filter(reviewer=by)))
    holding = reviews.holding(timezone.now())
    if curated_set.reviews_per_row == 1:
        return free.exclude(Exists(holding))
    number = holding.order_by().values(kind).annotate(number=Count("pk")).values("number")
    taken = Coalesce(Subquery(number), 0)
    return overlap.with_hash(free).annotate(taken=taken).filter(taken__lt=overlap.needed_in_sql(curated_set))

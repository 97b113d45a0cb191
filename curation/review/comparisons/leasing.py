"""Gives each reviewer a comparison of their own: it is reserved for a time, so that no two of them decide on one."""

import hashlib
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from curation.models import Comparison, CuratedSet
from curation.querysets import REVIEWABLE
from curation.review.comparisons import answers
from curation.review.comparisons.answers import ComparedAnswer
from curation.review.comparisons.errors import NotComparable
from curation.review.rows import check_permission

LEASE = timedelta(minutes=15)

Found = tuple[Comparison, tuple[ComparedAnswer, ComparedAnswer]]


def next_for(curated_set: CuratedSet, reviewer: User) -> Found | None:
    """The comparison that this reviewer has open, else the least certain one that is free, reserved from now on.

    One whose other answer is gone is deleted. Raises PermissionDenied, and NotComparable for a set that is decided.
    """
    check_permission(reviewer)
    check_open(curated_set)
    while comparison := _reserved(curated_set, reviewer):
        if found := answers.both(comparison):
            return comparison, found
        Comparison.objects.to_decide().filter(pk=comparison.pk).delete()
    return None


def skip(comparison: Comparison, reviewer: User) -> bool:
    """Leave a comparison for later and for others; return whether the reviewer had it open."""
    check_permission(reviewer)
    check_open(comparison.curated_set)
    held = Comparison.objects.to_decide().of_reviewer(reviewer).filter(pk=comparison.pk)
    return held.update(reviewer=None, leased_until=None, opened_at=None, skips=F("skips") + 1) > 0


def is_reversed(comparison: Comparison, reviewer: User) -> bool:
    """Whether this reviewer is shown the other answer as A: by chance, but the same each time."""
    return bool(hashlib.sha256(f"{comparison.pk} {reviewer.pk}".encode()).digest()[0] % 2)


def check_open(curated_set: CuratedSet) -> None:
    """Raises NotComparable unless the set is built and undecided."""
    if curated_set.status not in REVIEWABLE or curated_set.built_at is None:
        status = curated_set.get_status_display().lower()
        raise NotComparable(f"{curated_set} is {status}; its answers are not compared.")


def _reserved(curated_set: CuratedSet, reviewer: User) -> Comparison | None:
    now = timezone.now()
    with transaction.atomic():
        undecided = Comparison.objects.of_set(curated_set.pk).to_decide().with_rows()
        comparison = undecided.held_by(reviewer, now).least_certain_first().first()
        if comparison is None:
            free = undecided.free(now).least_certain_first().select_for_update(skip_locked=True, of=("self",))
            comparison = free.first()
            if comparison is None:
                return None
            comparison.opened_at = now
        comparison.reviewer, comparison.leased_until = reviewer, now + LEASE
        comparison.save(update_fields=["reviewer", "leased_until", "opened_at"])
    return comparison

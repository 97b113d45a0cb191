"""Decides on comparisons, and takes verdicts back: a preference becomes a pair of the set."""

from collections import Counter
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from curation.choices import ComparisonVerdict, Decision, PairSource
from curation.models import Comparison, CuratedPair, CuratedSet
from curation.review.comparisons import answers, leasing
from curation.review.comparisons.answers import ComparedAnswer
from curation.review.comparisons.errors import AlreadyCompared, NotComparable
from curation.review.rows import check_permission
from curation.sets import content, tally

# How long a verdict can be taken back.
UNDO = timedelta(minutes=10)
_MARGIN = 1.0
GONE = "One of the answers was deleted or may no longer be used for training."


def decide(comparison: Comparison, verdict: ComparisonVerdict, *, by: User) -> Comparison:
    """Decide on a comparison that the reviewer has open. Its pair is `comparison.pair`, if the verdict makes one.

    Raises PermissionDenied, NotComparable, and AlreadyCompared if it is open to another reviewer or decided.
    """
    check_permission(by)
    found = answers.both(comparison)
    if found is None:
        raise NotComparable(GONE)
    return store(comparison, found, verdict, by=by, is_reversed=leasing.is_reversed(comparison, by))


def undo(curated_set: CuratedSet, *, by: User) -> Comparison | None:
    """Take back the last verdict of a reviewer, if it is recent; the comparison is open to them again."""
    check_permission(by)
    now = timezone.now()
    with transaction.atomic():
        curated_set = _locked(curated_set.pk)
        mine = Comparison.objects.of_set(curated_set.pk).of_reviewer(by).decided_since(now - UNDO)
        last = mine.filter(scored_at=None).newest_first().first()
        if last is None:
            return None
        Comparison.objects.of_set(curated_set.pk).to_decide().held_by(by, now).update(
            reviewer=None, leased_until=None, opened_at=None
        )
        Comparison.objects.filter(pk=last.pk).update(
            verdict="", decided_at=None, is_reversed=None, leased_until=now + leasing.LEASE
        )
        for pair in CuratedPair.objects.filter(comparison=last):
            _count(curated_set, tally.of(pair), Counter())
            pair.delete()
    return last


def store(
    comparison: Comparison,
    found: tuple[ComparedAnswer, ComparedAnswer],
    verdict: ComparisonVerdict,
    *,
    by: User,
    is_reversed: bool,
) -> Comparison:
    """Store the verdict on two answers that were shown in this order, with its pair. Raises as `decide` does."""
    with transaction.atomic():
        curated_set = _locked(comparison.curated_set_id)
        decided = (
            Comparison.objects.to_decide()
            .of_reviewer(by)
            .filter(pk=comparison.pk)
            .update(verdict=verdict, is_reversed=is_reversed, decided_at=timezone.now(), leased_until=None)
        )
        if not decided:
            raise AlreadyCompared("Another reviewer has this comparison, or it is decided. Take the next one.")
        comparison.refresh_from_db(fields=["verdict", "is_reversed", "decided_at", "leased_until"])
        if comparison.position_chosen:
            pair = _pair(comparison, *found)
            pair.save(force_insert=True)
            _count(curated_set, Counter(), tally.of(pair))
    return comparison


def _locked(set_id: int) -> CuratedSet:
    curated_set = CuratedSet.objects.select_for_update().get(pk=set_id)
    leasing.check_open(curated_set)
    return curated_set


def _pair(comparison: Comparison, row: ComparedAnswer, other: ComparedAnswer) -> CuratedPair:
    example = comparison.example
    chosen, rejected = (other, row) if comparison.prefers_other else (row, other)
    return CuratedPair(
        curated_set_id=comparison.curated_set_id,
        comparison=comparison,
        position=CuratedPair.objects.filter(curated_set_id=comparison.curated_set_id).next_position(),
        pair_source=PairSource.REVIEW,
        # The reviewer has seen both answers, so the pair waits for no other decision.
        decision=Decision.KEEP,
        margin=_MARGIN,
        chosen_event_id=chosen.event_id,
        rejected_event_id=rejected.event_id,
        user_hash=chosen.user,
        rejected_user_hash=rejected.user,
        session_hash=chosen.session,
        editor_hash=other.editor,
        group_id=example.group_id,
        split=example.split,
        prompt=example.prompt,
        messages=example.messages,
        tools=example.tools,
        chosen=chosen.text,
        chosen_message=chosen.message,
        rejected=rejected.text,
        rejected_message=rejected.message,
        chosen_version=chosen.version,
        rejected_version=rejected.version,
        occurred_at=chosen.occurred_at,
    )


def _count(curated_set: CuratedSet, before: tally.Tally, after: tally.Tally) -> None:
    """The hash follows when the set is submitted or approved, but there is one from now on."""
    facts = tally.changed(curated_set, before, after)
    if not curated_set.content_hash:
        facts |= content.hashed(curated_set)
    CuratedSet.objects.filter(pk=curated_set.pk).update(**facts)

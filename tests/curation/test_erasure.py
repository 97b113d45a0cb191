"""A person's examples leave the sets that nobody has decided on; decided sets are only named."""

import uuid
from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction

from curation import erasure
from curation.choices import CuratedSetStatus, ReviewAction, Strategy
from curation.models import CuratedExample, CuratedSet, ReviewDecision
from curation.review import approval
from curation.sets import building, requesting
from curation.sets.content import content_hash
from tests.curation.factories import CuratedExampleFactory, CuratedSetFactory
from tests.curation.voting import edited, voted
from tests.factories import DeploymentFactory, EventFactory, SignalFactory

pytestmark = pytest.mark.django_db
MARIA, OTTO = "a" * 64, "b" * 64


def set_with(*people, **fields):
    """A set with one example for each person, in this order."""
    curated_set = CuratedSetFactory(**fields)
    for position, user_hash in enumerate(people):
        CuratedExampleFactory(
            curated_set=curated_set, position=position, user_hash=user_hash, event_id=uuid.UUID(int=position + 1)
        )
    CuratedSet.objects.filter(pk=curated_set.pk).update(
        content_hash=content_hash(curated_set.examples.all()), counts={Strategy.HIGH_QUALITY: len(people)}
    )
    curated_set.refresh_from_db()
    return curated_set


def decide(curated_set, status):
    CuratedSet.objects.filter(pk=curated_set.pk).update(status=status)


def test_building_records_the_users_of_event_and_edit(embedding):
    DeploymentFactory(id="helpdesk")
    event = EventFactory(user_hash=MARIA)
    edited(event, "Choose Security, and then follow the link that you find there.", user=OTTO)
    praised = voted(up=2, user_hash=OTTO)
    curated_set = requesting.create("helpdesk", name="weekly", by=None)

    building.build(curated_set.pk)

    assert set(curated_set.examples.values_list("event_id", "user_hash", "editor_hash")) == {
        (event.pk, MARIA, OTTO),
        (praised.pk, OTTO, ""),
    }
    curated_set.refresh_from_db()
    assert curated_set.content_hash == content_hash(curated_set.examples.all(), curated_set.pair_rows.all())


def test_a_draft_loses_the_examples_and_updates_counts_positions_and_hash(operator):
    draft = set_with(MARIA, OTTO, MARIA, OTTO, "")
    CuratedExample.objects.filter(curated_set=draft, position=4).update(editor_hash=MARIA)
    untouched = set_with(OTTO)
    left = set(draft.examples.filter(user_hash=OTTO).values_list("event_id", flat=True))

    assert erasure.open_sets([MARIA]) == [draft.pk]
    removed = erasure.erase_from(draft.pk, [MARIA], by=operator)

    draft.refresh_from_db()
    examples = list(draft.examples.in_order())
    assert removed == 3
    assert [example.position for example in examples] == [0, 1]
    assert {example.event_id for example in examples} == left
    assert draft.counts == {Strategy.HIGH_QUALITY: 2}
    assert draft.content_hash == content_hash(examples)
    assert draft.status == CuratedSetStatus.DRAFT
    assert CuratedSet.objects.get(pk=untouched.pk).content_hash == untouched.content_hash
    assert not ReviewDecision.objects.exists()
    assert erasure.open_sets([MARIA]) == []
    assert erasure.erase_from(draft.pk, [MARIA], by=operator) == 0


def test_a_set_in_review_returns_to_draft_and_can_be_submitted_again(operator):
    in_review = set_with(MARIA, OTTO)
    approval.submit(in_review.pk, by=operator)

    erasure.erase_from(in_review.pk, [MARIA], by=operator)

    in_review.refresh_from_db()
    last = in_review.decisions.last()
    assert (in_review.status, in_review.submitted_by) == (CuratedSetStatus.DRAFT, None)
    assert (last.action, last.from_status, last.to_status, last.by, last.note) == (
        ReviewAction.RETURN,
        CuratedSetStatus.IN_REVIEW,
        CuratedSetStatus.DRAFT,
        operator,
        "1 row was removed by the erasure of a user.",
    )
    assert approval.submit(in_review.pk, by=operator).status == CuratedSetStatus.IN_REVIEW


def test_a_set_that_loses_all_examples_shows_an_error_and_cannot_be_approved(operator):
    in_review = set_with(MARIA, MARIA)
    approval.submit(in_review.pk, by=operator)

    removed = erasure.erase_from(in_review.pk, [MARIA], by=operator)

    in_review.refresh_from_db()
    assert (removed, in_review.status, in_review.counts, in_review.content_hash) == (2, "draft", {}, "")
    assert in_review.error == erasure.NOTHING_LEFT
    with pytest.raises(approval.NothingToReview):
        approval.approve(in_review.pk, by=operator)


@pytest.mark.parametrize("status", ["approved", "rejected", "superseded"])
def test_decided_sets_are_listed_and_unchanged(operator, status):
    decided = set_with(MARIA, OTTO, MARIA)
    decide(decided, status)
    set_with(MARIA)

    assert erasure.erase_from(decided.pk, [MARIA], by=operator) == 0
    assert [(row.curated_set.pk, row.examples) for row in erasure.decided_sets([MARIA])] == [(decided.pk, 2)]
    assert erasure.decided_sets(["c" * 64]) == []
    assert decided.examples.count() == 3


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_earlier_examples_get_their_users_even_in_decided_sets():
    event = EventFactory(user_hash=MARIA)
    for editor, live in (("c" * 64, False), (OTTO, True)):
        SignalFactory(event_id=event.pk, type="edit", edited_response="Choose Security.", user_hash=editor, live=live)
    decided = CuratedSetFactory()
    CuratedExampleFactory(curated_set=decided, position=0, event_id=event.pk, edited_response="Choose Security.")
    CuratedExampleFactory(curated_set=decided, position=1)
    decide(decided, CuratedSetStatus.APPROVED)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(import_module("curation.migrations.0004_know_people_of_earlier_examples").FILL)

    assert list(decided.examples.in_order().values_list("user_hash", "editor_hash")) == [(MARIA, OTTO), ("", "")]
    with pytest.raises(IntegrityError, match="its examples are read-only"):
        decided.examples.update(reason="Something else.")

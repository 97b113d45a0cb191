"""A person's rows leave the sets that nobody has decided on, and are blanked in decided ones."""

import uuid
from datetime import timedelta
from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction

from curation import erasure
from curation.choices import CuratedSetStatus, ReviewAction, Strategy
from curation.duplicates import known_rows
from curation.models import CuratedExample, CuratedSet, DuplicateLink, KnownExample, KnownRow, ReviewDecision
from curation.review import approval, sealing
from curation.sets import building, requesting
from curation.sets.content import content_hash
from tests.curation.factories import (
    CuratedExampleFactory,
    CuratedPairFactory,
    CuratedSetFactory,
    DuplicateLinkFactory,
)
from tests.curation.voting import edited, voted
from tests.factories import NOON, DeploymentFactory, EventFactory, SignalFactory

pytestmark = pytest.mark.django_db
MARIA, OTTO = "a" * 64, "b" * 64
PEOPLE = ("user_hash", "session_hash", "editor_hash")


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
def test_rows_of_decided_sets_lose_texts_and_people_and_keep_their_hash(operator, status):
    decided = set_with(MARIA, OTTO, MARIA)
    waiting = CuratedExampleFactory(
        curated_set=decided,
        position=3,
        strategy=Strategy.USER_EDIT,
        queue_reason="The edit says “my dog”.",
        edited_response="My dog.",
        messages=[{"role": "user", "content": "My dog?"}],
        response_message={"role": "assistant", "content": "Which dog?"},
        tools=[{"type": "function", "function": {"name": "marias_dog"}}],
        session_hash=OTTO,
        editor_hash=MARIA,
        group_id="9" * 32,
    )
    others = CuratedPairFactory(curated_set=decided, position=0)
    theirs = CuratedPairFactory(
        curated_set=decided,
        position=1,
        user_hash=OTTO,
        rejected_user_hash=MARIA,
        messages=[{"role": "user", "content": "My dog?"}],
        chosen_message={"role": "assistant", "content": "Which dog?"},
        rejected_message={"role": "assistant", "content": "What?"},
        tools=[{"type": "function", "function": {"name": "marias_dog"}}],
        group_id="9" * 32,
    )
    sealing.seal(decided.pk)
    decide(decided, status)
    sealed = list(decided.examples.in_order().values_list("row_hash", flat=True))
    set_with(MARIA)

    assert erasure.erase_from(decided.pk, [MARIA], by=operator) == 0
    assert erasure.decided_sets([MARIA]) == [decided.pk]
    blanked = erasure.blank_in(decided.pk, [MARIA])

    kept, gone = decided.examples.not_erased(), decided.examples.erased()
    assert (blanked.rows, blanked.pairs, list(kept.values_list("user_hash", flat=True))) == (4, [theirs.pk], [OTTO])
    assert set(gone.values_list(*PEOPLE, "group_id", "prompt", "messages", "response", "reason")) == {
        ("", "", "", "", "", None, "", "")
    }
    waiting.refresh_from_db()
    assert (waiting.queue_reason, waiting.edited_response, waiting.response_message) == ("Erased.", "", None)
    assert list(decided.examples.in_order().values_list("row_hash", flat=True)) == sealed
    pair = decided.pair_rows.get(pk=theirs.pk)
    assert {getattr(pair, name) for name in (*PEOPLE, "rejected_user_hash", "group_id")} == {""}
    assert (pair.prompt, pair.chosen, pair.rejected) == ("", "", "")
    assert (pair.messages, pair.chosen_message, pair.rejected_message) == (None, None, None)
    assert pair.tools is waiting.tools is None
    assert decided.pair_rows.get(pk=others.pk).chosen == others.chosen
    assert (erasure.decided_sets([MARIA]), erasure.blank_in(decided.pk, [MARIA]).rows) == ([], 0)
    assert sealing.check(CuratedSet.objects.get(pk=decided.pk)).is_unchanged


def test_a_set_that_was_decided_by_an_earlier_version_is_sealed_by_its_first_erasure():
    decided = set_with(MARIA, OTTO)
    decide(decided, "approved")

    erasure.blank_in(decided.pk, [MARIA])

    decided.refresh_from_db()
    checked = sealing.check(decided)
    assert (checked.rows, checked.erased, checked.is_unchanged, len(decided.salt)) == (2, 1, True, 64)


BLANK = {"prompt": "", "response": "", "reason": "", "user_hash": "", "erased_at": NOON}


@pytest.mark.parametrize(
    ("change", "is_allowed"),
    [
        (BLANK, True),
        ({**BLANK, "erased_at": None}, False),
        ({**BLANK, "response": "Another text."}, False),
        ({**BLANK, "user_hash": OTTO}, False),
        ({**BLANK, "score": 1.0}, False),
        ({**BLANK, "row_hash": "f" * 64}, False),
        ({**BLANK, "event_id": uuid.UUID(int=99)}, False),
        ({"row_hash": "f" * 64}, False),
        ({"row_hash": ""}, False),
        ({"reason": ""}, False),
        ({"erased_at": NOON}, False),
    ],
)
def test_the_database_allows_no_other_change_to_a_row_of_a_decided_set(change, is_allowed):
    decided = set_with(MARIA)
    sealing.seal(decided.pk)
    decide(decided, "approved")

    if is_allowed:
        assert decided.examples.update(**change) == 1
        with pytest.raises(IntegrityError, match="read-only"), transaction.atomic():
            decided.examples.update(erased_at=NOON + timedelta(days=1))
    else:
        with pytest.raises(IntegrityError, match="read-only"), transaction.atomic():
            decided.examples.update(**change)


def test_signatures_and_links_of_a_blanked_row_go_and_are_not_made_again(operator):
    decided, earlier = set_with(MARIA, OTTO), set_with(OTTO)
    hers, his = decided.examples.in_order()
    known_rows.catch_up("helpdesk", CuratedExample.objects.filter(pk=hers.pk))
    CuratedExample.objects.filter(pk=his.pk).update(response="Another answer.")
    known_rows.catch_up("helpdesk")
    for number, (kept_set, kept) in enumerate([(decided, None), (earlier, hers), (earlier, None)]):
        DuplicateLinkFactory(
            curated_set=kept_set, kept_event_id=hers.event_id if number < 2 else his.event_id, kept_example=kept
        )
    CuratedExample.objects.filter(curated_set=earlier).delete()
    decide(decided, "approved")

    erasure.blank_in(decided.pk, [MARIA])
    erasure.erase_traces([MARIA])

    assert list(KnownExample.objects.values_list("example", flat=True)) == [his.pk]
    assert (KnownRow.objects.count(), known_rows.catch_up("helpdesk")) == (1, 0)
    assert list(DuplicateLink.objects.values_list("kept_event_id", flat=True)) == [his.event_id]


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

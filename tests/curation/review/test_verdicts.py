"""Verdicts are blind. Reviewers who agree decide; between others a person does."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from curation import erasure
from curation.choices import CuratedSetStatus, Decision
from curation.models import CuratedExample, CuratedPair, CuratedSet, RowDecision, RowReview
from curation.review import configuring, leasing, progress, rows, verdicts
from curation.sets import content
from feedback.evidence.keeping.gold import gold_of
from tests.curation.review.crowd import counts, decision_of, set_of

pytestmark = pytest.mark.django_db
KEEP, DROP, EDIT = Decision.KEEP, Decision.DROP, Decision.EDIT


def test_verdicts_that_agree_decide_and_the_last_of_them_is_the_decision(ann, bob):
    curated_set = set_of(1, reviews_per_row=2)
    row = leasing.take(curated_set, by=ann)
    assert leasing.take(curated_set, by=bob) == row

    verdicts.submit(row, DROP, by=ann, reason="wrong", note="Mail ann@example.org")
    assert (decision_of(row), RowDecision.objects.count(), leasing.take(curated_set, by=ann)) == ("", 0, None)
    with pytest.raises(leasing.AlreadyDecided):
        verdicts.submit(row, KEEP, by=ann)
    verdicts.submit(row, DROP, by=bob, reason="wrong")

    made = RowDecision.objects.get()
    assert (decision_of(row), made.by, made.reason) == ("drop", bob, "wrong")
    assert RowReview.objects.get(reviewer=ann).note == "Mail [EMAIL]"
    rows.record_scores()
    assert gold_of([row.event_id]) == {str(row.event_id): [0.0]}
    assert counts(curated_set) == content.counted(curated_set) == {"counts": {}, "queued": {}, "pairs": 0}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"decision": KEEP}, {"decision": DROP}),
        ({"decision": EDIT, "edited_response": "Better."}, {"decision": EDIT, "edited_response": "Best."}),
    ],
)
def test_reviewers_who_disagree_leave_the_row_to_one_who_may_approve(ann, bob, judge, first, second):
    curated_set = set_of(2, reviews_per_row=2)
    row = leasing.take(curated_set, by=ann)
    verdicts.submit(row, by=ann, **first)
    assert progress.disputed(curated_set) == []
    with pytest.raises(verdicts.NoDispute):
        verdicts.adjudicate(row, KEEP, by=judge)
    verdicts.submit(row, by=bob, **second)

    assert (decision_of(row), progress.disputed(curated_set)) == ("", [row])
    with pytest.raises(PermissionDenied):
        verdicts.adjudicate(row, KEEP, by=ann)
    verdicts.adjudicate(row, DROP, by=judge, reason="wrong")

    assert (decision_of(row), progress.disputed(curated_set)) == ("drop", [])
    with pytest.raises(verdicts.DecidedSince):
        verdicts.undo(curated_set, by=ann)


def test_fewer_reviewers_decide_rows_that_waited_for_more(ann, judge):
    curated_set = set_of(2, reviews_per_row=3)
    row = leasing.take(curated_set, by=ann)
    verdicts.submit(row, KEEP, by=ann)

    with pytest.raises(PermissionDenied):
        configuring.configure(curated_set.pk, by=ann, reviews_per_row=1)
    changed = configuring.configure(curated_set.pk, by=judge, reviews_per_row=1)

    assert (changed.reviews_per_row, changed.overlap_share, decision_of(row)) == (1, 1.0, "keep")


def test_undo_takes_the_last_verdict_back(ann):
    curated_set = set_of(2)
    before = counts(curated_set)
    row = leasing.take(curated_set, by=ann)
    verdicts.submit(row, EDIT, by=ann, edited_response="Open the settings.")
    assert counts(curated_set) == content.counted(curated_set) == before | {"pairs": 1}

    undone = verdicts.undo(curated_set, by=ann)

    assert (undone.example, undone.edited_response) == (row, "Open the settings.")
    assert (decision_of(row), CuratedPair.objects.count(), leasing.resume(curated_set, by=ann)) == ("", 0, row)
    assert counts(curated_set) == content.counted(curated_set) == before
    rows.record_scores()
    # Evidence weighs a score of one half as nothing.
    assert gold_of([row.event_id]) == {str(row.event_id): [0.5]}
    assert list(row.decisions.values_list("decision", flat=True)) == ["edit", ""]
    with pytest.raises(verdicts.NothingToUndo):
        verdicts.undo(curated_set, by=ann)


def test_a_row_that_was_put_back_is_given_again(ann, judge):
    curated_set = set_of(1)
    row = leasing.take(curated_set, by=ann)
    verdicts.submit(row, DROP, by=ann)

    with pytest.raises(PermissionDenied):
        verdicts.requeue(row, by=ann)
    verdicts.requeue(row, by=judge)

    assert (decision_of(row), leasing.take(curated_set, by=ann)) == ("", row)
    verdicts.submit(row, KEEP, by=ann)
    assert decision_of(row) == "keep"
    assert list(RowReview.objects.values_list("decision", flat=True)) == ["drop", "keep"]


def test_the_database_keeps_verdicts_of_decided_sets_and_an_erasure_blanks_their_texts(ann):
    curated_set = set_of(1)
    row = leasing.take(curated_set, by=ann)
    CuratedExample.objects.filter(pk=row.pk).update(user_hash="a" * 64)
    verdicts.submit(row, EDIT, by=ann, edited_response="Ask Maria.", note="Maria knows.")
    CuratedSet.objects.filter(pk=curated_set.pk).update(status=CuratedSetStatus.APPROVED)

    for change in ({"decision": "drop"}, {"note": "Bad."}, {"submitted_at": None, "decision": ""}):
        with pytest.raises(IntegrityError, match="verdicts on rows of decided sets are kept"), transaction.atomic():
            RowReview.objects.update(**change)
    erasure.blank_in(curated_set.pk, ["a" * 64])

    verdict = RowReview.objects.get()
    assert (verdict.decision, verdict.edited_response, verdict.note) == ("edit", "", "")


def test_the_api_sets_how_many_reviewers_rows_get(api):
    curated_set = set_of(1)
    address = f"/api/v1/curated-sets/{curated_set.pk}"

    answers = [
        api.patch(address, body, format="json")
        for body in ({"reviews_per_row": 3}, {"overlap_share": 0.2}, {}, {"reviews_per_row": 11})
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 400]
    assert [(one.data["reviews_per_row"], one.data["overlap_share"]) for one in answers[:3]] == [
        (3, 1),
        (3, 0.2),
        (3, 0.2),
    ]
    CuratedSet.objects.update(status=CuratedSetStatus.REJECTED)
    assert api.patch(address, {"reviews_per_row": 1}, format="json").status_code == 409

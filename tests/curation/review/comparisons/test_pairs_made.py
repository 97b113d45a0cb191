"""Pairs of comparisons count, hash, erase, and are copied and removed like others."""

import pytest

from curation import erasure, removal
from curation.choices import Decision, Strategy
from curation.models import Comparison, CuratedPair
from curation.review import approval, reopening, rows
from curation.review.comparisons import deciding
from curation.sets.content import content_hash
from feedback.models import Event
from tests.curation.factories import ComparisonFactory, CuratedExampleFactory, CuratedPairFactory, CuratedSetFactory
from tests.curation.review.comparisons.rival_answers import compare, position_of, rivals, take
from tests.factories import EventFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def curated_set():
    return CuratedSetFactory(strategies=[Strategy.HIGH_QUALITY, Strategy.USER_EDIT])


def test_pairs_of_comparisons_count_and_hash_like_others(api, operator, curated_set):
    comparison = rivals(curated_set)
    compare(api, curated_set, "a", comparison=take(api, curated_set).data["comparison"])

    approved = approval.approve(curated_set.pk, by=operator)

    pair = CuratedPair.objects.get()
    assert (approved.pairs, approved.content_hash) == (1, content_hash([comparison.example], [pair]))


def test_a_set_whose_only_pair_was_taken_back_cannot_be_approved(api, operator):
    curated_set = CuratedSetFactory(strategies=[Strategy.DIVERSE], content_hash="")
    rivals(curated_set, queue_reason="There is no evidence.", strategy=Strategy.DIVERSE)
    compare(api, curated_set, "a", comparison=take(api, curated_set).data["comparison"])
    deciding.undo(curated_set, by=operator)

    with pytest.raises(approval.NothingToReview):
        approval.approve(curated_set.pk, by=operator)


def test_a_reviewers_edit_and_a_comparison_of_one_row_are_two_pairs(api, operator, curated_set):
    event = EventFactory(response="No idea.")
    row = CuratedExampleFactory(
        curated_set=curated_set,
        event_id=event.pk,
        strategy=Strategy.USER_EDIT,
        response="No idea.",
        edited_response="Under Billing.",
    )
    ComparisonFactory(example=row)
    taken = take(api, curated_set)
    compare(api, curated_set, position_of(taken, "Under Billing."), comparison=taken.data["comparison"])

    rows.decide(row, Decision.EDIT, by=operator, edited_response="Open Billing.")
    assert set(CuratedPair.objects.values_list("chosen", flat=True)) == {"Under Billing.", "Open Billing."}
    rows.decide(row, Decision.KEEP, by=operator)

    assert list(CuratedPair.objects.values_list("chosen", flat=True)) == ["Under Billing."]


def test_an_erasure_removes_comparisons_of_their_rows_and_pairs_of_either_answer(api, operator, curated_set):
    hers, against_hers, kept = (
        rivals(curated_set, position, **({"user_hash": "a" * 64} if position == 0 else {})) for position in range(3)
    )
    Event.objects.filter(pk=against_hers.other_event_id).update(user_hash="a" * 64)
    for _ in range(3):
        compare(api, curated_set, "a", comparison=take(api, curated_set).data["comparison"])

    assert erasure.erase_from(curated_set.pk, ["a" * 64], by=operator) == 3

    assert set(Comparison.objects.values_list("pk", flat=True)) == {against_hers.pk, kept.pk}
    assert [pair.comparison for pair in CuratedPair.objects.all()] == [kept]
    curated_set.refresh_from_db()
    assert curated_set.pairs == 1


def test_a_set_with_comparisons_is_removed_with_its_deployment(api, curated_set):
    rivals(curated_set)
    compare(api, curated_set, "a", comparison=take(api, curated_set).data["comparison"])

    assert removal.remove_unapproved("helpdesk") == 1

    assert not Comparison.objects.exists()
    assert not CuratedPair.objects.exists()


def test_a_pair_of_a_build_is_not_compared_again(api, curated_set):
    offered = rivals(curated_set)
    pair = CuratedPairFactory(
        curated_set=curated_set,
        chosen_event_id=offered.other_event_id,
        rejected_event_id=offered.example.event_id,
    )

    refused = compare(api, curated_set, "a", a=offered.example.event_id, b=offered.other_event_id)

    assert refused.data["errors"][0]["message"].startswith(f"Pair {pair.pk} of the set says")


def test_a_reopened_set_has_the_comparisons_with_their_verdicts_and_pairs(api, operator, curated_set):
    event = EventFactory(response="No idea.")
    texts = {"response": "No idea.", "edited_response": "Under Billing."}
    row = CuratedExampleFactory(curated_set=curated_set, event_id=event.pk, strategy=Strategy.USER_EDIT, **texts)
    ComparisonFactory(example=row, gap=0.0)
    for position in (1, 2):
        rivals(curated_set, position)
    taken = take(api, curated_set)
    compare(api, curated_set, position_of(taken, "Under Billing."), comparison=taken.data["comparison"])
    rows.decide(row, Decision.EDIT, by=operator, edited_response="Open Billing.")
    compare(api, curated_set, "tie", comparison=take(api, curated_set).data["comparison"])
    approval.approve(curated_set.pk, by=operator)

    copy = reopening.reopen(curated_set.pk, by=operator)

    shown, of_source = (
        {(one.example.event_id, one.other_event_id, one.verdict) for one in of_set.comparisons.all()}
        for of_set in (copy, curated_set)
    )
    assert shown == of_source
    assert set(copy.comparisons.values_list("example__curated_set", flat=True)) == {copy.pk}
    assert sorted(copy.pair_rows.values_list("chosen", "comparison__curated_set")) == [
        ("Open Billing.", None),
        ("Under Billing.", copy.pk),
    ]
    assert copy.row_decisions.count() == 1
    assert deciding.undo(copy, by=operator) is not None

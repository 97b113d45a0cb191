"""What a decision stores: masked texts, and pairs of different answers."""

import pytest

from curation.choices import Decision, SetPart, Strategy
from curation.models import Comparison, CuratedPair, RowDecision
from curation.review import bulk, rows
from tests.curation.factories import CuratedExampleFactory, CuratedPairFactory, CuratedSetFactory
from tests.factories import EventFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def curated_set():
    return CuratedSetFactory()


def row(curated_set, position=0, **fields):
    """A row whose event is stored."""
    return CuratedExampleFactory(curated_set=curated_set, position=position, event_id=EventFactory().pk, **fields)


@pytest.mark.parametrize("is_bulk", [False, True])
def test_reason_and_note_are_masked(api, curated_set, is_bulk):
    decided = row(curated_set)
    texts = {"decision": "drop", "reason": "Asks ann@example.org", "note": "Call +49 30 901820."}

    if is_bulk:
        address, body = "rows/decide", {"where": {"part": "examples"}, "expected": 1}
        api.post(f"/api/v1/curated-sets/{curated_set.pk}/{address}", {**body, **texts}, format="json")
    else:
        api.patch(f"/api/v1/curated-sets/{curated_set.pk}/rows/{decided.pk}", texts, format="json")

    assert list(RowDecision.objects.values_list("reason", "note")) == [("Asks [EMAIL]", "Call [PHONE].")]


def test_the_answer_of_the_model_in_place_of_a_users_edit_makes_no_pair(operator, curated_set):
    edited = row(curated_set, strategy=Strategy.USER_EDIT, response="It rains.", edited_response="It pours.")

    def pairs_after(text):
        rows.decide(edited, Decision.EDIT, by=operator, edited_response=text)
        curated_set.refresh_from_db()
        return curated_set.pairs, list(curated_set.pair_rows.values_list("chosen", flat=True))

    assert pairs_after("It rains.") == (0, [])
    assert pairs_after("It snows.") == (1, ["It snows."])
    assert pairs_after("It rains.") == (0, [])


def test_kept_rows_keep_the_pair_of_a_comparison_with_the_edit_of_a_user(operator, curated_set):
    edited = row(curated_set)
    compared = Comparison.objects.create(curated_set=curated_set, example=edited)
    pair = CuratedPairFactory(
        curated_set=curated_set,
        position=0,
        comparison=compared,
        pair_source="review",
        chosen_event_id=edited.event_id,
        rejected_event_id=edited.event_id,
    )
    rows.decide(edited, Decision.EDIT, by=operator, edited_response="Better.")

    bulk.decide(curated_set.pk, bulk.Where(SetPart.EXAMPLES), Decision.KEEP, by=operator, expected=1)

    assert list(CuratedPair.objects.values_list("pk", flat=True)) == [pair.pk]

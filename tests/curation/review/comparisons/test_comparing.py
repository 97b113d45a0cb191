"""Reviewers compare two answers to one prompt; a preference becomes a pair of the set."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from curation import tasks
from curation.choices import CuratedSetStatus, Decision, Strategy
from curation.models import Comparison, CuratedPair, CuratedSet
from curation.review import rows
from curation.review.comparisons import deciding, leasing
from curation.review.comparisons.errors import NotComparable
from feedback.evidence.keeping.gold import gold_of
from feedback.models import Event
from feedback.removal import objections
from tests.curation.factories import ComparisonFactory, CuratedExampleFactory, CuratedSetFactory
from tests.curation.review.comparisons.rival_answers import LONG, SHORT, compare, position_of, reviewer, rivals, take
from tests.factories import EventFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def curated_set():
    return CuratedSetFactory(strategies=[Strategy.HIGH_QUALITY, Strategy.USER_EDIT])


@pytest.mark.parametrize("preferred", [LONG, SHORT])
def test_a_preference_becomes_a_pair_of_the_set(api, curated_set, preferred):
    comparison = rivals(curated_set, group_id="g" * 32, split="validation")
    taken = take(api, curated_set)
    position = position_of(taken, preferred)

    answer = compare(api, curated_set, position, comparison=taken.data["comparison"])

    (pair,) = api.get(f"/api/v1/curated-sets/{curated_set.pk}/pairs").data["results"]
    assert (answer.status_code, answer.data) == (
        200,
        {"id": comparison.pk, "verdict": position, "position_chosen": position, "pair": pair["id"]},
    )
    rejected = LONG if preferred == SHORT else SHORT
    assert (pair["pair_source"], pair["chosen"], pair["rejected"]) == ("review", preferred, rejected)
    row_event, other_event = comparison.example.event_id, comparison.other_event_id
    events = (row_event, other_event) if preferred == LONG else (other_event, row_event)
    assert (pair["chosen_event_id"], pair["rejected_event_id"]) == tuple(map(str, events))
    assert (pair["group_id"], pair["split"], pair["margin"]) == ("g" * 32, "validation", 1.0)
    assert api.get(f"/api/v1/curated-sets/{curated_set.pk}").data["counts"]["pairs"] == 1


@pytest.mark.parametrize("verdict", ["tie", "both_bad"])
def test_without_a_preference_there_is_no_pair(api, curated_set, verdict):
    comparison = rivals(curated_set)

    answer = compare(api, curated_set, verdict, comparison=take(api, curated_set).data["comparison"])

    assert answer.data == {"id": comparison.pk, "verdict": verdict, "position_chosen": "", "pair": None}
    assert not CuratedPair.objects.exists()
    assert take(api, curated_set).status_code == 204


def test_two_bad_answers_are_known_bad_once_the_verdict_stands(api, curated_set):
    comparison = rivals(curated_set)
    events = [str(comparison.example.event_id), str(comparison.other_event_id)]
    compare(api, curated_set, "both_bad", comparison=take(api, curated_set).data["comparison"])

    tasks.sweep()
    assert gold_of(events) == {}

    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        tasks.sweep()
        assert deciding.undo(curated_set, by=Comparison.objects.get().reviewer) is None

    assert gold_of(events) == {event_id: [0.0] for event_id in events}
    assert Comparison.objects.get().scored_at is not None


def test_an_edit_is_compared_with_the_original(api, curated_set):
    event = EventFactory(response="No idea.")
    row = CuratedExampleFactory(
        curated_set=curated_set,
        event_id=event.pk,
        strategy=Strategy.USER_EDIT,
        response="No idea.",
        edited_response="Under Billing.",
        editor_hash="e" * 64,
    )
    ComparisonFactory(example=row)
    taken = take(api, curated_set)

    compare(api, curated_set, position_of(taken, "No idea."), comparison=taken.data["comparison"])

    pair = CuratedPair.objects.get()
    assert (pair.chosen, pair.rejected, pair.editor_hash) == ("No idea.", "Under Billing.", "e" * 64)
    assert (pair.chosen_event_id, pair.rejected_event_id) == (event.pk, event.pk)


def test_only_the_answer_of_the_model_is_known_bad_if_it_is_as_bad_as_its_edit(api, curated_set):
    event = EventFactory(response="No idea.")
    row = CuratedExampleFactory(
        curated_set=curated_set,
        event_id=event.pk,
        strategy=Strategy.USER_EDIT,
        response="No idea.",
        edited_response="Go away.",
    )
    ComparisonFactory(example=row)
    compare(api, curated_set, "both_bad", comparison=take(api, curated_set).data["comparison"])

    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        tasks.sweep()

    assert gold_of([event.pk]) == {str(event.pk): [0.0]}


def test_the_least_certain_comparison_comes_first_and_nothing_that_is_known_is_shown(api, curated_set):
    for position, gap in enumerate((0.5, 0.1, 0.3)):
        rivals(curated_set, position, gap=gap, p_good=0.8)
    shown = []

    while (taken := take(api, curated_set)).status_code == 200:
        shown.append(taken.data["prompt"])
        compare(api, curated_set, "tie", comparison=taken.data["comparison"])
        assert set(taken.data) == {"comparison", "leased_until", "prompt", "messages", "a", "b"}
        assert set(taken.data["a"]) == {"text", "message"}

    assert shown == [f"How do I reset password {position}?" for position in (1, 2, 0)]


def test_the_order_differs_between_reviewers_and_stays_for_each(curated_set):
    comparisons = [rivals(curated_set, position) for position in range(40)]
    users = [reviewer()[0] for _ in range(2)]

    first, again, other = (
        [leasing.is_reversed(one, user) for one in comparisons] for user in (users[0], users[0], users[1])
    )

    assert first == again != other
    assert 10 <= sum(first) <= 30


def test_two_reviewers_have_different_comparisons_until_a_lease_ends(curated_set):
    only = rivals(curated_set)
    (_, ann), (_, ben) = reviewer(), reviewer()

    assert take(ann, curated_set).data["comparison"] == take(ann, curated_set).data["comparison"] == only.pk
    assert take(ben, curated_set).status_code == 204
    refused = compare(ben, curated_set, "a", comparison=only.pk)

    assert (refused.status_code, refused.data["errors"][0]["message"]) == (
        409,
        "Another reviewer has this comparison, or it is decided. Take the next one.",
    )
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert take(ben, curated_set).data["comparison"] == only.pk
        assert compare(ann, curated_set, "a", comparison=only.pk).status_code == 409
        assert compare(ben, curated_set, "b", comparison=only.pk).status_code == 200
    assert compare(ben, curated_set, "a", comparison=only.pk).status_code == 409
    assert CuratedPair.objects.count() == 1


def test_two_events_are_compared_if_one_has_a_row(api, curated_set):
    offered = rivals(curated_set)
    row, other = offered.example.event_id, offered.other_event_id

    answer = compare(api, curated_set, "b", a=other, b=row)

    assert (answer.status_code, answer.data["id"]) == (200, offered.pk)
    pair = CuratedPair.objects.get()
    assert (pair.chosen_event_id, pair.rejected_event_id) == (row, other)
    again = compare(api, curated_set, "b", a=row, b=other)
    assert (again.status_code, again.data["errors"][0]["message"]) == (
        409,
        f"Pair {pair.pk} of the set says which answer is better. Keep or drop it.",
    )


def test_events_that_make_no_comparison_are_refused(api, curated_set):
    row = rivals(curated_set).example
    same, elsewhere, foreign = (
        EventFactory(prompt=row.prompt, response=row.response.upper()),
        EventFactory(prompt="Something else?"),
        EventFactory(prompt=row.prompt, response=SHORT, deployment_id="shop"),
    )
    strangers = [EventFactory(prompt="Who?", response=text) for text in ("Ann.", "Ben.")]

    answers = [
        compare(api, curated_set, "a", a=row.event_id, b=same.pk),
        compare(api, curated_set, "a", a=row.event_id, b=elsewhere.pk),
        compare(api, curated_set, "a", a=row.event_id, b=foreign.pk),
        compare(api, curated_set, "a", a=strangers[0].pk, b=strangers[1].pk),
    ]

    assert [(answer.status_code, answer.data["errors"][0]["message"]) for answer in answers] == [
        (409, "Both answers are the same text."),
        (409, "The events have different prompts. Compare two answers to one prompt."),
        (409, "The deployment does not have both events, or one may not be used for training."),
        (409, f"Neither event has a row in {curated_set}."),
    ]
    assert Comparison.objects.filter(verdict="").count() == 1


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"verdict": "a"}, "", "invalid"),
        ({"verdict": "c", "comparison": 1}, "verdict", "invalid_choice"),
        ({"comparison": 1}, "verdict", "required"),
        ({"verdict": "a", "comparison": 1, "a": "0199aaaa-0000-7000-8000-000000000000"}, "", "invalid"),
        ({"verdict": "a", "a": "0199aaaa-0000-7000-8000-000000000000"}, "", "invalid"),
        ({"verdict": "a", **dict.fromkeys("ab", "0199aaaa-0000-7000-8000-000000000000")}, "b", "invalid"),
        ({"verdict": "a", "comparison": 1, "by": "me"}, "by", "unknown_field"),
    ],
)
def test_an_invalid_verdict_changes_nothing(api, curated_set, body, field, code):
    rivals(curated_set)

    answer = api.post(f"/api/v1/curated-sets/{curated_set.pk}/comparisons", body, format="json")

    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.data["errors"]] == [(field, code)]
    assert not Comparison.objects.decided().exists()


def test_comparing_needs_the_permission_and_a_comparison_of_the_set(api, curated_set):
    foreign = rivals(CuratedSetFactory())
    user, client = reviewer()
    user.user_permissions.clear()

    assert take(client, curated_set).status_code == 403
    assert compare(client, foreign.curated_set, "a", comparison=foreign.pk).status_code == 403
    assert compare(api, curated_set, "a", comparison=foreign.pk).status_code == 404


@pytest.mark.parametrize("status", [CuratedSetStatus.APPROVED, CuratedSetStatus.REJECTED])
def test_nothing_is_compared_in_a_decided_set(api, curated_set, status):
    comparison = rivals(curated_set)
    taken = take(api, curated_set)
    CuratedSet.objects.update(status=status)

    refused = [take(api, curated_set), compare(api, curated_set, "a", comparison=taken.data["comparison"])]

    message = f"{curated_set} is {status}; its answers are not compared."
    assert [(one.status_code, one.data["errors"][0]["message"]) for one in refused] == [(409, message)] * 2
    with pytest.raises(IntegrityError, match="comparisons of a decided set stay"), transaction.atomic():
        Comparison.objects.filter(pk=comparison.pk).update(skips=5)


def test_a_row_that_was_dropped_is_not_compared(api, operator, curated_set):
    comparison = rivals(curated_set)
    rows.decide(comparison.example, Decision.DROP, by=operator)

    assert take(api, curated_set).status_code == 204


def test_answers_that_are_gone_or_withdrawn_are_not_offered(api, operator, curated_set):
    gone, withdrawn, last = (rivals(curated_set, position, gap=position / 10) for position in range(3))
    Event.objects.filter(pk=gone.other_event_id).delete()
    objections.record("maria", by=operator)
    hashed = objections.TrainingObjection.objects.first().user_hash
    Event.objects.filter(pk=withdrawn.other_event_id).update(user_hash=hashed)

    assert take(api, curated_set).data["comparison"] == last.pk
    assert list(Comparison.objects.values_list("pk", flat=True)) == [last.pk]


def test_a_skipped_comparison_comes_last(operator, curated_set):
    first, second = (rivals(curated_set, position, gap=position / 10) for position in range(2))
    taken, _ = leasing.next_for(curated_set, operator)

    assert taken == first
    assert leasing.skip(taken, operator)
    assert leasing.next_for(curated_set, operator)[0] == second
    assert not leasing.skip(first, operator)


def test_the_last_verdict_is_taken_back_with_its_pair(api, operator, curated_set):
    first, second = (rivals(curated_set, position, gap=position / 10) for position in range(2))
    compare(api, curated_set, "a", comparison=take(api, curated_set).data["comparison"])
    assert take(api, curated_set).data["comparison"] == second.pk

    assert deciding.undo(curated_set, by=operator) == first

    assert not CuratedPair.objects.exists()
    assert api.get(f"/api/v1/curated-sets/{curated_set.pk}").data["counts"]["pairs"] == 0
    assert take(api, curated_set).data["comparison"] == first.pk
    assert deciding.undo(curated_set, by=operator) is None
    CuratedSet.objects.update(status=CuratedSetStatus.APPROVED)
    with pytest.raises(NotComparable):
        deciding.undo(curated_set, by=operator)

"""The queue of the next version: what waited waits again, and decisions of people hold."""

from uuid import uuid4

import pytest

from curation.choices import CuratedSetStatus, Decision, PairSource
from curation.models import CuratedExample, CuratedSet, GoldenRow
from curation.review import rows
from curation.sets import building, requesting
from tests.curation.factories import GoldenSetFactory
from tests.curation.voting import react, voted
from tests.factories import DeploymentFactory

pytestmark = pytest.mark.django_db
WANTED = {"strategies": ["hard_example", "high_quality"], "limit": 2}
GOLDEN = "Where do I find the invoice of the month of May in my account?"


@pytest.fixture(autouse=True)
def _helpdesk(embedding):
    DeploymentFactory(id="helpdesk")


def build(by, *, name="weekly", **more):
    curated_set = requesting.create("helpdesk", name=name, by=by, **WANTED, **more)
    building.build(curated_set.pk)
    return CuratedSet.objects.get(pk=curated_set.pk)


def queue_of(curated_set):
    return {row.event_id for row in CuratedExample.objects.filter(curated_set=curated_set).queued()}


def test_undecided_rows_of_a_queue_are_queued_again_before_new_ones(operator):
    first_bad, second_bad = voted(down=2, number=1), voted(down=2, number=2)
    first = build(operator)
    worse = [voted(down=9, number=number) for number in (3, 4)]

    second, other = build(operator), build(operator, name="other")

    assert queue_of(first) == {first_bad.pk, second_bad.pk}
    assert queue_of(second) == {first_bad.pk, second_bad.pk}
    assert queue_of(other) == {one.pk for one in worse}
    assert second.queued == {"hard_example": 2}


def test_a_row_that_users_came_to_like_is_accepted_in_place_of_waiting(operator):
    event = voted(down=2, number=1)
    first = build(operator)
    for _ in range(12):
        react(event, "thumbs_up")

    second = build(operator)

    assert queue_of(first) == {event.pk}
    assert queue_of(second) == set()
    assert [row.strategy for row in second.examples.accepted()] == ["high_quality"]


@pytest.mark.parametrize("decision", [Decision.DROP, Decision.KEEP, Decision.EDIT])
def test_decided_rows_do_not_wait_again_and_keep_their_decision(operator, decision):
    decided, waiting = voted(down=2, number=1), voted(down=2, number=2)
    first = build(operator)
    edited = {"edited_response": "A better answer."} if decision == Decision.EDIT else {}
    row = first.examples.get(event_id=decided.pk)
    rows.decide(row, decision, by=operator, reason="off_topic" if decision == Decision.DROP else "", **edited)
    CuratedSet.objects.filter(pk=first.pk).update(status=CuratedSetStatus.REJECTED, content_hash="c" * 64)
    newer = voted(down=2, number=3)

    second = build(operator)

    assert queue_of(second) == {waiting.pk, newer.pk}
    carried = second.examples.get(event_id=decided.pk)
    assert (carried.decision, carried.reviewed_response) == (decision, edited.get("edited_response", ""))
    made = ("decision", "reason", "edited_response", "score", "by")
    assert list(second.row_decisions.values_list(*made)) == list(first.row_decisions.values_list(*made))
    assert not second.row_decisions.to_record().exists()
    assert second.counts == ({} if decision == Decision.DROP else {"hard_example": 1})
    pairs = second.pair_rows.filter(pair_source=PairSource.REVIEW).values_list("chosen", "rejected")
    assert list(pairs) == ([("A better answer.", decided.response)] if decision == Decision.EDIT else [])


def test_pairs_are_carried_beside_pairs_of_which_golden_prompts_took_some(operator):
    for number, prompt in ((1, GOLDEN), (2, "How do I pay for my order?")):
        voted(up=9 - 3 * number, number=number, prompt=prompt)
        voted(down=9 - 3 * number, number=number + 2, prompt=prompt)
    first = build(operator)
    waits = first.examples.queued().exclude(prompt=GOLDEN).first()
    rows.decide(waits, Decision.EDIT, by=operator, edited_response="A better answer.")
    golden_set = GoldenSetFactory(deployment_id="helpdesk")
    GoldenRow.objects.create(
        golden_set=golden_set, event_id=uuid4(), prompt=GOLDEN, reference="Here.", author="user", marked_by=operator
    )

    second = build(operator)

    assert second.error == ""
    assert list(second.pair_rows.in_order().values_list("position", "pair_source")) == [(2, "votes"), (3, "review")]

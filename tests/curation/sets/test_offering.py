"""A build offers reviewers the answers to compare of which least is known."""

import pytest

from curation.choices import Strategy
from curation.models import Comparison, CuratedSet
from tests.curation.voting import edited, voted
from tests.factories import DeploymentFactory

PROMPT = {"prompt": "How do I reset my password?"}


@pytest.fixture(autouse=True)
def _helpdesk(db, embedding):
    DeploymentFactory(id="helpdesk")


@pytest.fixture
def build(api, running_tasks):
    def built(*strategies):
        body = {"name": "weekly", "strategies": list(strategies)}
        with running_tasks():
            answer = api.post("/api/v1/deployments/helpdesk/curated-sets", body, format="json")
        return CuratedSet.objects.get(pk=answer.data["id"])

    return built


def offered():
    """The events of each comparison, the least certain first."""
    return [(one.example.event_id, one.other_event_id) for one in Comparison.objects.least_certain_first()]


def test_the_answer_of_a_row_is_compared_with_other_answers_to_its_prompt(build):
    best, near, far = (voted(up=up, number=number, **PROMPT) for number, up in enumerate((9, 8, 6)))
    voted(up=1, number=-1, **{**PROMPT, "response": best.response.upper()})
    voted(up=3, number=5)

    curated_set = build(Strategy.HIGH_QUALITY)

    assert [row.event_id for row in curated_set.examples.all()][0] == best.pk
    assert offered() == [(best.pk, near.pk), (best.pk, far.pk)]
    assert [0 < one.gap < 0.3 for one in Comparison.objects.all()] == [True, True]


def test_answers_that_votes_tell_apart_are_a_pair_and_not_compared(build):
    voted(up=9, number=0, **PROMPT)
    voted(down=9, number=1, **PROMPT)

    curated_set = build(Strategy.HIGH_QUALITY)

    assert curated_set.pairs == 1
    assert offered() == []


def test_an_edit_that_waits_for_a_person_is_compared_with_the_original(build):
    original = voted(number=0)
    edited(original, f"{original.response} Ok")

    curated_set = build(Strategy.USER_EDIT)

    assert (curated_set.queue_total, curated_set.pairs) == (1, 0)
    assert offered() == [(original.pk, None)]
    assert Comparison.objects.get().gap == pytest.approx(1 - curated_set.examples.get().p_good)


def test_an_accepted_edit_is_a_pair_already(build):
    edited(voted(number=0), "A far better answer.")

    curated_set = build(Strategy.USER_EDIT)

    assert (curated_set.total, curated_set.pairs) == (1, 1)
    assert offered() == []

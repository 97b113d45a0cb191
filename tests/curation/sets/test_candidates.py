"""Candidates are read with little memory; the texts of those that were chosen come last."""

import tracemalloc
from datetime import timedelta

import numpy as np
import pytest

from curation.choices import Strategy
from curation.sets import candidates
from curation.strategies.picks import Rules
from curation.strategies.selection import select
from feedback.choices import SignalType
from feedback.models import Event, Signal
from tests.factories import NOON, DeploymentFactory, EventFactory, SignalFactory

pytestmark = pytest.mark.django_db
MEBIBYTE = 2**20


@pytest.fixture(autouse=True)
def _helpdesk():
    DeploymentFactory(id="helpdesk")


def chosen_of(found, *strategies, limit=10):
    rng = np.random.default_rng(1)
    return select(
        found, strategies=strategies, limit=limit, rules=Rules(), embed=lambda texts: np.eye(len(texts)), rng=rng
    )


def test_the_texts_of_all_candidates_are_never_in_memory_together():
    for number in range(400):
        response = f"{number} " + "word " * 20_000
        EventFactory(response=response, quality_score=0.9, occurred_at=NOON - timedelta(minutes=number))

    tracemalloc.start()
    found = candidates.read("helpdesk", bound=1_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(found) == 400
    assert peak < 25 * MEBIBYTE


def test_the_chosen_ones_have_their_whole_texts():
    prompt, response, better = "Where is it? " * 100, " Here. " * 100, "There. " * 100
    edited = EventFactory(prompt=prompt, response=response, quality_score=0.9)
    SignalFactory(event_id=edited.pk, type=SignalType.EDIT, edited_response=better)
    poor = EventFactory(prompt="Why?", response="Because.", quality_score=0.1)

    chosen = chosen_of(candidates.read("helpdesk", bound=10), Strategy.USER_EDIT, Strategy.HARD_EXAMPLE)

    texts = [
        (one.candidate.prompt, one.candidate.response, one.candidate.edited_response)
        for one in candidates.complete(chosen)
    ]
    assert texts == [(prompt, response, better), (poor.prompt, poor.response, "")]


@pytest.mark.parametrize("gone", ["event", "edit"])
def test_what_was_deleted_meanwhile_is_left_out(gone):
    event = EventFactory(quality_score=0.9)
    SignalFactory(event_id=event.pk, type=SignalType.EDIT, edited_response="Better.")
    poor = EventFactory(prompt="Why?", response="Because.", quality_score=0.1)
    chosen = chosen_of(candidates.read("helpdesk", bound=10), Strategy.USER_EDIT, Strategy.HARD_EXAMPLE)

    (Event.objects.filter(pk=event.pk) if gone == "event" else Signal.objects.all()).delete()

    assert [one.candidate.event_id for one in candidates.complete(chosen)] == [str(poor.pk)]


def test_equal_texts_are_chosen_once_also_where_they_are_cut():
    prompt = "Where is it? " * 100
    for ending in ("a", "a", "b"):
        EventFactory(prompt=prompt + ending, response="Here.", quality_score=0.1)

    chosen = chosen_of(candidates.read("helpdesk", bound=10), Strategy.HARD_EXAMPLE)

    assert sorted(one.candidate.prompt[-1] for one in candidates.complete(chosen)) == ["a", "b"]

"""Curation of real edits and real thumbs, read where they lie beside the repository."""

import uuid
from datetime import timedelta

import numpy as np
import pytest

from benchmarks import labelled_data
from curation.choices import Strategy
from curation.sets import building, requesting
from feedback.choices import SignalType
from feedback.embeddings import clients
from feedback.quality.assessment import assess
from tests.factories import NOON, DeploymentFactory, EventFactory, SignalFactory

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.django_db,
    pytest.mark.skipif(not labelled_data.data_folder().is_dir(), reason="the labelled data is absent"),
]


def store(number, prompt, response, **fields):
    score = assess(prompt, response).score
    occurred_at = NOON - timedelta(minutes=number)
    return EventFactory(prompt=prompt, response=response, quality_score=score, occurred_at=occurred_at, **fields)


def react(event, kind, times, **fields):
    for _ in range(times):
        SignalFactory(event_id=event.id, type=kind, user_hash=uuid.uuid4().hex, **fields)


def curate(**wanted):
    curated_set = building.build(requesting.create("helpdesk", name="real", by=None, **wanted).pk)
    return curated_set, list(curated_set.examples.in_order())


@pytest.fixture(autouse=True)
def _helpdesk():
    DeploymentFactory(id="helpdesk")


def test_the_newest_of_three_edits_of_one_answer_wins():
    edits = [row for row in labelled_data.rows("edits_lamp_professional") if row["prompt"]]
    events, newest = {}, {}
    for minute, row in enumerate(edits):
        key = row["prompt"], row["response"]
        if key not in events:
            events[key] = store(len(events), *key)
        edited_at = NOON + timedelta(minutes=minute)
        react(events[key], SignalType.EDIT, 1, edited_response=row["edited"], occurred_at=edited_at)
        newest[events[key].id] = row["edited"]

    curated_set, examples = curate(strategies=[Strategy.USER_EDIT])

    assert (len(edits), curated_set.total) == (93, 34)
    assert {example.event_id: example.edited_response for example in examples} == newest


def test_real_thumbs_are_sorted_into_good_hard_and_diverse():
    praised, complained, events = set(), set(), {}
    for number, row in enumerate(labelled_data.rows("thumbs_oasst")):
        event = store(number, row["messages"][-1]["content"], row["response"], messages=row["messages"])
        events[event.id] = event
        react(event, SignalType.THUMBS_UP, row["thumbs_up"])
        react(event, SignalType.THUMBS_DOWN, row["thumbs_down"])
        react(event, SignalType.REPORT, row["red_flag"])
        if row["thumbs_down"] or row["red_flag"]:
            complained.add(event.id)
        elif row["thumbs_up"] and event.quality_score >= 0.8:
            praised.add(event.id)
    poor = {event.id for event in events.values() if event.quality_score <= 0.5}

    curated_set, examples = curate(limit=1_000)

    taken = {
        strategy: [example for example in examples if example.strategy == strategy]
        for strategy in (Strategy.HIGH_QUALITY, Strategy.HARD_EXAMPLE, Strategy.DIVERSE)
    }
    diverse = clients.embed([example.prompt for example in taken[Strategy.DIVERSE]])
    good = clients.embed([example.prompt for example in taken[Strategy.HIGH_QUALITY]])
    assert {example.event_id for example in taken[Strategy.HIGH_QUALITY]} == praised
    assert {example.event_id for example in taken[Strategy.HARD_EXAMPLE]} == complained | poor
    assert len(diverse) >= 10
    assert (diverse @ good.T).max() < 0.95
    assert (diverse @ diverse.T - 2 * np.eye(len(diverse))).max() < 0.95
    assert all(events[example.event_id].quality_score > 0.5 for example in taken[Strategy.DIVERSE])
    assert curate(limit=1_000)[0].content_hash == curated_set.content_hash

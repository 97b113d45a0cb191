"""Curation of real edits and real thumbs, read where they lie beside the repository."""

from collections import defaultdict
from datetime import timedelta

import numpy as np
import pytest

from benchmarks import labelled_data
from curation.choices import Strategy
from curation.sets import building, requesting
from feedback.choices import SignalType
from feedback.embeddings import clients
from feedback.quality.assessment import assess
from tests.curation.voting import react
from tests.factories import NOON, DeploymentFactory, EventFactory

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.django_db,
    pytest.mark.skipif(not labelled_data.data_folder().is_dir(), reason="the labelled data is absent"),
]


def store(number, prompt, response, **fields):
    score = assess(prompt, response).score
    occurred_at = NOON - timedelta(minutes=number)
    return EventFactory(prompt=prompt, response=response, quality_score=score, occurred_at=occurred_at, **fields)


def curate(**wanted):
    curated_set = building.build(requesting.create("helpdesk", name="real", by=None, **wanted).pk)
    return curated_set, list(curated_set.examples.in_order())


@pytest.fixture(autouse=True)
def _helpdesk():
    DeploymentFactory(id="helpdesk")


def test_one_of_three_edits_of_one_answer_stands_for_all():
    edits = [row for row in labelled_data.rows("edits_lamp_professional") if row["prompt"]]
    events, texts = {}, defaultdict(set)
    for minute, row in enumerate(edits):
        key = row["prompt"], row["response"]
        if key not in events:
            events[key] = store(len(events), *key)
        at = NOON + timedelta(minutes=minute)
        react(events[key], SignalType.EDIT, edited_response=row["edited"], occurred_at=at)
        texts[events[key].id].add(row["edited"])

    curated_set, examples = curate(strategies=[Strategy.USER_EDIT])

    assert (len(edits), curated_set.total, curated_set.pairs) == (93, 34, 34)
    assert all(example.edited_response in texts[example.event_id] for example in examples)


def test_real_thumbs_are_sorted_into_examples_and_queue():
    votes = {}
    for number, row in enumerate(labelled_data.rows("thumbs_oasst")):
        event = store(number, row["messages"][-1]["content"], row["response"], messages=row["messages"])
        votes[event.id] = row
        for kind, column in (("thumbs_up", "thumbs_up"), ("thumbs_down", "thumbs_down"), ("report", "red_flag")):
            for _ in range(row[column]):
                react(event, kind)

    curated_set, examples = curate(limit=1_000)

    taken = defaultdict(list)
    for example in examples:
        taken[example.strategy, bool(example.queue_reason)].append(votes[example.event_id])
    good, hard = taken[Strategy.HIGH_QUALITY, False], taken[Strategy.HARD_EXAMPLE, True]
    assert len(good) >= 30
    assert len(hard) >= 20
    assert all(row["thumbs_up"] > row["thumbs_down"] + row["red_flag"] for row in good)
    assert all(row["thumbs_up"] <= row["thumbs_down"] + row["red_flag"] for row in hard)
    assert not taken[Strategy.HARD_EXAMPLE, False]
    prompts = [example.prompt for example in examples if example.strategy == Strategy.HIGH_QUALITY]
    vectors = clients.embed(prompts)
    assert (vectors @ vectors.T - 2 * np.eye(len(vectors))).max() < 0.9
    assert curate(limit=1_000)[0].content_hash == curated_set.content_hash

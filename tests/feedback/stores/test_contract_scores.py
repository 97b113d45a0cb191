"""Scores of several assessors live beside each other; of two with one key the later stays, and every change is said."""

from threading import Barrier

import pytest

from feedback.stores import schema
from feedback.stores.base import EventFilter
from feedback.stores.copying import Route, correct
from feedback.stores.memory import MemoryStore
from feedback.stores.schema import SCORE_KEY
from tests.feedback.stores.rows import add_events, add_scores, at_once, comparable, event, event_id, minutes, score

JUDGED = {"assessor": "judge:strict", "name": "helpful", "raw": 4.0, "score": 0.75, "minimum": 1.0, "maximum": 5.0}


@pytest.fixture
def scored(store):
    """Two events with their checks."""
    checks = [score(number, score=0.5, checks='[{"name": "format"}]') for number in (1, 2)]
    add_events(store, event(1, quality_score=0.5), event(2, quality_score=0.5), scores=checks)
    return store


def held(store, *numbers):
    return store.scores([event_id(number) for number in numbers or (1, 2)]).to_pylist()


def keys(rows):
    return [tuple(row[name] for name in SCORE_KEY[1:]) for row in rows]


def said(changes):
    """The raw values that went and that came."""
    assert changes.replaced.schema == changes.stored.schema == schema.SCORE
    return changes.replaced["raw"].to_pylist(), changes.stored["raw"].to_pylist()


def qualities(store):
    return store.scan(EventFilter(), ["quality_score"]).read_all()["quality_score"].to_pylist()


def test_scores_of_several_assessors_are_kept_beside_each_other_in_the_order_of_their_keys(scored):
    rows = [
        score(1, **JUDGED),
        score(1, **JUDGED | {"name": "brief", "version": "2026-11-03/4"}),
        score(1, **JUDGED | {"profile": "b"}),
        score(1, assessor="reviewer", name="helpful", raw=0.0, score=0.0),
        score(1, assessor="checks", name="quality", profile="crucible", score=0.1, checks='[{"name": "length"}]'),
    ]

    changes = add_scores(scored, *rows)

    stored = held(scored, 1)
    assert keys(stored) == [
        ("checks", "quality", "crucible"),
        ("checks", "quality", "default"),
        ("judge:strict", "brief", "default"),
        ("judge:strict", "helpful", "b"),
        ("judge:strict", "helpful", "default"),
        ("reviewer", "helpful", "default"),
    ]
    expected = sorted([*rows, score(1, score=0.5, checks='[{"name": "format"}]')], key=lambda row: keys([row]))
    assert [comparable(row) for row in stored] == [comparable(row) for row in expected]
    assert said(changes) == ([], [0.1, 4.0, 4.0, 4.0, 0.0])
    assert qualities(scored) == [0.5, 0.5]


def test_the_scores_of_one_assessor_can_be_read_alone(scored):
    add_scores(scored, score(1, **JUDGED), score(2, assessor="reviewer", name="helpful"))
    ids = [event_id(number) for number in (1, 2, 9)]

    found = [scored.scores(ids, assessor=name)["raw"].to_pylist() for name in ("judge:strict", "checks", "nobody")]

    assert found == [[4.0], [0.5, 0.5], []]


def test_the_later_score_takes_the_place_of_the_earlier(scored):
    add_scores(scored, score(1, **JUDGED, assessed_at=minutes(5)))

    earlier = add_scores(scored, score(1, **JUDGED | {"raw": 1.0, "score": 0.0}, assessed_at=minutes(4)))
    same_time = add_scores(scored, score(1, **JUDGED | {"raw": 2.0, "score": 0.25}, assessed_at=minutes(5)))
    later = add_scores(scored, score(1, **JUDGED | {"raw": 3.0, "score": 0.5}, assessed_at=minutes(6)))

    assert [said(changes) for changes in (earlier, same_time, later)] == [([], []), ([4.0], [2.0]), ([2.0], [3.0])]
    assert [row["raw"] for row in held(scored, 1)] == [0.5, 3.0]


def test_the_same_scores_again_change_nothing(scored):
    rows = [score(1, **JUDGED, checks='{"a": [1, 2]}'), score(2, **JUDGED)]

    first, second = add_scores(scored, *rows), add_scores(scored, *rows)

    assert (said(first), said(second)) == (([], [4.0, 4.0]), ([], []))
    assert len(held(scored)) == 4


def test_of_two_scores_with_one_key_at_once_the_later_stays(scored):
    later, earlier = (score(1, **JUDGED | {"raw": raw}, assessed_at=minutes(raw)) for raw in (3.0, 2.0))

    assert said(add_scores(scored, later, earlier)) == ([], [3.0])
    assert [row["raw"] for row in held(scored, 1)] == [0.5, 3.0]


def test_a_score_of_an_event_that_is_not_there_is_not_stored(scored):
    changes = add_scores(scored, score(9, **JUDGED), score(2, **JUDGED))

    assert changes.stored["event_id"].to_pylist() == [event_id(2)]
    assert held(scored, 9) == []
    assert said(add_scores(scored)) == ([], [])


def test_the_quality_of_an_event_follows_the_checks_of_the_default_profile_alone(scored):
    changes = add_scores(
        scored,
        score(1, score=0.25, assessed_at=minutes(9), checks='[{"name": "format"}]'),
        score(2, score=0.0, profile="crucible"),
        score(2, score=1.0, name="other"),
        score(2, score=1.0, assessor="judge:strict"),
    )

    assert said(changes) == ([0.5], [0.25, 1.0, 0.0, 1.0])
    assert qualities(scored) == [0.5, 0.25]
    assert scored.count(EventFilter(max_quality=0.3)) == 1
    assert scored.count(EventFilter()) == 2


def test_events_come_with_the_scores_of_several_assessors(store):
    add_events(store, event(1), scores=[score(1), score(1, **JUDGED), score(1, assessor="reviewer")])

    assert keys(held(store, 1)) == [
        ("checks", "quality", "default"),
        ("judge:strict", "helpful", "default"),
        ("reviewer", "quality", "default"),
    ]


@pytest.mark.parametrize("remove", ["remove_events", "purge"])
def test_removed_events_take_all_of_their_scores_along(scored, remove):
    add_scores(scored, score(1, **JUDGED), score(2, **JUDGED), score(1, assessor="reviewer"))

    if remove == "purge":
        scored.purge("helpdesk", minutes(1.5))
    else:
        scored.remove_events([event_id(1)])

    assert keys(held(scored)) == [("checks", "quality", "default"), ("judge:strict", "helpful", "default")]
    assert said(add_scores(scored, score(1, **JUDGED))) == ([], [])


def test_a_copy_brings_the_scores_that_came_after_their_events(scored):
    target = MemoryStore()
    route = Route("source", "target", scored, target)
    correct(route, may_remove=False)
    add_scores(scored, score(1, **JUDGED), score(2, score=0.25, assessed_at=minutes(9)))

    correct(route, may_remove=False)

    assert [comparable(row) for row in held(target)] == [comparable(row) for row in held(scored)]
    assert qualities(target) == qualities(scored) == [0.25, 0.5]


@pytest.mark.django_db(transaction=True)
def test_each_change_of_concurrent_assessors_is_reported_once(scored):
    start, changes = Barrier(4), []

    def assess(raw):
        start.wait(timeout=10)
        rows = [score(number, **JUDGED | {"raw": raw}, assessed_at=minutes(5)) for number in (2, 1)]
        changes.append(said(add_scores(scored, *rows)))

    at_once(*(lambda raw=raw: assess(raw) for raw in (1.0, 2.0, 3.0, 4.0)))

    came = sorted(raw for _, stored in changes for raw in stored)
    went = sorted(raw for replaced, _ in changes for raw in replaced)
    final = [row["raw"] for row in held(scored) if row["assessor"] == "judge:strict"]
    assert came == [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0]
    assert sorted([*went, *final]) == came

"""Scores of several assessors in the rollups: replaced, erased and counted again, they are those of the store."""

from datetime import timedelta

import hypothesis.strategies as st
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings

from feedback.models import Deployment, Rollup, RollupDelta, ScoreClaim
from feedback.removal import removing
from feedback.rollups import deltas, folding, reading
from feedback.scores import recording
from feedback.stores.memory import MemoryStore
from feedback.tasks import fold_rollups
from tests.factories import NOON
from tests.feedback.rollups.scored import JUDGED, check, checks, figures, say, used, write
from tests.feedback.stores.contestants import CONTESTANTS
from tests.feedback.stores.rows import event_id, minutes, score


@pytest.fixture(params=list(CONTESTANTS))
def store(request, db):
    with CONTESTANTS[request.param]() as empty, used(empty):
        Deployment.objects.create(pk="helpdesk")
        yield empty


def test_scores_of_another_assessor_are_a_metric_of_their_own(store):
    write(1, 2)

    recording.record([score(1, **JUDGED), score(2, **JUDGED | {"score": 0.25}), score(1, **JUDGED | {"profile": "b"})])
    recording.record([score(1, assessor="reviewer", name="helpful", score=1.0, version="2")])

    assert figures("judge:strict") == {"helpful": {"1": (2, 1.0)}, "helpful@b": {"1": (1, 0.75)}}
    assert figures("reviewer") == {"helpful": {"2": (1, 1.0)}}
    assert figures()["quality"] == {"default-2": (2, 1.0)}
    window = reading.window(NOON, NOON + timedelta(hours=1), "helpdesk", assessors=["judge:strict"])
    assert reading.histograms(window)["helpful"].mean == 0.5
    assert "0 rows differ" in check()


def test_a_replaced_score_is_counted_once(store):
    write(1)
    rows_of_scores = [
        score(1, **JUDGED | {"score": value}, assessed_at=minutes(value)) for value in (0.25, 0.5, 0.5, 0.0)
    ]

    changes = [recording.record([row]) for row in rows_of_scores]

    assert [(len(one.replaced), len(one.stored)) for one in changes] == [(0, 1), (1, 1), (0, 0), (0, 0)]
    assert figures("judge:strict") == {"helpful": {"1": (1, 0.5)}}
    folding.fold()
    assert figures("judge:strict") == {"helpful": {"1": (1, 0.5)}}
    assert "0 rows differ" in check()


def test_checks_that_are_made_again_move_to_their_own_version(store):
    write(1, 2)
    folding.fold()

    recording.record([checks(1, 0.25, "default-9") | {"assessed_at": minutes(9)}])

    assert figures()["quality"] == {"default-2": (1, 0.5), "default-9": (1, 0.25)}
    assert figures()["check.format"] == {"default-2": (1, 0.5), "default-9": (1, 0.5)}
    assert figures()["format"] == {"default-2": (1, 0), "default-9": (1, 0)}
    assert "0 rows differ" in check()
    with transaction.atomic():
        deltas.subtract(deltas.contribution_of([event_id(1)]))
    assert figures()["quality"] == {"default-2": (1, 0.5)}


def test_scores_of_events_that_are_not_there_are_left_out(store):
    write(1)

    changes = recording.record([score(7, **JUDGED), score(1, **JUDGED)])

    assert changes.stored["event_id"].to_pylist() == [event_id(1)]
    assert figures("judge:strict") == {"helpful": {"1": (1, 0.75)}}


def test_removed_events_take_the_scores_of_every_assessor_out(store):
    write(1, 2)
    recording.record([score(number, **JUDGED) for number in (1, 2)])

    removing.remove_events([event_id(1)])
    folding.fold()

    assert figures("judge:strict") == {"helpful": {"1": (1, 0.75)}}
    removing.remove_events([event_id(2)])
    folding.fold()
    assert (Rollup.objects.count(), RollupDelta.objects.count()) == (0, 0)


class Dies(Exception):
    """What ends a process."""


@pytest.mark.parametrize("moment", ["before the store", "before the counts"])
@pytest.mark.parametrize("next_work", ["the same scores", "the task", "an erasure"])
def test_scores_whose_process_died_are_counted_once(db, monkeypatch, moment, next_work):
    Deployment.objects.create(pk="helpdesk")
    with used(MemoryStore()) as store:
        write(1, 2)
        given_scores = [score(1, **JUDGED), score(2, **JUDGED)]
        name, owner = ("append_scores", store) if moment == "before the store" else ("add_scores", deltas)
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, _die)
            with pytest.raises(Dies):
                recording.record(given_scores)
        assert (figures("judge:strict"), ScoreClaim.objects.count()) == ({}, 1)
        with pytest.raises(Exception, match="being written to throughout"):
            check()

        if next_work == "the same scores":
            recording.record(given_scores)
        elif next_work == "the task":
            fold_rollups()
        else:
            removing.remove_events([event_id(1)])

        left = 1 if next_work == "an erasure" else 2
        assert figures("judge:strict") == {"helpful": {"1": (left, 0.75 * left)}}
        assert ScoreClaim.objects.count() == 0
        assert "0 rows differ" in check()


def _die(*_):
    raise Dies


NUMBERS = st.integers(1, 4)
STEPS = st.one_of(
    st.tuples(st.just("event"), NUMBERS),
    st.tuples(st.just("signal"), st.integers(1, 6), NUMBERS),
    st.tuples(st.just("erasure"), NUMBERS),
    st.tuples(st.just("fold")),
    st.tuples(
        st.just("score"),
        NUMBERS,
        st.sampled_from(["checks", "judge:a", "judge:b"]),
        st.sampled_from([0.0, 0.25, 1.0]),
        st.integers(1, 3),
        st.sampled_from(["1", "2"]),
    ),
)


def take(step):
    kind, *facts = step
    if kind == "event":
        write(*facts)
    elif kind == "signal":
        say(*facts)
    elif kind == "erasure":
        removing.remove_events([event_id(*facts)])
    elif kind == "fold":
        folding.fold()
    else:
        number, assessor, value, minute, version = facts
        row = checks(number, value, version) if assessor == "checks" else score(number, score=value, version=version)
        recording.record([row | {"assessor": assessor, "assessed_at": minutes(minute)}])


@pytest.mark.parametrize("name", ["memory", "postgres"])
@given(steps=st.lists(STEPS, min_size=4, max_size=14))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_after_any_scores_erasures_and_signals_rollups_equal_a_rebuild(db, name, steps):
    with CONTESTANTS[name]() as empty, used(empty), transaction.atomic():
        Deployment.objects.create(pk="helpdesk")
        write(1, 2)
        for step in steps:
            take(step)

        assert "0 rows differ" in check()
        folding.fold()
        assert "0 rows differ" in check()
        transaction.set_rollback(True)

"""What is removed takes with it all that hangs on it, and nothing else."""

import math

import numpy as np
import pytest

from feedback.choices import SignalState
from feedback.stores import schema
from feedback.stores.base import EventFilter, Purged
from tests.feedback.stores.rows import (
    add_events,
    event,
    event_id,
    found,
    found_signals,
    minutes,
    score,
    signal,
    signal_id,
    states,
    write,
)

CLIENT = "test 1"


def vector(number, field="prompt", values=(1.0, 0.0)):
    return {"event_id": event_id(number), "field": field, "client": CLIENT, "vector": list(values)}


def add_vectors(store, *rows):
    store.append_embeddings(schema.table(schema.EMBEDDING, rows))


@pytest.fixture
def filled(store):
    """Events 1 to 3, each with a score, two vectors, a live and a retired signal, and signals that wait."""
    span = (1, 2, 3)
    add_events(store, *(event(number) for number in span), scores=[score(number) for number in span])
    add_vectors(store, *(vector(number, field) for number in span for field in ("prompt", "response")))
    write(store, *(signal(10 * number + place, of=number) for number in span for place in (0, 1)))
    write(store, signal(41, of=1, deployment_id="other"), signal(42, of=9), signal(43, event_id=None, external_id="x"))
    return store


EVERYTHING = [event_id(number) for number in (1, 2, 3)]


def hanging(store):
    """The numbers of the events that have scores, and those that have vectors."""
    tables = store.scores(EVERYTHING), store.embeddings(EVERYTHING)
    return [[EVERYTHING.index(item_id) + 1 for item_id in table["event_id"].to_pylist()] for table in tables]


def test_an_event_goes_with_scores_vectors_and_signals(filled):
    removed = filled.remove_events([event_id(1), event_id(3), event_id(9)])

    assert removed == ({event_id(1), event_id(3)}, 5)
    assert found(filled) == [2]
    assert hanging(filled) == [[2], [2, 2]]
    assert found_signals(filled, state=None) == [43, 42, 21, 20]
    assert filled.remove_events([event_id(1)]) == (set(), 0)


def test_a_removed_event_can_come_again(filled):
    filled.remove_events([event_id(1)])

    assert write(filled, event(1)) == {}
    assert found(filled) == [3, 2, 1]
    assert hanging(filled) == [[2, 3], [2, 2, 3, 3]]


def test_signals_are_removed_whatever_their_state(filled):
    removed = filled.remove_signals([signal_id(number) for number in (10, 21, 42, 99)])

    assert removed == 3
    assert states(filled) == {
        11: SignalState.LIVE,
        20: SignalState.HISTORY,
        30: SignalState.HISTORY,
        31: SignalState.LIVE,
        41: SignalState.WAITING,
        43: SignalState.WAITING,
    }
    assert found(filled) == [3, 2, 1]


def test_vectors_are_removed_alone(filled):
    filled.remove_embeddings([event_id(1), event_id(2), event_id(9)])

    assert hanging(filled) == [[1, 2, 3], [3, 3]]
    assert found(filled) == [3, 2, 1]


def test_what_occurred_before_a_moment_is_purged_from_one_deployment(filled):
    write(filled, event(4, deployment_id="other", occurred_at=minutes(0)), signal(50, of=4, deployment_id="other"))
    write(filled, signal(60, of=2, occurred_at=minutes(0)), signal(61, of=9, occurred_at=minutes(2.9)))

    purged = filled.purge("helpdesk", minutes(3))

    assert purged == Purged(events=2, signals=7)
    assert found(filled) == [3, 4]
    assert hanging(filled) == [[3], [3, 3]]
    assert found_signals(filled, state=None) == [50, 43, 42, 31, 30]


def test_signals_about_a_session_are_purged(store):
    write(store, *(signal(n, event_id=None, session_hash="ab12", waiting=False) for n in (1, 2, 3)))

    assert store.purge("helpdesk", minutes(3)) == Purged(events=0, signals=2)
    assert states(store) == {3: SignalState.HISTORY}


def test_signals_that_name_no_deployment_are_purged_while_they_wait(store):
    write(store, event(1), signal(1, deployment_id=""), signal(2, of=9, deployment_id=""))
    write(store, signal(3, of=9, deployment_id=""), signal(4, of=9))

    assert store.purge("", minutes(3)) == Purged(events=0, signals=1)
    assert states(store) == {1: SignalState.LIVE, 3: SignalState.WAITING, 4: SignalState.WAITING}


@pytest.mark.parametrize(
    ("deployment_id", "before"), [("helpdesk", minutes(1)), ("none", minutes(100)), ("", minutes(0))]
)
def test_nothing_is_purged_before_its_time(filled, deployment_id, before):
    assert filled.purge(deployment_id, before) == Purged(events=0, signals=0)
    assert (found(filled), len(states(filled))) == ([3, 2, 1], 9)


def test_many_events_are_purged(store):
    add_events(store, *(event(number, occurred_at=minutes(0)) for number in range(1, 4_502)), event(5_000))

    assert store.purge("helpdesk", minutes(1)) == Purged(events=4_501, signals=0)
    assert store.count(EventFilter()) == 1


def test_vectors_come_back_in_half_precision(store, rng):
    values = rng.normal(size=(4, 256)).astype(np.float32)
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    add_events(store, event(1), event(2), event(3))
    rows = [vector(2, "response", values[0]), vector(2, "prompt", values[1]), vector(1, "prompt", values[2])]

    add_vectors(store, *rows)
    add_vectors(store, vector(3, "prompt", np.zeros(256)))
    table = store.embeddings(EVERYTHING)

    assert table.schema == schema.EMBEDDING
    assert table.select(["event_id", "field", "client"]).to_pylist() == [
        {"event_id": event_id(number), "field": field, "client": CLIENT}
        for number, field in ((1, "prompt"), (2, "prompt"), (2, "response"), (3, "prompt"))
    ]
    stored = np.array(table["vector"].to_pylist(), np.float32)
    expected = [*values[[2, 1, 0]].astype(np.float16).astype(np.float32), np.zeros(256, np.float32)]
    assert stored.tolist() == [row.tolist() for row in expected]
    assert math.isclose(np.linalg.norm(stored[0]), 1, abs_tol=1e-3)


def test_a_vector_replaces_the_one_of_the_same_text(store):
    add_events(store, event(1))
    add_vectors(store, vector(1), vector(1, "response"))

    add_vectors(store, vector(1, values=(0.0, 1.0)) | {"client": "test 2"})
    add_vectors(store, vector(1, values=(0.0, 1.0)) | {"client": "test 2"})

    rows = store.embeddings([event_id(1)]).to_pylist()
    assert [(row["field"], row["client"], row["vector"]) for row in rows] == [
        ("prompt", "test 2", [0.0, 1.0]),
        ("response", CLIENT, [1.0, 0.0]),
    ]

"""Signals about a session go with its last event."""

import pytest

from feedback.hashing import hash_person
from feedback.removal import erasing, removing
from tests.feedback.stores import rows

A, B = "aa" * 32, "bb" * 32


def about(number, session_hash, **fields):
    return rows.signal(number, event_id=None, session_hash=session_hash, waiting=False, **fields)


@pytest.fixture
def sessions(any_store):
    """Events 1 and 2 in one session, 3 in another, 4 in none, and 5 of another deployment in a session named alike."""
    rows.write(
        any_store,
        *(rows.event(number, session_hash=A) for number in (1, 2)),
        rows.event(3, session_hash=B),
        rows.event(4),
        rows.event(5, session_hash=A, deployment_id="other"),
        *(about(number, A) for number in (10, 11)),
        about(12, B, user_hash=hash_person("ada")),
        about(13, A, deployment_id="other"),
        about(14, "cc" * 32),
        rows.signal(20, of=1),
        rows.signal(30, of=3),
    )
    return any_store


@pytest.mark.parametrize(
    ("removed", "signals", "left"),
    [
        ([1], 1, [30, 14, 13, 12, 11, 10]),
        ([1, 2], 3, [30, 14, 13, 12]),
        ([3, 4], 2, [20, 14, 13, 11, 10]),
        ([1, 5], 2, [30, 14, 12, 11, 10]),
        ([1, 2, 3, 4, 5], 6, [14]),
        ([4, 9], 0, [30, 20, 14, 13, 12, 11, 10]),
    ],
)
def test_signals_about_a_session_go_with_its_last_event(sessions, removed, signals, left):
    ids = [rows.event_id(number) for number in removed]

    assert removing.remove_events(ids).signals == signals
    assert rows.found_signals(sessions, state=None) == left


def test_the_last_event_may_go_in_a_later_step(sessions):
    steps = [removing.remove_events([rows.event_id(number)]).signals for number in (1, 2)]

    assert steps == [1, 2]
    assert rows.found_signals(sessions, state=None) == [30, 14, 13, 12]


def test_an_erased_session_leaves_no_signal_of_anyone(any_store):
    ada = hash_person("ada")
    rows.write(any_store, rows.event(1, session_hash=A, user_hash=ada), about(10, A), about(11, A, user_hash="other"))

    erased = erasing.erase_some([ada])

    assert (erased.events, erased.signals) == (1, 2)
    assert rows.found_signals(any_store, state=None) == []

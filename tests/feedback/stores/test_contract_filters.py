"""Every field of every filter finds what it says and nothing else."""

from dataclasses import fields
from uuid import UUID

import pytest

from feedback.choices import SignalState
from feedback.stores.base import EventFilter, SignalFilter
from tests.feedback.stores.rows import (
    event,
    event_id,
    found,
    found_signals,
    minutes,
    signal,
    signal_id,
    write,
)

A, B = "a" * 64, "b" * 64
LONG_AGO = minutes(-60 * 24 * 365)

EVENTS = [
    event(
        1, model_version_id="m1", prompt_version="p1", external_id="x", user_hash=A, session_hash=A, quality_score=0.25
    ),
    event(
        2,
        model_version_id="m2",
        prompt_version="p1",
        external_id="X",
        user_hash=B,
        quality_score=0.5,
        training_allowed=False,
        tools_hash=A,
    ),
    event(3, model_version_id="m1", prompt_version="p2", external_id=event_id(1), quality_score=0.75),
    event(4, deployment_id="billing", external_id="x", user_hash=A, prompt="The zebra", response="No answer."),
    event(5, deployment_id="shop", occurred_at=minutes(4), quality_score=1.0, response="A zebra."),
]
SIGNALS = [
    signal(1, user_hash=A),
    signal(2, type="thumbs_down", user_hash=A, session_hash=B),
    signal(3, type="report", of=2, received_at=minutes(30)),
    signal(4, of=4, deployment_id="billing", user_hash=B, external_id="y"),
    signal(5, of=9, deployment_id="", occurred_at=minutes(4)),
    signal(6, event_id=None, external_id="nowhere"),
]
LIVE, HISTORY, WAITING = [4, 3, 2], [1], [6, 5]

# By field: what is asked for, and the numbers of the events that match.
EVENT_CASES = {
    "deployment_id": [("helpdesk", [3, 2, 1]), ("billing", [4]), ("Helpdesk", []), ("", [])],
    "deployment_ids": [(["billing", "shop", "none"], [5, 4]), (("helpdesk",), [3, 2, 1]), ([], [])],
    "model_version_id": [("m1", [3, 1]), ("m2", [2]), ("", [5, 4])],
    "prompt_version": [("p1", [2, 1]), ("p2", [3]), ("p", [])],
    "ids": [([event_id(2), event_id(5), event_id(9)], [5, 2]), ([UUID(event_id(2))], [2]), ([], [])],
    "named": [
        ("x", [4, 1]),
        ("X", [2]),
        (event_id(1), [3, 1]),
        (UUID(event_id(2)).hex, [2]),
        (event_id(9), []),
        ("", []),
        ("%", []),
    ],
    "external_ids": [(["x"], [4, 1]), (["x", "X", "y"], [4, 2, 1]), ([], [])],
    "user_hashes": [([A], [4, 1]), ([A, B], [4, 2, 1]), (["c"], []), ([], [])],
    "session_hash": [(A, [1]), (B, [])],
    "tools_hash": [(A, [2]), (B, [])],
    "occurred_from": [(minutes(3), [5, 4, 3]), (minutes(3.5), [5, 4]), (LONG_AGO, [5, 4, 3, 2, 1])],
    "occurred_to": [(minutes(3), [2, 1]), (minutes(3.5), [3, 2, 1]), (LONG_AGO, [])],
    "min_quality": [(0.5, [5, 3, 2]), (0.51, [5, 3]), (0, [5, 3, 2, 1])],
    "max_quality": [(0.5, [2, 1]), (0.49, [1]), (1, [5, 3, 2, 1])],
    "quality_below": [(0.5, [1]), (0.51, [2, 1]), (1, [3, 2, 1])],
    "signal": [("thumbs_down", [1]), ("thumbs_up", [4]), ("report", [2]), ("share", [])],
    "text": [("zebra", [5, 4]), ("password", [5, 3, 2, 1])],
    "scored": [(True, [5, 3, 2, 1]), (False, [5, 4, 3, 2, 1])],
    "training_allowed": [(True, [5, 4, 3, 1]), (False, [2])],
    "older_than": [
        ((minutes(4), UUID(event_id(5))), [4, 3, 2, 1]),
        ((minutes(4), UUID(event_id(4))), [3, 2, 1]),
        ((minutes(3.5), UUID(int=0)), [3, 2, 1]),
        ((minutes(1), UUID(event_id(1))), []),
    ],
    "newer_than": [
        ((minutes(4), UUID(event_id(4))), [5]),
        ((minutes(3), UUID(event_id(3))), [5, 4]),
        ((minutes(3), UUID(int=0)), [5, 4, 3]),
        ((minutes(4), UUID(event_id(5))), []),
    ],
}

# By field: what is asked for, and the numbers of the live signals that match.
SIGNAL_CASES = {
    "deployment_id": [("helpdesk", [3, 2]), ("billing", [4]), ("none", [])],
    "deployment_ids": [(["billing", "none"], [4]), (["billing", "helpdesk"], LIVE), ([], [])],
    "ids": [([signal_id(2), signal_id(1)], [2]), ([UUID(signal_id(4))], [4]), ([], [])],
    "event_ids": [([event_id(1), event_id(2)], [3, 2]), ([UUID(event_id(4))], [4]), ([], [])],
    "external_ids": [(["y", "z"], [4]), ([], [])],
    "named": [(signal_id(2), [2]), (event_id(2), [3]), (UUID(event_id(2)).hex, [3]), ("y", []), ("", [])],
    "types": [(["thumbs_down"], [2]), (["thumbs_up", "report"], [4, 3]), ([], [])],
    "user_hashes": [([A], [2]), ([A, B], [4, 2]), ([], [])],
    "session_hash": [(B, [2]), (A, [])],
    "session_hashes": [([B], [2]), ([A, B], [2]), ([A], []), ([], [])],
    "state": [
        (SignalState.LIVE, LIVE),
        (SignalState.HISTORY, HISTORY),
        (SignalState.WAITING, WAITING),
        (None, [6, 5, 4, 3, 2, 1]),
    ],
    "occurred_from": [(minutes(3), [4, 3]), (minutes(3.5), [4])],
    "occurred_to": [(minutes(3), [2]), (minutes(3.5), [3, 2])],
    "received_to": [(minutes(4), [2]), (minutes(30), [4, 2]), (minutes(31), LIVE)],
    "older_than": [((minutes(4), UUID(signal_id(4))), [3, 2]), ((minutes(3), UUID(int=2**128 - 1)), [3, 2])],
    "newer_than": [((minutes(3), UUID(signal_id(3))), [4]), ((minutes(3), UUID(int=0)), [4, 3])],
}


@pytest.fixture
def filled(store):
    write(store, *EVENTS, *SIGNALS)
    return store


@pytest.mark.parametrize(("kind", "by_field"), [(EventFilter, EVENT_CASES), (SignalFilter, SIGNAL_CASES)])
def test_every_field_has_a_case(kind, by_field):
    assert list(by_field) == [field.name for field in fields(kind)]


def test_events(filled):
    asked = [(field, value) for field, cases in EVENT_CASES.items() for value, _ in cases]

    results = [(field, value, found(filled, **{field: value})) for field, value in asked]
    counts = [(field, value, filled.count(EventFilter(**{field: value}))) for field, value in asked]

    assert results == [(field, *case) for field, cases in EVENT_CASES.items() for case in cases]
    assert counts == [(*case, len(numbers)) for *case, numbers in results]


def test_signals(filled):
    asked = [(field, value) for field, cases in SIGNAL_CASES.items() for value, _ in cases]

    results = [(field, value, found_signals(filled, **{field: value})) for field, value in asked]
    counts = [(field, value, filled.count_signals(SignalFilter(**{field: value}))) for field, value in asked]

    assert results == [(field, *case) for field, cases in SIGNAL_CASES.items() for case in cases]
    assert counts == [(*case, len(numbers)) for *case, numbers in results]


EVENT_COMBINATIONS = [
    ({}, [5, 4, 3, 2, 1]),
    ({"deployment_id": "helpdesk", "deployment_ids": ["helpdesk", "shop"]}, [3, 2, 1]),
    ({"deployment_id": "helpdesk", "deployment_ids": ["shop"]}, []),
    ({"named": "x", "deployment_ids": ["helpdesk"]}, [1]),
    ({"min_quality": 0.5, "quality_below": 1.0}, [3, 2]),
    ({"occurred_from": minutes(2), "occurred_to": minutes(4)}, [3, 2]),
    ({"signal": "thumbs_down", "model_version_id": "m1"}, [1]),
    ({"text": "zebra", "scored": True}, [5]),
    ({"user_hashes": [A], "older_than": (minutes(4), UUID(event_id(4)))}, [1]),
    ({"older_than": (minutes(4), UUID(event_id(5))), "newer_than": (minutes(1), UUID(event_id(1)))}, [4, 3, 2]),
]
SIGNAL_COMBINATIONS = [
    ({"state": SignalState.WAITING, "deployment_id": ""}, [5]),
    ({"state": SignalState.WAITING, "event_ids": [event_id(9)]}, [5]),
    ({"state": SignalState.HISTORY, "types": ["thumbs_down"]}, []),
    ({"state": None, "event_ids": [event_id(1)]}, [2, 1]),
    ({"state": None, "external_ids": ["nowhere"]}, [6]),
    ({"state": None, "named": event_id(1), "deployment_ids": ["billing"]}, []),
    ({"state": None, "types": ["thumbs_up"], "user_hashes": [A]}, [1]),
]


def test_every_given_field_of_a_filter_holds(filled):
    assert [(where, found(filled, **where)) for where, _ in EVENT_COMBINATIONS] == EVENT_COMBINATIONS
    assert [(where, found_signals(filled, **where)) for where, _ in SIGNAL_COMBINATIONS] == SIGNAL_COMBINATIONS


def test_a_retired_signal_no_longer_marks_its_event(filled):
    write(filled, signal(7, user_hash=A))

    assert (found(filled, signal="thumbs_down"), found(filled, signal="thumbs_up")) == ([], [4, 1])


# What is looked for, and the numbers of the events whose texts hold it.
WORDS = {
    "router": [1],
    "ROUTER": [1],
    "rout": [],
    "blinking router": [1],
    "router blinking, red!": [1],
    "router unplug": [],
    "unplug wait": [1],
    "router elephant": [],
    "überhitzt": [2],
    "ÜBERHITZT": [2],
    "東京": [3],
    "Москва": [3],
    "москва": [3],
    "e-mail": [2],
    "404": [2],
    "40": [],
    "%": [],
    "_____": [],
    "router' OR 1=1": [],
    "   ": [],
    "router \\": [1],
}


def test_words_are_searched_whole_and_all_in_one_text(store):
    """A store may leave out words that mean nothing by themselves, and may find other forms of a word."""
    write(
        store,
        event(1, prompt="My router is blinking (red)...", response="Unplug it, wait 30 seconds."),
        event(2, prompt="Gerät überhitzt; e-mail kommt mit Fehler 404", response=""),
        event(3, prompt="東京 tower?", response="Москва: tower."),
    )

    assert {text: found(store, text=text) for text in WORDS} == WORDS


@pytest.mark.parametrize(("length", "expected"), [(49_900, [1]), (50_100, [])])
def test_words_are_searched_at_the_beginning_of_a_text(store, length, expected):
    filler = "ab " * (length // 3)

    write(store, event(1, prompt=f"{filler} needle"))

    assert found(store, text="needle") == expected

"""Traffic of many batches leaves every store with the same signals, also when writers work at once."""

from collections import Counter
from threading import Barrier

import pytest
from django.db import transaction

from feedback.choices import SignalState
from feedback.stores import locks
from feedback.stores.memory import MemoryStore
from feedback.stores.postgres import PostgresStore
from tests.feedback.stores.rows import (
    add_events,
    add_signals,
    all_events,
    all_signals,
    at_once,
    comparable,
    event,
    event_id,
    minutes,
    signal,
    signal_id,
    states,
    write,
)

BATCHES = 12
ANSWERS = ["Open the settings page.", "Open the profile page."]


def random_batch(rng):
    """Some events and signals of few ids, names, users and moments, so that most of them meet."""

    def pick(*values):
        return values[rng.integers(len(values))]

    def random_event(number):
        return event(
            number,
            deployment_id=pick("helpdesk", "shop"),
            external_id=pick("", "x", "y"),
            response=pick(*ANSWERS),
            occurred_at=minutes(int(rng.integers(5))),
        )

    def random_signal(number):
        kind = pick("thumbs_up", "thumbs_down", "edit", "report")
        named = pick({"of": int(rng.integers(1, 20))}, {"event_id": None, "external_id": pick("x", "y")})
        return signal(
            number,
            type=kind,
            edited_response=pick(*ANSWERS) if kind == "edit" else "",
            user_hash=pick("", "a"),
            deployment_id=pick("", "helpdesk", "shop"),
            occurred_at=minutes(int(rng.integers(5))),
            received_at=minutes(int(rng.integers(5))),
            **named,
        )

    events = rng.choice(range(1, 20), size=3, replace=False)
    signals = rng.choice(range(1, 80), size=8, replace=False)
    return [*(random_event(int(number)) for number in events), *(random_signal(int(number)) for number in signals)]


def test_any_traffic_gives_the_same_as_in_another_store(store, rng):
    other = MemoryStore() if isinstance(store, PostgresStore) else PostgresStore()

    for batch in (random_batch(rng) for _ in range(BATCHES)):
        assert write(store, *batch) == write(other, *batch)

    assert list(map(comparable, all_events(store))) == list(map(comparable, all_events(other)))
    assert list(map(comparable, all_signals(store))) == list(map(comparable, all_signals(other)))
    assert set(states(store).values()) == set(SignalState)


@pytest.mark.django_db(transaction=True)
def test_writers_of_events_and_of_their_signals_at_once_count_every_signal_once(store):
    span, start, claims, changes = range(1, 101), Barrier(3), {}, Counter()

    def writer(name, rows):
        claims[name] = {row["id"] for row in rows}
        start.wait(timeout=10)
        with transaction.atomic():
            events = add_events(store, *(row for row in rows if "slot" not in row))
            signals = add_signals(store, *(row for row in rows if "slot" in row))
            locks.lock_signals()
            # What another transaction wrote is not there before it ends, unless the store has no part in it.
            others = set() if store.shares_transaction else set().union(*claims.values()) - claims[name]
            for change in store.attach_signals(events, signals, uncounted=frozenset(others)):
                changes[change.event_id, change.signal_id] += change.sign
            del claims[name]

    at_once(
        lambda: writer("events", [event(number) for number in span]),
        lambda: writer("ups", [signal(number, of=number) for number in span]),
        lambda: writer("downs", [signal(1_000 + number, of=number, type="thumbs_down") for number in span]),
    )

    live = {(event_id(number), signal_id(1_000 + number)): 1 for number in span}
    assert {key: total for key, total in changes.items() if total} == live
    assert Counter(states(store).values()) == {SignalState.LIVE: 100, SignalState.HISTORY: 100}

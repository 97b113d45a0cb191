"""The kernel of attaching. What it does for a store is tested by the contract; here is what only it can show."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.choices import SignalType
from feedback.stores import schema
from feedback.stores.attaching import EVENT_COLUMNS, SIGNAL_COLUMNS, EventFacts, SignalFacts, Standing, attach
from feedback.stores.base import SignalChange
from tests.factories import NOON


def event(event_id, **fields):
    return EventFacts(
        **{"id": event_id, "deployment_id": "a", "external_id": "", "occurred_at": NOON, "response": "Yes."} | fields
    )


def signal(signal_id, **fields):
    kind = fields.get("type", "report")
    defaults = {
        "id": signal_id,
        "type": kind,
        "name": "",
        "value": None,
        "through_public_key": False,
        "slot": "thumbs" if kind.startswith("thumbs") else kind,
        "user_hash": "",
        "external_id": "",
        "edited_response": "",
        "content_dropped": False,
        "retracted": False,
        "occurred_at": NOON,
        "received_at": NOON,
        "event_id": "e1",
        "deployment_id": "a",
        "waiting": True,
        "live": False,
    }
    return SignalFacts(**defaults | fields)


def test_facts_are_columns():
    assert set(EVENT_COLUMNS) <= set(schema.EVENT.names)
    assert set(SIGNAL_COLUMNS) <= set(schema.SIGNAL.names)


def test_only_what_differs_from_what_is_stored_is_an_update():
    attached = signal("s1", waiting=False, live=True)
    new = signal("s2", deployment_id="", occurred_at=NOON - timedelta(hours=1))

    result = attach([event("e1")], [attached, new], event_ids=set(), signal_ids={"s2"})

    assert result.updates == {"s2": Standing("e1", "a", waiting=False, live=False)}
    assert result.changes == []


def test_changes_come_in_order_of_signal_id():
    signals = [signal(f"s{n}", occurred_at=NOON + timedelta(hours=n), type=t) for n, t in ((3, "edit"), (2, "report"))]
    attached = signal("s1", waiting=False, live=True)

    result = attach([event("e1")], [*signals, attached], event_ids=set(), signal_ids={"s2", "s3"})

    assert result.changes == [
        SignalChange("s1", "e1", SignalType.REPORT, -1),
        SignalChange("s2", "e1", SignalType.REPORT, 1),
        SignalChange("s3", "e1", SignalType.EDIT, 1),
    ]


@pytest.mark.parametrize(("edited", "live"), [("Yes.", False), ("No.", True)])
def test_digests_stand_for_texts(edited, live):
    about = event("e1", response=sha256(b"Yes.").digest())
    edit = signal("s1", type="edit", edited_response=sha256(edited.encode()).digest())

    result = attach([about], [edit], event_ids={"e1"}, signal_ids={"s1"})

    assert result.updates == {"s1": Standing("e1", "a", waiting=False, live=live)}


def test_a_signal_whose_event_is_gone_is_not_live():
    orphan = signal("s1", waiting=False, live=True)

    result = attach([], [orphan], event_ids=set(), signal_ids={"s1"})

    assert result.updates == {"s1": Standing("e1", "a", waiting=False, live=False)}
    assert result.changes == []


def test_more_than_is_asked_for_does_no_harm():
    others = [event("e2"), event("e3", external_id="x")]
    waiting = [
        signal("s2", event_id="e2"),
        signal("s3", event_id=None, external_id="x"),
        signal("s4", event_id="e2", waiting=False),
    ]

    result = attach([event("e1"), *others], [signal("s1"), *waiting], event_ids=set(), signal_ids={"s1"})

    assert result.updates == {"s1": Standing("e1", "a", waiting=False, live=True)}
    assert result.changes == [SignalChange("s1", "e1", SignalType.REPORT, 1)]


MOMENTS = st.integers(0, 3).map(lambda hours: NOON + timedelta(hours=hours))
EVENTS = st.builds(
    event,
    st.sampled_from(["e1", "e2", "e3"]),
    deployment_id=st.sampled_from(["a", "b"]),
    external_id=st.sampled_from(["", "x"]),
    occurred_at=MOMENTS,
)
SIGNALS = st.builds(
    signal,
    st.sampled_from([f"s{number}" for number in range(8)]),
    type=st.sampled_from(["thumbs_up", "thumbs_down", "edit", "report"]),
    edited_response=st.sampled_from(["Yes.", "No."]),
    retracted=st.booleans(),
    event_id=st.sampled_from([None, "e1", "e2", "e3"]),
    external_id=st.just("x"),
    deployment_id=st.sampled_from(["", "a", "b"]),
    occurred_at=MOMENTS,
    received_at=MOMENTS,
)
BATCHES = st.lists(
    st.tuples(st.lists(EVENTS, max_size=2), st.lists(SIGNALS, max_size=4), st.booleans()), min_size=1, max_size=4
)


@given(BATCHES, st.randoms(use_true_random=False))
def test_changes_of_all_writers_add_up_to_what_is_live(batches, chance):
    """Writers store and attach in any order, and any of them may die with only some updates stored and begin again."""
    events, signals, claims, totals = {}, {}, {}, Counter()

    def attached(number, share):
        new_events, new_signals = claims[number]
        uncounted = {item for other, ids in claims.items() if other != number for item in ids[0] | ids[1]}
        result = attach(
            events.values(),
            list(signals.values()),
            event_ids=new_events,
            signal_ids=new_signals,
            uncounted=uncounted,
            uncollected=["b report"],
        )
        for signal_id, standing in result.updates.items():
            if chance.random() < share:
                fields = {name: getattr(standing, name) for name in ("event_id", "deployment_id", "waiting", "live")}
                signals[signal_id] = replace(signals[signal_id], **fields)
        return result.changes

    def finish(number):
        changes = attached(number, share=1)
        del claims[number]
        totals.update({change.signal_id: change.sign for change in changes})

    for number, (some_events, some_signals, attaches_at_once) in enumerate(batches):
        new_events = {one.id: one for one in some_events if one.id not in events}
        new_signals = {one.id: one for one in some_signals if one.id not in signals}
        events |= new_events
        signals |= new_signals
        claims[number] = new_events.keys(), new_signals.keys()
        attached(number, share=0.5)
        if attaches_at_once:
            finish(number)
    for number in chance.sample(sorted(claims), len(claims)):
        attached(number, share=0.5)
        finish(number)

    live = {signal_id for signal_id, one in signals.items() if one.live}
    slots = [(one.event_id, one.user_hash, one.slot) for one in signals.values() if one.live]
    assert {signal_id: total for signal_id, total in totals.items() if total} == dict.fromkeys(live, 1)
    assert len(slots) == len(set(slots))
    assert not any(one.live and one.waiting for one in signals.values())

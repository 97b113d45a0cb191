"""What changes tell of an event: every signal that was live before and every one that is live after."""

from feedback.choices import SignalType
from feedback.stores.base import SignalChange
from tests.feedback.stores.rows import (
    add_events,
    add_signals,
    attach,
    crash,
    event,
    event_id,
    signal,
    signal_id,
    write,
)

TONE = {"type": "rating", "name": "tone", "slot": "rating:tone"}
TOPIC = {"type": "label", "name": "topic", "slot": "label:topic"}


def changes_of(store, *rows, uncounted=()):
    """Store events and signals and attach them, as one writer does."""
    events = add_events(store, *(row for row in rows if "slot" not in row))
    signals = add_signals(store, *(row for row in rows if "slot" in row))
    return attach(store, events, signals, uncounted=uncounted)


def by_number(changes):
    """The signs of signals, in the order given."""
    return [(change.signal_id, change.sign) for change in changes]


def signs(*pairs):
    return [(signal_id(number), sign) for number, sign in pairs]


def test_a_change_carries_name_value_user_and_key(store):
    said = [
        signal(1, **TONE, value="4", user_hash="a"),
        signal(2, **TOPIC, value='"billing"', user_hash="b", through_public_key=True),
        signal(3, type="report"),
    ]

    changes = changes_of(store, event(1), *said)

    assert changes == [
        SignalChange(signal_id(1), event_id(1), SignalType.RATING, 1, "tone", "4", "a", False),
        SignalChange(signal_id(2), event_id(1), SignalType.LABEL, 1, "topic", '"billing"', "b", True),
        SignalChange(signal_id(3), event_id(1), SignalType.REPORT, 1, "", None, "", False),
    ]


def test_signals_that_stay_live_are_told_beside_a_change_of_their_event(store):
    write(store, event(1), event(2), signal(1), signal(2, type="report"), signal(3, user_hash="b"), signal(9, of=2))

    changes = changes_of(store, signal(4, type="thumbs_down"))

    assert by_number(changes) == signs((1, -1), (2, 0), (3, 0), (4, 1))


def test_without_a_change_nothing_is_told(store):
    write(store, event(1), signal(2), signal(3, type="report"))

    assert changes_of(store, signal(1, type="thumbs_down"), event(2)) == []


def test_a_retraction_leaves_the_other_slots(store):
    write(store, event(1), signal(1, **TONE, value="4"), signal(2, **TONE | {"name": "", "slot": "rating"}, value="5"))
    write(store, signal(3, **TOPIC, value='"billing"'))

    changes = changes_of(store, signal(4, **TONE, retracted=True))

    assert by_number(changes) == signs((1, -1), (2, 0), (3, 0))
    assert [(change.name, change.value) for change in changes] == [("tone", "4"), ("", "5"), ("topic", '"billing"')]


def test_another_value_of_a_named_slot_replaces_the_first(store):
    write(store, event(1), signal(1, **TOPIC, value='"billing"'), signal(2, **TONE, value="1"))

    changes = changes_of(store, signal(3, **TOPIC, value='"refund"'))

    assert by_number(changes) == signs((1, -1), (2, 0), (3, 1))
    assert [change.value for change in changes] == ['"billing"', "1", '"refund"']


def test_a_second_attempt_tells_the_same(store):
    write(store, event(1), signal(1), signal(2, type="report"))
    with crash(store):
        first = changes_of(store, signal(3, type="thumbs_down"), signal(4, type="report", retracted=True))

    add_signals(store, signal(3, type="thumbs_down"), signal(4, type="report", retracted=True))
    again = attach(store, signals=[signal_id(3), signal_id(4)])

    assert by_number(first) == signs((1, -1), (2, -1), (3, 1))
    assert again == first


def test_what_other_writers_have_not_counted_is_neither_before_nor_after(lasting_store):
    store = lasting_store
    write(store, event(1), signal(1), signal(2, type="report"))
    add_signals(store, signal(3, type="share"), signal(4, type="thumbs_down"), signal(5, type="report", retracted=True))
    others = {signal_id(3), signal_id(5)}

    mine = attach(store, signals=[signal_id(4)], uncounted=others)
    again = attach(store, signals=[signal_id(4)], uncounted=others)
    theirs = attach(store, signals=others)

    assert by_number(mine) == by_number(again) == signs((1, -1), (2, 0), (4, 1))
    assert by_number(theirs) == signs((2, -1), (3, 1), (4, 0))

"""Signals that take back what was said, and those that are about a whole session."""

import pytest

from feedback.choices import SignalState
from feedback.stores.base import SignalFilter
from tests.feedback.stores.rows import all_signals, event, signal, signal_id, states, write

HISTORY = SignalState.HISTORY
EDIT = {"type": "edit"}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param([signal(1), signal(2, retracted=True)], [{1: 1}, {1: -1}], id="taken back"),
        pytest.param([signal(2, retracted=True), signal(1)], [{}, {}], id="taken back before it came"),
        pytest.param(
            [signal(1), signal(2, retracted=True), signal(3, type="thumbs_down")],
            [{1: 1}, {1: -1}, {3: 1}],
            id="taken back and said anew",
        ),
        pytest.param([signal(1), signal(2, retracted=True, user_hash="b")], [{1: 1}, {}], id="another takes back"),
        pytest.param(
            [signal(1, **EDIT), signal(2, **EDIT, edited_response="", retracted=True)],
            [{1: 1}, {1: -1}],
            id="an edit taken back",
        ),
        pytest.param(
            [signal(1, type="rating", slot="rating:tone"), signal(2, type="rating", slot="rating:tone#1")],
            [{1: 1}, {2: 1}],
            id="messages of their own",
        ),
    ],
)
def test_a_retraction_is_the_last_of_its_slot_and_not_live(store, said, expected):
    write(store, event(1))

    assert [write(store, one) for one in said] == expected
    # Nothing changes when the same is attached again.
    assert write(store, event(2)) == {}


def test_a_signal_about_a_session_is_kept_and_attached_to_nothing(store):
    about = signal(1, event_id=None, session_hash="ab12", message_index=3, waiting=False)

    changes = write(store, event(1, session_hash="ab12"), about)

    assert changes == {}
    assert states(store) == {1: HISTORY}
    (row,) = all_signals(store)
    assert (row["event_id"], row["session_hash"], row["message_index"]) == (None, "ab12", 3)
    where = SignalFilter(session_hash="ab12", state=None)
    assert [row["id"] for row in store.scan_signals(where, ["id"]).read_all().to_pylist()] == [signal_id(1)]
    assert store.count_signals(SignalFilter(session_hash="cd34", state=None)) == 0

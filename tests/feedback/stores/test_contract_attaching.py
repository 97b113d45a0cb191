"""Signals find their events in whatever order they come, and one of every slot is live."""

import pytest

from feedback.choices import SignalState, SignalType
from feedback.deployments import policies
from feedback.stores.base import SignalChange
from tests.factories import DeploymentFactory
from tests.feedback.stores.rows import (
    add_events,
    add_signals,
    all_signals,
    attach,
    crash,
    event,
    event_id,
    found,
    minutes,
    number_of,
    signal,
    signal_id,
    signs,
    states,
    write,
)

LIVE, HISTORY, WAITING = SignalState.LIVE, SignalState.HISTORY, SignalState.WAITING
BY_NAME = {"event_id": None, "external_id": "ticket 7"}
EDIT = {"type": "edit"}


@pytest.mark.parametrize("named", [{}, {"deployment_id": ""}, BY_NAME], ids=["id", "id alone", "external id"])
@pytest.mark.parametrize("order", ["signal first", "event first", "together"])
def test_a_signal_finds_its_event(store, named, order):
    about, said = event(1, external_id="ticket 7"), signal(1, **named)
    batches = {"signal first": [[said], [about]], "event first": [[about], [said]], "together": [[about, said]]}[order]

    changes = [write(store, *batch) for batch in batches]

    assert changes == [*[{}] * (len(batches) - 1), {1: 1}]
    (row,) = all_signals(store)
    assert (row["event_id"], row["deployment_id"]) == (event_id(1), "helpdesk")
    assert states(store) == {1: LIVE}
    assert found(store, signal="thumbs_up") == [1]


def test_a_change_says_which_signal_of_which_event(store):
    add_events(store, event(1))
    add_signals(store, signal(7, type="report"))

    changes = attach(store, signals=[signal_id(7)])

    assert changes == [SignalChange(signal_id(7), event_id(1), SignalType.REPORT, 1)]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param([signal(1), signal(2, type="thumbs_down")], [{1: 1}, {1: -1, 2: 1}], id="up then down"),
        pytest.param([signal(2), signal(1)], [{2: 1}, {}], id="older after newer"),
        pytest.param([signal(1), signal(2)], [{1: 1}, {1: -1, 2: 1}], id="the same again"),
        pytest.param(
            [signal(2, occurred_at=minutes(0)), signal(1, occurred_at=minutes(0), received_at=minutes(3))],
            [{2: 1}, {2: -1, 1: 1}],
            id="received later",
        ),
        pytest.param(
            [signal(n, occurred_at=minutes(0), received_at=minutes(0)) for n in (2, 1)], [{2: 1}, {}], id="greater id"
        ),
        pytest.param([signal(1), signal(2, type="report")], [{1: 1}, {2: 1}], id="slots of their own"),
        pytest.param([signal(1, user_hash="a"), signal(2, user_hash="b")], [{1: 1}, {2: 1}], id="users of their own"),
        pytest.param([signal(1), signal(2, user_hash="b")], [{1: 1}, {2: 1}], id="somebody and nobody"),
        pytest.param([signal(1), signal(2, of=2)], [{1: 1}, {2: 1}], id="events of their own"),
    ],
)
def test_the_last_of_a_slot_is_live(store, said, expected):
    write(store, event(1), event(2))

    changes = [write(store, one) for one in said]

    assert changes == expected
    live = {number for change in expected for number, sign in change.items() if sign == 1}
    live -= {number for change in expected for number, sign in change.items() if sign == -1}
    assert states(store) == {number_of(row["id"]): LIVE if number_of(row["id"]) in live else HISTORY for row in said}


@pytest.mark.parametrize("order", [[1, 2, 3], [3, 2, 1], [2, 3, 1]])
def test_the_order_of_arrival_does_not_matter(store, order):
    rows = {1: signal(1), 2: signal(2, type="thumbs_down"), 3: event(1)}

    changes = [write(store, rows[number]) for number in order]

    totals = {number: sum(change.get(number, 0) for change in changes) for number in (1, 2)}
    assert totals == {1: 0, 2: 1}
    assert states(store) == {1: HISTORY, 2: LIVE}


@pytest.mark.parametrize(
    ("edit", "change", "expected"),
    [
        (signal(2, **EDIT, edited_response="Open the settings page."), {}, {1: LIVE, 2: HISTORY}),
        (signal(2, **EDIT, edited_response="Open the settings page. "), {1: -1, 2: 1}, {1: HISTORY, 2: LIVE}),
        (signal(2, **EDIT, edited_response="", content_dropped=True), {1: -1, 2: 1}, {1: HISTORY, 2: LIVE}),
        (signal(2, type="report", edited_response="Open the settings page."), {2: 1}, {1: LIVE, 2: LIVE}),
    ],
    ids=["equal to the response", "other", "dropped", "no edit"],
)
def test_an_edit_that_changes_nothing_does_not_count(store, edit, change, expected):
    write(store, event(1), signal(1, **EDIT))

    assert write(store, edit) == change
    assert states(store) == expected


def test_an_edit_that_waited_is_compared_with_the_response_that_comes(store):
    write(store, signal(1, **EDIT, edited_response="Open the settings page."))

    assert write(store, event(1)) == {}
    assert states(store) == {1: HISTORY}


@pytest.mark.parametrize(
    "said", [signal(1, deployment_id="other"), signal(1, **BY_NAME, deployment_id="other")], ids=["id", "external id"]
)
def test_a_signal_of_another_deployment_waits(store, said):
    changes = [write(store, said), write(store, event(1, external_id="ticket 7"))]

    assert changes == [{}, {}]
    assert states(store) == {1: WAITING}
    assert found(store, signal="thumbs_up") == []


def test_a_signal_of_another_deployment_takes_no_slot(store):
    write(store, event(1), signal(1))

    assert write(store, signal(2, type="thumbs_down", deployment_id="other")) == {}
    assert states(store) == {1: LIVE, 2: WAITING}


def test_a_signal_without_its_event_waits(store):
    changes = [write(store, event(1)), write(store, signal(1, of=2), signal(2, **BY_NAME))]

    assert changes == [{}, {}]
    assert states(store) == {1: WAITING, 2: WAITING}


def test_an_event_without_external_id_is_named_by_none(store):
    write(store, event(1), signal(1, event_id=None, external_id="x"))

    assert write(store, event(2)) == {}
    assert states(store) == {1: WAITING}


def test_an_external_id_names_the_newest_event_and_a_signal_stays_with_it(store):
    write(store, event(2, external_id="ticket 7"))
    write(store, event(1, external_id="ticket 7"), event(3, external_id="ticket 7", deployment_id="other"))

    first = write(store, signal(1, **BY_NAME))
    later = write(store, event(4, external_id="ticket 7"))
    second = write(store, signal(2, **BY_NAME))

    assert (first, later, second) == ({1: 1}, {}, {2: 1})
    assert [row["event_id"] for row in all_signals(store)] == [event_id(2), event_id(4)]


def test_of_two_events_of_one_moment_an_external_id_names_the_greater_id(store):
    write(store, *(event(n, external_id="ticket 7", occurred_at=minutes(0)) for n in (2, 3, 1)))

    write(store, signal(1, **BY_NAME))

    assert [row["event_id"] for row in all_signals(store)] == [event_id(3)]


def test_all_that_wait_for_an_external_id_find_it_at_once(store):
    write(store, signal(1, **BY_NAME), signal(2, **BY_NAME, type="thumbs_down"), signal(3, **BY_NAME, user_hash="b"))

    assert write(store, event(1, external_id="ticket 7")) == {2: 1, 3: 1}
    assert states(store) == {1: HISTORY, 2: LIVE, 3: LIVE}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ({"feedback_types": ["flag"]}, {1: WAITING, 2: LIVE}),
        ({"enabled": False}, {1: WAITING, 2: WAITING}),
        ({"sampling_rate": 0.5}, {1: LIVE, 2: LIVE}),
    ],
    ids=["flags only", "disabled", "sampled"],
)
def test_what_the_deployment_does_not_collect_goes_on_waiting(store, policy, expected):
    DeploymentFactory(id="helpdesk", **policy)
    policies.forget()

    write(store, signal(1, deployment_id=""), signal(2, deployment_id="", type="report"))
    changes = write(store, event(1))

    assert changes == {number: 1 for number, state in expected.items() if state == LIVE}
    assert states(store) == expected


def test_a_signal_of_another_event_does_not_touch_what_waits(store):
    DeploymentFactory(id="helpdesk", feedback_types=["flag"])
    policies.forget()
    write(store, event(1), signal(1, deployment_id=""))
    policies.Deployment.objects.filter(pk="helpdesk").update(feedback_types=["flag", "thumbs"])
    policies.forget()

    assert write(store, signal(2, type="report")) == {2: 1}
    assert states(store) == {1: WAITING, 2: LIVE}


def test_attaching_what_affects_nothing_changes_nothing(store):
    write(store, event(1), signal(1))

    assert (attach(store), write(store, event(2)), attach(store, [event_id(9)], [signal_id(9)])) == ([], {}, [])
    assert states(store) == {1: LIVE}


@pytest.mark.parametrize(
    ("there", "new"),
    [
        ([event(1)], [signal(1)]),
        ([signal(1)], [event(1)]),
        ([signal(1, deployment_id="")], [event(1)]),
        ([signal(1, **BY_NAME)], [event(1, external_id="ticket 7")]),
        ([event(1, external_id="ticket 7")], [signal(1, **BY_NAME)]),
        ([event(1), signal(1)], [signal(2, type="thumbs_down")]),
        ([event(1), signal(2)], [signal(1, type="thumbs_down")]),
        ([event(1), signal(1, **EDIT)], [signal(2, **EDIT, edited_response="Open the settings page.")]),
        ([event(1), signal(1)], [event(2), signal(2, of=2), signal(3, type="report"), signal(4)]),
    ],
    ids=[
        "signal",
        "event",
        "event of a signal by id alone",
        "event by name",
        "signal by name",
        "down",
        "older",
        "no edit",
        "many",
    ],
)
def test_a_writer_that_dies_and_attaches_again_reports_the_same_changes(store, there, new):
    write(store, *there)

    def turn():
        add_events(store, *(row for row in new if "slot" not in row))
        add_signals(store, *(row for row in new if "slot" in row))
        return attach(store, {r["id"] for r in new if "slot" not in r}, {r["id"] for r in new if "slot" in r})

    with crash(store):
        first = turn()
    left_behind = states(store)
    with crash(store):
        second = turn()
    last = turn()

    assert sorted(map(repr, first)) == sorted(map(repr, second)) == sorted(map(repr, last))
    assert set(signs(last).values()) <= {1, -1}
    assert store.shares_transaction or left_behind == states(store)


def test_what_other_writers_have_not_attached_does_not_count_yet(lasting_store):
    store = lasting_store
    write(store, event(1), signal(1))
    add_events(store, event(2))
    add_signals(store, signal(2, type="thumbs_down"), signal(3, type="thumbs_down"), signal(4, of=2))
    others = {event_id(2), signal_id(2)}

    changes = attach(store, signals={signal_id(3), signal_id(4)}, uncounted=others)
    again = attach(store, signals={signal_id(3), signal_id(4)}, uncounted=others)
    stored = states(store)
    theirs = attach(store, {event_id(2)}, {signal_id(2)})

    assert signs(changes) == signs(again) == {1: -1, 3: 1}
    assert stored == {1: HISTORY, 2: WAITING, 3: LIVE, 4: LIVE}
    assert signs(theirs) == {4: 1}
    assert states(store) == {1: HISTORY, 2: HISTORY, 3: LIVE, 4: LIVE}


def test_changes_of_two_writers_add_up_when_the_later_one_attaches_first(lasting_store):
    store = lasting_store
    add_events(store, event(1, external_id="ticket 7"))
    add_signals(store, signal(1, **BY_NAME), signal(2, **BY_NAME, type="thumbs_down"))

    second = attach(store, signals={signal_id(2)}, uncounted={event_id(1), signal_id(1)})
    first = attach(store, {event_id(1)}, {signal_id(1)})

    assert (second, signs(first)) == ([], {2: 1})
    assert states(store) == {1: HISTORY, 2: LIVE}

"""Scans give the columns asked for, in order, page by page, whatever is added meanwhile."""

from uuid import UUID

import pytest

from feedback.stores import schema
from feedback.stores.base import EventFilter, Paging, SignalFilter
from tests.feedback.stores.rows import (
    add_events,
    add_signals,
    event,
    event_id,
    found,
    found_signals,
    minutes,
    number_of,
    numbers,
    score,
    signal,
    signal_id,
    write,
)

# Each kind of row with the ways to add and to read it.
KINDS = pytest.mark.parametrize("kind", ["events", "signals"])


def scan(store, kind, columns=("id",), where=None, **options):
    if kind == "events":
        return store.scan(EventFilter(**where or {}), columns, Paging(**options))
    return store.scan_signals(SignalFilter(state=None, **where or {}), columns, Paging(**options))


def add(store, kind, *rows):
    """rows: (number, minute) of rows to add."""
    if kind == "events":
        add_events(store, *(event(number, occurred_at=minutes(minute)) for number, minute in rows))
    else:
        add_signals(store, *(signal(number, occurred_at=minutes(minute)) for number, minute in rows))


# Two pairs share a moment, and the order of arrival is no order of time. Ids below and above are left for others.
ROWS = [(1_004, 20), (1_001, 30), (1_003, 10), (1_002, 20), (1_006, 10), (1_005, 40)]
IN_ORDER = [1_003, 1_006, 1_002, 1_004, 1_001, 1_005]


@KINDS
def test_nothing_there_is_a_stream_of_the_right_columns(store, kind):
    columns = schema.EVENT if kind == "events" else schema.SIGNAL

    reader = scan(store, kind, columns.names)

    assert reader.schema == columns
    assert reader.read_all() == columns.empty_table()


@KINDS
def test_nothing_found_is_a_stream_of_the_right_columns(store, kind):
    write(store, event(1, user_hash="a", external_id="x"), signal(1))
    fields = schema.EVENT if kind == "events" else schema.SIGNAL
    nowhere = [{"ids": []}, {"deployment_ids": []}, {"external_ids": []}, {"user_hashes": []}, {"deployment_id": "no"}]

    for where in nowhere:
        for columns in (fields.names, ["occurred_at", "id"]):
            reader = scan(store, kind, columns, where)

            assert reader.schema == schema.columns(fields, columns)
            assert reader.read_all().num_rows == 0


def test_nothing_to_remove_count_or_read_is_no_error(store):
    assert (store.count(EventFilter()), store.count_signals(SignalFilter())) == (0, 0)
    assert store.scores([event_id(1)]) == store.scores([]) == schema.SCORE.empty_table()
    assert store.embeddings([event_id(1)]) == store.embeddings([]) == schema.EMBEDDING.empty_table()
    assert (store.remove_events([event_id(1)]), store.remove_events([])) == ((set(), 0), (set(), 0))
    assert (store.remove_signals([signal_id(1)]), store.remove_signals([])) == (0, 0)
    store.append_embeddings(schema.EMBEDDING.empty_table())
    store.remove_embeddings([event_id(1)])


@KINDS
def test_a_scan_goes_by_time_and_then_by_id(store, kind):
    add(store, kind, *ROWS)

    newest_first, oldest_first = scan(store, kind), scan(store, kind, newest_first=False)

    assert numbers(newest_first) == IN_ORDER[::-1]
    assert numbers(oldest_first) == IN_ORDER


@KINDS
def test_columns_come_in_the_order_asked_for(store, kind):
    add(store, kind, (1, 10))
    fields = schema.EVENT if kind == "events" else schema.SIGNAL

    for names in (["received_at", "id"], ["metadata"], ["external_id", "occurred_at"], fields.names[::-1]):
        table = scan(store, kind, names).read_all()

        assert table.schema == schema.columns(fields, names)
        assert table.num_rows == 1


@KINDS
def test_an_unknown_column_is_a_key_error_that_names_it(store, kind):
    with pytest.raises(KeyError, match="colour"):
        scan(store, kind, ["id", "colour"])


SLICES = [
    ({"limit": 2}, [1_005, 1_001]),
    ({"limit": 0}, []),
    ({"limit": 100}, IN_ORDER[::-1]),
    ({"skip": 4}, [1_006, 1_003]),
    ({"skip": 100}, []),
    ({"skip": 1, "limit": 3}, [1_001, 1_004, 1_002]),
    ({"skip": 5, "limit": 3}, [1_003]),
    ({"skip": 1, "limit": 4, "batch_size": 1}, [1_001, 1_004, 1_002, 1_006]),
    ({"skip": 1, "limit": 4, "newest_first": False}, [1_006, 1_002, 1_004, 1_001]),
]


@KINDS
def test_limit_and_skip(store, kind):
    add(store, kind, *ROWS)

    assert [(options, numbers(scan(store, kind, **options))) for options, _ in SLICES] == SLICES


@KINDS
@pytest.mark.parametrize("columns", [["id"], ["id", "metadata"]], ids=["narrow", "wide"])
def test_no_batch_is_larger_than_asked(store, kind, columns):
    add(store, kind, *ROWS)

    for batch_size in (1, 2, 4, 6, 7):
        batches = list(scan(store, kind, columns, batch_size=batch_size))

        assert max(batch.num_rows for batch in batches) <= batch_size
        assert [number_of(item_id) for batch in batches for item_id in batch["id"].to_pylist()] == IN_ORDER[::-1]


def test_counting_ends_at_the_bound(store):
    add(store, "events", *ROWS)
    add(store, "signals", *ROWS)
    bounds = {None: 6, 0: 0, 1: 1, 5: 5, 6: 6, 7: 6}

    assert {bound: store.count(EventFilter(), at_most=bound) for bound in bounds} == bounds
    assert {bound: store.count_signals(SignalFilter(state=None), at_most=bound) for bound in bounds} == bounds


def test_a_count_is_of_what_matches(store):
    write(store, event(1), event(2, deployment_id="other"), event(3), signal(1), signal(2, of=3), signal(3, of=9))

    assert store.count(EventFilter(deployment_id="helpdesk")) == 2
    assert store.count(EventFilter(deployment_id="helpdesk"), at_most=1) == 1
    assert store.count_signals(SignalFilter()) == 2
    assert store.count_signals(SignalFilter(state=None), at_most=2) == 2


@KINDS
@pytest.mark.parametrize("newest_first", [True, False])
def test_paging_while_rows_are_added_neither_skips_nor_repeats(store, kind, newest_first):
    add(store, kind, *ROWS)
    # Where the pages have been: at the very beginning, and with a smaller or greater id in the moment just read.
    beginning, passed = (60, range(2_000, 2_100)) if newest_first else (0, range(1, 100))
    seen, where, turn = [], {}, 0

    while True:
        page = scan(store, kind, ["occurred_at", "id"], where, newest_first=newest_first, limit=2).read_all()
        if not page.num_rows:
            break
        seen += [number_of(item_id) for item_id in page["id"].to_pylist()]
        moment = page["occurred_at"][-1].as_py()
        where = {"older_than" if newest_first else "newer_than": (moment, UUID(page["id"][-1].as_py()))}
        minute = (moment - minutes(0)).total_seconds() / 60
        add(store, kind, (passed[2 * turn], beginning), (passed[2 * turn + 1], minute))
        turn += 1

    assert seen == (IN_ORDER[::-1] if newest_first else IN_ORDER)


@KINDS
@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("columns", [["id"], ["id", "metadata"]], ids=["narrow", "wide"])
def test_a_scan_under_way_neither_skips_nor_repeats_what_was_there(store, kind, newest_first, columns):
    add(store, kind, *ROWS)

    reader = scan(store, kind, columns, newest_first=newest_first, batch_size=2)
    seen = reader.read_next_batch()["id"].to_pylist()
    add(store, kind, (1, 50), (2, 0), (3, 20), (2_000, 10), (2_001, 30))
    seen += reader.read_all()["id"].to_pylist()

    seen = [number_of(item_id) for item_id in seen]
    assert [number for number in seen if number in IN_ORDER] == (IN_ORDER[::-1] if newest_first else IN_ORDER)
    assert len(seen) == len(set(seen))


def test_two_scans_can_be_read_side_by_side(store):
    add(store, "events", *ROWS)
    add(store, "signals", *ROWS)

    readers = scan(store, "events", batch_size=1), scan(store, "signals", batch_size=1, newest_first=False)
    pairs = [[number_of(batch["id"][0].as_py()) for batch in pair] for pair in zip(*readers, strict=True)]

    assert pairs == [list(pair) for pair in zip(IN_ORDER[::-1], IN_ORDER, strict=True)]


def test_scores_come_by_event_and_assessor(store):
    scores = [score(2, assessor="checks"), score(1, assessor="checks", profile="crucible"), score(3)]
    add_events(store, *(event(number) for number in (1, 2, 3)), scores=scores)

    table = store.scores([UUID(event_id(2)), event_id(1), event_id(9)])

    assert table.schema == schema.SCORE
    assert [number_of(item_id) for item_id in table["event_id"].to_pylist()] == [1, 2]
    assert table["profile"].to_pylist() == ["crucible", "default"]


def test_rows_are_found_by_ids_of_either_form(store):
    write(store, *(event(number) for number in (1, 2, 3)), signal(1), signal(2, of=2))

    assert found(store, ids=[UUID(event_id(1)), event_id(3), event_id(9)]) == [3, 1]
    assert found_signals(store, ids=[UUID(signal_id(2)), signal_id(1)]) == [2, 1]
    assert found_signals(store, event_ids=[UUID(event_id(2))]) == [2]


def test_long_columns_are_cut_where_the_paging_says(store):
    long = {"prompt": "Grüße 😀 und mehr", "response": "ab", "metadata": '{"plan": "team"}'}
    add_events(store, event(1, messages=None, **long), event(2, prompt="", response="abc", metadata="{}"))

    columns = ("id", "prompt", "messages", "response", "metadata")
    rows = scan(store, "events", columns, newest_first=False, limit=2, characters=7).read_all().to_pylist()

    assert [(row["prompt"], row["messages"], row["response"], row["metadata"]) for row in rows] == [
        ("Grüße 😀", None, "ab", '{"plan"'),
        ("", None, "abc", "{}"),
    ]


def test_a_cut_column_is_searched_whole(store):
    add_events(store, event(1, prompt="Where do I change the password"), event(2, prompt="password"))

    found_rows = scan(
        store, "events", ("id", "prompt"), {"text": "password"}, newest_first=False, limit=5, characters=5
    )

    assert found_rows.read_all()["prompt"].to_pylist() == ["Where", "passw"]

"""A copy is equal to its source in everything, goes on where it ended, and mends what happened meanwhile."""

from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command

from feedback.models import CopyPlace
from feedback.stores import copying, named, schema
from feedback.stores.base import WHOLE, StoreMisconfigured, StoreUnavailable
from feedback.stores.memory import MemoryStore
from feedback.stores.postgres import PostgresStore
from tests.feedback.stores.clickhouse_engine import MEMORY, clickhouse
from tests.feedback.stores.rows import (
    add_events,
    add_signals,
    all_events,
    all_signals,
    event,
    event_id,
    found,
    minutes,
    score,
    signal,
    signal_id,
    states,
    write,
)

DAY = 60 * 24


@pytest.fixture
def target(db, settings):
    settings.CLICKHOUSE_URL = MEMORY
    with clickhouse() as empty:
        yield empty


@pytest.fixture
def source(target):
    """Events of three days with a gap, one without a score, vectors of one, and signals in every state."""
    store = PostgresStore()
    rows = [event(n, occurred_at=minutes(DAY * day)) for n, day in ((1, 0), (2, 0), (3, 1), (4, 9))]
    add_events(store, *rows, scores=[score(n) for n in (1, 2, 3)])
    vectors = [
        {"event_id": event_id(1), "field": field, "client": "test", "vector": [0.6, 0.8]} for field in ("prompt",)
    ]
    store.append_embeddings(schema.table(schema.EMBEDDING, vectors))
    write(store, signal(1), signal(2, type="thumbs_down"), signal(3, of=4), signal(4, of=8))
    return store


def copy(*options, source="postgres", target="clickhouse"):
    call_command("copy_events", "--from", source, "--to", target, *options)


def content(store):
    ids = [row["id"] for row in all_events(store)]
    return all_events(store), all_signals(store), store.scores(ids).to_pylist(), store.embeddings(ids).to_pylist()


def test_a_copy_has_events_scores_vectors_and_signals_with_their_states(source, target, capsys):
    copy()

    assert content(target) == content(source)
    assert len(content(target)[2]) == 3
    assert len(content(target)[3]) == 1
    assert "clickhouse: 4 events, 4 signals" in capsys.readouterr().out


def test_a_copy_can_go_back(source, target, db):
    copy()
    before = content(target)
    source.remove_events([event_id(n) for n in range(1, 5)])
    source.remove_signals([signal_id(4)])

    copy(source="clickhouse", target="postgres")

    assert content(source) == before


def test_a_second_copy_brings_what_is_new(source, target):
    copy()
    write(source, event(5, occurred_at=minutes(DAY * 20)), signal(5, of=5))

    copy()

    assert content(target) == content(source)


@pytest.mark.parametrize(
    "happens",
    [
        lambda store: add_events(store, event(9, occurred_at=minutes(-DAY * 3))),
        lambda store: write(store, signal(9, type="thumbs_down", occurred_at=minutes(1.5))),
        lambda store: write(store, signal(9, occurred_at=minutes(-DAY * 3)), event(8, occurred_at=minutes(2))),
        lambda store: store.remove_events([event_id(1)]),
        lambda store: store.remove_signals([signal_id(2)]),
        lambda store: store.append_embeddings(
            schema.table(
                schema.EMBEDDING,
                [{"event_id": event_id(2), "field": "prompt", "client": "test", "vector": [1.0, 0.0]}],
            )
        ),
    ],
    ids=["a late event", "a late signal", "an event waited for", "an erasure", "a removed signal", "a vector"],
)
def test_what_happens_behind_the_position_is_corrected(source, target, happens):
    copy()

    happens(source)
    copy()

    assert content(target) == content(source)


class GoesAway(MemoryStore):
    """A source that is away after the first batch."""

    def scan(self, where, columns, paging=WHOLE):
        batches = super().scan(where, columns, replace(paging, batch_size=2))
        return batches if paging.batch_size != copying.BATCH else _one_of(batches)


def _one_of(batches):
    yield batches.read_next_batch()
    raise StoreUnavailable("It is away.")


def test_a_copy_that_ended_goes_on_where_it_was(db):
    source, target = GoesAway(), MemoryStore()
    add_events(source, *(event(n) for n in (1, 2, 3)))
    route = copying.Route("one", "two", source, target)
    with pytest.raises(StoreUnavailable):
        copying.copy_new(route, lambda count: None)

    assert found(target) == [2, 1]
    assert copying.remaining(route) == 1

    steps = []
    copying.copy_new(copying.Route("one", "two", _copied(source), target), steps.append)

    assert found(target) == [3, 2, 1]
    assert steps == [1]
    copying.forget(route)
    assert copying.remaining(route) == 3


def _copied(store):
    plain = MemoryStore()
    add_events(plain, *all_events(store))
    return plain


def test_a_store_that_writers_write_into_keeps_what_only_it_has(source, target, settings):
    settings.EVENT_STORE = "clickhouse"
    add_events(target, event(7))
    add_signals(target, signal(7, of=7))

    with pytest.raises(CommandError, match="The stores differ"):
        copy()

    assert found(target) == [4, 3, 7, 2, 1]
    assert states(target).keys() == {1, 2, 3, 4, 7}


def test_places_are_kept_for_each_direction(source, target):
    copy()

    assert set(CopyPlace.objects.values_list("source", "target", "kind")) == {
        ("postgres", "clickhouse", "event"),
        ("postgres", "clickhouse", "signal"),
    }


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("postgres", "postgres"), "into itself"),
        (("postgres", "mysql"), "There is no event store mysql. EVENT_STORE is postgres, memory, clickhouse"),
        (("elastic.Store", "postgres"), "There is no event store elastic.Store"),
        (("postgres", "clickhouse"), "CLICKHOUSE_URL is empty"),
    ],
)
def test_a_wrong_name_is_reported(db, settings, names, message):
    settings.CLICKHOUSE_URL = ""

    with pytest.raises(CommandError, match=message):
        copy(source=names[0], target=names[1])


def test_a_store_is_named_by_its_name_or_its_class(settings):
    assert isinstance(named("feedback.stores.memory.MemoryStore"), MemoryStore)
    with pytest.raises(StoreMisconfigured):
        named("nothing")

"""Whatever comes twice, at once or changed is stored once, and every value comes back as it was given."""

import json
from datetime import UTC, datetime, timedelta
from threading import Barrier
from threading import Event as Flag

import pytest
from django.db import connection, transaction

from feedback.stores import schema
from tests.factories import NOON
from tests.feedback.stores.rows import (
    add_events,
    add_signals,
    all_events,
    all_signals,
    at_once,
    comparable,
    event,
    event_id,
    found,
    score,
    signal,
    signal_id,
)

BOUND = 1_000_000
# Of every plane its first and last characters that are no surrogates, and what text formats give a meaning to.
PLANES = "".join(chr(plane << 16 | place) for plane in range(17) for place in (1, 0x41, 0x1234, 0xFFFD, 0xFFFE, 0xFFFF))
AWKWARD = (
    "\ufeff\t\r\n\r \u2028\u2029\\\\N \\. \"'`,;{}[]()%_\x01\x08\x1f\x7f\x85\xa0 e\u0301 \u202eabc\u202c NULL null ''"
)


def test_the_same_batch_twice_is_stored_once(store):
    rows = [event(number) for number in range(1, 4)]
    signals = [signal(number) for number in range(1, 4)]

    first = add_events(store, *rows, scores=[score(1)]), add_signals(store, *signals)
    second = add_events(store, *rows, scores=[score(1)]), add_signals(store, *signals)

    assert first == ({event_id(n) for n in (1, 2, 3)}, {signal_id(n) for n in (1, 2, 3)})
    assert second == (set(), set())
    assert [row["id"] for row in all_events(store)] == [event_id(1), event_id(2), event_id(3)]
    assert [row["id"] for row in all_signals(store)] == [signal_id(1), signal_id(2), signal_id(3)]
    assert len(store.scores([event_id(1)])) == 1


def test_an_empty_batch_stores_nothing(store):
    assert (add_events(store), add_signals(store)) == (set(), set())
    assert (all_events(store), all_signals(store)) == ([], [])


def test_of_an_overlapping_batch_only_what_is_new_is_stored(store):
    add_events(store, event(1), event(2), scores=[score(1, score=0.1), score(2, score=0.2)])

    stored = add_events(store, event(2), event(3), scores=[score(2, score=0.9), score(3, score=0.3)])

    assert stored == {event_id(3)}
    assert store.scores([event_id(n) for n in (1, 2, 3)])["score"].to_pylist() == [0.1, 0.2, 0.3]


@pytest.mark.parametrize(
    "changed",
    [
        {"occurred_at": NOON - timedelta(days=400)},
        {"occurred_at": NOON + timedelta(days=400)},
        {"deployment_id": "another"},
        {"occurred_at": NOON - timedelta(days=400), "deployment_id": "another", "response": "Another answer."},
    ],
    ids=["earlier", "later", "elsewhere", "all other"],
)
def test_a_known_id_with_anything_else_changed_is_no_second_row(store, changed):
    add_events(store, event(1))
    add_signals(store, signal(1))
    before = all_events(store), all_signals(store)

    stored = add_events(store, event(1, **changed), scores=[score(1)])
    changed.pop("response", None)
    signals_stored = add_signals(store, signal(1, **changed))

    assert (stored, signals_stored) == (set(), set())
    assert (all_events(store), all_signals(store)) == before
    assert len(store.scores([event_id(1)])) == 0


@pytest.mark.django_db(transaction=True)
def test_two_writers_with_overlapping_batches_at_once_store_every_id_once(store):
    """Which of them brought an id, a store outside of the database's transactions leaves to the claims."""
    start, stored, signals_stored = Barrier(2), {}, {}

    def writer(name, first, last, shift):
        start.wait(timeout=10)
        span = range(first, last)
        stored[name] = add_events(store, *(event(n, response=name, occurred_at=NOON + shift) for n in span))
        signals_stored[name] = add_signals(store, *(signal(n, comment=name, occurred_at=NOON + shift) for n in span))

    at_once(
        lambda: writer("one", 1, 301, timedelta(0)),
        lambda: writer("two", 101, 401, timedelta(hours=30)),
    )

    for rows, returned, an_id, column in (
        (all_events(store), stored, event_id, "response"),
        (all_signals(store), signals_stored, signal_id, "comment"),
    ):
        assert sorted(row["id"] for row in rows) == sorted(an_id(number) for number in range(1, 401))
        assert sorted(returned["one"] | returned["two"]) == sorted(an_id(number) for number in range(1, 401))
        owners = {name: {row["id"] for row in rows if row[column] == name} for name in ("one", "two")}
        assert returned == owners or not store.shares_transaction


@pytest.mark.django_db(transaction=True)
def test_a_writer_that_comes_while_another_holds_its_transaction_open_stores_the_rest(store):
    written, stored = Flag(), {}

    def first():
        with transaction.atomic():
            stored["first"] = add_events(store, event(1), event(2, response="first"))
            written.set()
            connection.cursor().execute("SELECT pg_sleep(0.2)")

    def second():
        written.wait(timeout=10)
        stored["second"] = add_events(store, event(2, response="second", occurred_at=NOON), event(3))

    at_once(first, second)

    assert stored == {"first": {event_id(1), event_id(2)}, "second": {event_id(3)}}
    assert [row["response"] for row in all_events(store) if row["id"] == event_id(2)] == ["first"]
    assert found(store) == [3, 2, 1]


FULL_EVENT = {
    "external_id": "ticket 7",
    "model_version_id": "model-2",
    "prompt_version": "v3",
    "session_hash": "5" * 64,
    "user_hash": "a" * 64,
    "hash_key_id": "2026",
    "messages": '[{"role": "user", "content": "Hello \\"you\\"", "n": [1, 2.5, null, true]}]',
    "content_dropped": True,
    "latency_ms": 0.1 + 0.2,
    "prompt_tokens": 0,
    "completion_tokens": 2**31 - 1,
    "token_count": 7,
    "cost_usd": 1e-12,
    "finish_reason": "stop",
    "occurred_at": datetime(1970, 1, 2, 0, 0, 0, 1, tzinfo=UTC),
    "received_at": datetime(2099, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    "experiment": "b",
    "tags": ["", "plain", 'quo"te', "back\\slash", "com,ma", "{brace}", "NULL", "line\nbreak"],
    "trace_id": "0af7651916cd43dd8448eb211c80319c",
    "span_id": "b7ad6b7169203331",
    "metadata": '{"team": "Zürich", "deep": {"list": [{"a": 1}]}}',
    "masked": '{"EMAIL": 2}',
    "quality_score": 1 / 3,
}
FULL_SIGNAL = {
    "event_id": None,
    "external_id": "ticket 7",
    "value": '{"stars": 4}',
    "edited_response": "Better.",
    "comment": "No",
    "user_hash": "a" * 64,
    "hash_key_id": "2026",
    "content_dropped": True,
    "metadata": '{"page": "help"}',
    "masked": '{"PHONE": 1}',
    "occurred_at": datetime(1970, 1, 2, 0, 0, 0, 1, tzinfo=UTC),
    "received_at": datetime(2099, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
}


def test_every_column_comes_back_as_it_was_given(store):
    events = [event(1, **FULL_EVENT), event(2)]
    signals = [signal(1, **FULL_SIGNAL), signal(2, type="rating", value="5", deployment_id="")]
    scores = [score(1, score=1 / 3, checks='[{"name": "format", "score": 0.5}]'), score(2, score=0.0)]

    add_events(store, *events, scores=scores)
    add_signals(store, *signals)

    assert [comparable(row) for row in all_events(store)] == [comparable(row) for row in events]
    assert [comparable(row) for row in all_signals(store)] == [comparable(row) for row in signals]
    stored = store.scores([event_id(2), event_id(1)])
    assert [comparable(row) for row in stored.to_pylist()] == [comparable(row) for row in scores]
    assert stored.schema == schema.SCORE


@pytest.mark.parametrize("character", ["a", "\U0001f600"])
def test_texts_at_the_bound_come_back_whole(store, character):
    text = character * (BOUND - 1) + "."

    add_events(store, event(1, prompt=text, response=text), event(2, response=text[1:]))
    add_signals(store, signal(1, type="edit", edited_response=text, comment=text))

    first, second = all_events(store)
    assert (first["prompt"] == text, first["response"] == text, second["response"] == text[1:]) == (True, True, True)
    (edit,) = all_signals(store)
    assert (edit["edited_response"] == text, edit["comment"] == text) == (True, True)


@pytest.mark.parametrize(
    "text", [PLANES, AWKWARD, " ", "\n", "\\N", "\\."], ids=lambda text: f"{len(text)} {text[:2]!a}"
)
def test_every_character_but_nul_comes_back(store, text):
    labels = ("external_id", "model_version_id", "prompt_version", "finish_reason", "experiment", "trace_id", "span_id")
    fields = dict.fromkeys((*labels, "prompt", "response"), text) | {
        "tags": [text, text],
        "metadata": json.dumps({"a": text}, ensure_ascii=False),
        "messages": json.dumps([{"role": "user", "content": text}], ensure_ascii=False),
    }
    rows = [event(1, **fields), event(2, **fields)]
    said = signal(1, type="edit", edited_response=text, comment=text, external_id=text, value=json.dumps(text))

    add_events(store, *rows)
    add_signals(store, said)

    assert [comparable(row) for row in all_events(store)] == [comparable(row) for row in rows]
    assert [comparable(row) for row in all_signals(store)] == [comparable(said)]
    assert found(store, external_ids=[text]) == [2, 1]
    assert found(store, model_version_id=text) == [2, 1]

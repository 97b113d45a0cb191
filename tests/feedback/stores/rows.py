"""The least valid rows of a store, and the few ways of writing and reading them that the contract's tests share."""

import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

import pyarrow as pa
from django.db import connection, transaction

from feedback.choices import SignalState
from feedback.deployments import policies
from feedback.stores import locks, schema
from feedback.stores.base import EventFilter, EventStore, Paging, ScoreChanges, SignalChange, SignalFilter
from tests.factories import NOON

_SIGNAL = 1 << 64
JSON_COLUMNS = {"messages", "metadata", "masked", "value", "checks"}
STATES = {(False, True): SignalState.LIVE, (False, False): SignalState.HISTORY, (True, False): SignalState.WAITING}


def event_id(number: int) -> str:
    return str(UUID(int=number))


def signal_id(number: int) -> str:
    return str(UUID(int=_SIGNAL + number))


def number_of(item_id: str) -> int:
    return UUID(item_id).int % _SIGNAL


def minutes(number: float) -> datetime:
    """A moment that long after noon."""
    return NOON + timedelta(minutes=number)


def event(number: int, **fields) -> schema.Row:
    defaults = dict.fromkeys(schema.EVENT.names, "") | {
        "id": event_id(number),
        "deployment_id": "helpdesk",
        "prompt": "How do I reset my password?",
        "messages": None,
        "response": "Open the settings page.",
        "response_message": None,
        "tools_called": [],
        "tool_choice": None,
        "response_format": None,
        "feedback_shown": None,
        "training_allowed": True,
        "prompt_length": 27,
        "response_length": 23,
        "content_dropped": False,
        "latency_ms": None,
        "prompt_tokens": None,
        "completion_tokens": None,
        "token_count": None,
        "cost_usd": None,
        "occurred_at": minutes(number),
        "received_at": minutes(number),
        "tags": [],
        "metadata": "{}",
        "masked": "{}",
        "quality_score": None,
        "batch_id": str(UUID(int=1)),
    }
    return _with(defaults, fields)


def signal(number: int, **fields) -> schema.Row:
    """A thumbs up about event 1 unless something else is said; `of` is the number of another event."""
    kind = fields.get("type", "thumbs_up")
    fields = {"event_id": event_id(fields.pop("of", 1))} | fields
    defaults = dict.fromkeys(schema.SIGNAL.names, "") | {
        "id": signal_id(number),
        "deployment_id": "helpdesk",
        "type": kind,
        "slot": "thumbs" if kind.startswith("thumbs") else kind,
        "message_index": None,
        "retracted": False,
        "prompted": None,
        "value": None,
        "through_public_key": False,
        "edited_response": "Open the profile page." if kind == "edit" else "",
        "content_dropped": False,
        "metadata": "{}",
        "masked": "{}",
        "occurred_at": minutes(number),
        "received_at": minutes(number),
        "waiting": True,
        "live": False,
        "batch_id": str(UUID(int=2)),
    }
    return _with(defaults, fields)


def score(number: int, **fields) -> schema.Row:
    defaults = {
        "event_id": event_id(number),
        "assessor": "checks",
        "name": "quality",
        "profile": "default",
        "raw": fields.get("score", 0.75),
        "score": 0.75,
        "minimum": 0.0,
        "maximum": 1.0,
        "version": "1",
        "checks": "[]",
        "assessed_at": minutes(number),
    }
    return _with(defaults, fields)


def _with(defaults: schema.Row, fields: schema.Row) -> schema.Row:
    assert fields.keys() <= defaults.keys()
    return defaults | fields


def add_events(store: EventStore, *rows: schema.Row, scores: Iterable[schema.Row] = ()) -> set[str]:
    return store.append_events(schema.table(schema.EVENT, rows), schema.table(schema.SCORE, list(scores)))


def add_scores(store: EventStore, *rows: schema.Row) -> ScoreChanges:
    return store.append_scores(schema.table(schema.SCORE, rows))


def add_signals(store: EventStore, *rows: schema.Row) -> set[str]:
    return store.append_signals(schema.table(schema.SIGNAL, rows))


def attach(store: EventStore, events=(), signals=(), *, uncounted=()) -> list[SignalChange]:
    """Settle these ids under the lock, as writers do."""
    with transaction.atomic():
        locks.lock_signals()
        return store.attach_signals(
            set(events),
            set(signals),
            uncounted=frozenset(uncounted),
            uncollected=frozenset(policies.uncollected()),
        )


def write(store: EventStore, *rows: schema.Row) -> dict[int, int]:
    """Store events and signals and attach them, as one writer does; return the sign of every signal that changed."""
    events = add_events(store, *(row for row in rows if "slot" not in row))
    signals = add_signals(store, *(row for row in rows if "slot" in row))
    return signs(attach(store, events, signals))


def signs(changes: Iterable[SignalChange]) -> dict[int, int]:
    """The sign of every signal that changed, by its number."""
    return {number_of(change.signal_id): change.sign for change in changes if change.sign}


def numbers(reader: pa.RecordBatchReader) -> list[int]:
    """The numbers of the rows that a scan gives, in its order."""
    return [number_of(item_id) for item_id in reader.read_all()["id"].to_pylist()]


def found(store: EventStore, **where) -> list[int]:
    """The numbers of the events that match, newest first."""
    return numbers(store.scan(EventFilter(**where), ["id"]))


def found_signals(store: EventStore, **where) -> list[int]:
    return numbers(store.scan_signals(SignalFilter(**where), ["id"]))


def all_events(store: EventStore) -> list[schema.Row]:
    return store.scan(EventFilter(), schema.EVENT.names, Paging(newest_first=False)).read_all().to_pylist()


def all_signals(store: EventStore) -> list[schema.Row]:
    everything = SignalFilter(state=None)
    return store.scan_signals(everything, schema.SIGNAL.names, Paging(newest_first=False)).read_all().to_pylist()


def states(store: EventStore) -> dict[int, SignalState]:
    return {number_of(row["id"]): STATES[row["waiting"], row["live"]] for row in all_signals(store)}


def comparable(row: schema.Row) -> schema.Row:
    """JSON columns as what they say: a store may write the same value in other characters."""
    return {
        name: json.loads(value) if name in JSON_COLUMNS and value is not None else value for name, value in row.items()
    }


def at_once(*works: Callable[[], None]) -> None:
    """Run these in threads of their own, each with a connection of its own."""

    def run(work):
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(run, work) for work in works]:
            done.result(timeout=30)


@contextmanager
def crash(store: EventStore) -> Iterator[None]:
    """What is written inside is as a writer leaves it that dies before its transaction ends."""
    with transaction.atomic():
        yield
        transaction.set_rollback(store.shares_transaction)

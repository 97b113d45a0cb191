"""What is known of events: their live signals as votes, and their gold scores, read from the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from feedback.evidence.keeping.gold import gold_of
from feedback.evidence.keeping.tables import weight_tables
from feedback.evidence.votes import EventVotes, collect_each, voter_of
from feedback.evidence.weights import WeightTable
from feedback.quality import keys
from feedback.quality.assessment import answer_of_row
from feedback.stores import event_store
from feedback.stores.base import EventFilter, Paging, SignalFilter
from feedback.stores.schema import Row

# A batch is one statement: pages would each sort all of it.
_AT_ONCE = Paging(batch_size=1_000_000)
_EVENT = ("id", "deployment_id", "model_version_id", "prompt_version", "experiment", "occurred_at", "user_hash")
_TEXTS = ("prompt", "messages", "response", "response_message")
_SIGNAL = ("event_id", "type", "name", "value", "user_hash", "through_public_key")


@dataclass(frozen=True, slots=True)
class Known:
    """One event that has evidence."""

    event_id: str
    deployment_id: str
    model_version_id: str
    prompt_version: str
    experiment: str
    occurred_at: datetime
    votes: EventVotes
    gold: tuple[float, ...]
    weights_version: str
    answer_key: int


def gather(event_ids: Sequence[str]) -> list[Known]:
    """Those of these events that are stored and have a signal that counts or a gold score."""
    store = event_store()
    events = store.scan(EventFilter(ids=event_ids), (*_EVENT, *_TEXTS), _AT_ONCE).read_all()
    found = [events[name].to_pylist() for name in _EVENT[:-1]]
    tables = weight_tables(found[1])
    signals = store.scan_signals(SignalFilter(event_ids=event_ids), _SIGNAL, _AT_ONCE).read_all()
    votes = _votes(signals, events, tables)
    gold = gold_of(found[0])
    texts = events.select(_TEXTS).to_pylist()
    return [
        Known(event_id, name, *places, of_event, tuple(gold.get(event_id, ())), tables[name].version, _answer(text))
        for event_id, name, *places, of_event, text in zip(*found, votes, texts, strict=True)
        if of_event.voters or event_id in gold
    ]


def _answer(event: Row) -> int:
    """A key that is equal for events with the same normalised prompt and answer."""
    whole = keys.context_key(event) + keys.answer_key(answer_of_row(event))
    return xxhash.xxh3_64_intdigest(whole) - 2**63


def _votes(signals: pa.Table, events: pa.Table, tables: Mapping[str, WeightTable]) -> list[EventVotes]:
    """The votes on each event; signals about others are left out."""
    which = pc.index_in(signals["event_id"], value_set=events["id"].combine_chunks())
    signals = signals.filter(pc.is_valid(which))
    of_signals = pc.drop_null(which).to_numpy()
    asked = events.select(["deployment_id", "user_hash"]).take(of_signals)
    kinds, which_kind = _distinct(asked["deployment_id"], *(signals[name] for name in ("type", "name", "value")))
    said = np.array([tables[name].vote(*kind) for name, *kind in kinds], float).reshape(-1, 2)
    is_asker = pc.equal(signals["user_hash"], asked["user_hash"])
    users, which_user = _distinct(signals["user_hash"], signals["through_public_key"], is_asker)
    voters = np.array(
        [
            voter_of(user, event_user_hash=user if is_own else "", through_public_key=is_public)
            for user, is_public, is_own in users
        ],
        np.int64,
    )
    ups, downs = said[which_kind].T
    return collect_each(of_signals, voters[which_user], ups, downs, count=len(events))


def _distinct(*columns: pa.ChunkedArray) -> tuple[list[tuple], np.ndarray]:
    """The distinct rows of some columns, and which of them each row is."""
    encoded = [column.combine_chunks().dictionary_encode(null_encoding="encode") for column in columns]
    codes = np.zeros(len(columns[0]), np.int64)
    for one in encoded:
        codes = codes * max(1, len(one.dictionary)) + one.indices.to_numpy()
    _, first, which = np.unique(codes, return_index=True, return_inverse=True)
    return list(zip(*(column.take(first).to_pylist() for column in columns), strict=True)), which

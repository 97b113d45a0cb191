"""What is known of events: their live signals as votes, and their gold scores, read from the store."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from feedback.evidence.keeping.gold import gold_of
from feedback.evidence.keeping.tables import weight_tables
from feedback.evidence.votes import EventVotes, collect, voter_of
from feedback.evidence.weights import Vote, WeightTable
from feedback.stores import event_store
from feedback.stores.base import EventFilter, Paging, SignalFilter

# A batch is one statement: pages would each sort all of it.
_AT_ONCE = Paging(batch_size=1_000_000)
_EVENT = ("id", "deployment_id", "model_version_id", "prompt_version", "experiment", "occurred_at", "user_hash")
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


def gather(event_ids: Sequence[str]) -> list[Known]:
    """Those of these events that are stored and have a signal that counts or a gold score."""
    store = event_store()
    events = store.scan(EventFilter(ids=event_ids), _EVENT, _AT_ONCE).read_all()
    found = [events[name].to_pylist() for name in _EVENT]
    tables = weight_tables(found[1])
    askers = {event_id: (tables[name], user) for event_id, name, user in zip(found[0], found[1], found[6], strict=True)}
    votes = _votes(event_ids, askers)
    gold = gold_of(found[0])
    return [
        Known(event_id, name, *places, collect(votes[event_id]), tuple(gold.get(event_id, ())), tables[name].version)
        for event_id, name, *places, _ in zip(*found, strict=True)
        if event_id in votes or event_id in gold
    ]


def _votes(
    event_ids: Sequence[str], askers: Mapping[str, tuple[WeightTable, str]]
) -> dict[str, list[tuple[int, Vote]]]:
    """Voters and votes by event; an event whose signals all say nothing is left out."""
    signals = event_store().scan_signals(SignalFilter(event_ids=event_ids), _SIGNAL, _AT_ONCE).read_all()
    found: defaultdict[str, list[tuple[int, Vote]]] = defaultdict(list)
    columns = (signals[name].to_pylist() for name in _SIGNAL)
    for event_id, type, name, value, user_hash, is_public in zip(*columns, strict=True):
        if event_id in askers:
            table, asker = askers[event_id]
            vote = table.vote(type, name, value)
            if vote.up or vote.down:
                voter = voter_of(user_hash, event_user_hash=asker, through_public_key=is_public)
                found[event_id].append((voter, vote))
    return found

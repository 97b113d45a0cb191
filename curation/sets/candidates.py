"""Reads the candidates of a set: a deployment's newest events and those with the newest signals."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from curation.strategies.picks import Candidate
from feedback.choices import SignalType
from feedback.removal import objections
from feedback.stores import event_store
from feedback.stores.base import EventFilter, Paging, SignalFilter

EVENT_COLUMNS = (
    "id",
    "user_hash",
    "prompt",
    "messages",
    "response",
    "response_message",
    "quality_score",
    "model_version_id",
    "occurred_at",
)
SIGNAL_COLUMNS = ("event_id", "type", "user_hash", "edited_response", "occurred_at")
IDS_PER_QUERY = 2_000


def read(deployment_id: str, *, bound: int) -> list[Candidate]:
    """The newest `bound` events, and the events of the newest `bound` live signals, each event once.

    Events that may not be used for training are left out, and those of which only edits are left that may not.
    """
    events = _events(EventFilter(deployment_id=deployment_id, training_allowed=True), limit=bound)
    reacted = _rows(
        event_store().scan_signals(SignalFilter(deployment_id=deployment_id), ["event_id"], Paging(limit=bound))
    )
    older = sorted({row["event_id"] for row in reacted} - events.keys())
    for ids in _chunks(older):
        events |= _events(EventFilter(deployment_id=deployment_id, training_allowed=True, ids=ids))
    signals = defaultdict(list)
    for ids in _chunks(list(events)):
        for row in _rows(event_store().scan_signals(SignalFilter(event_ids=ids), SIGNAL_COLUMNS)):
            signals[row["event_id"]].append(row)
    objecting = _objecting(events, signals)
    allowed = [
        _candidate(event, signals[event_id], objecting)
        for event_id, event in events.items()
        if event["user_hash"] not in objecting
    ]
    return [candidate for candidate in allowed if candidate is not None]


def _objecting(events: dict[str, dict], signals: dict[str, list[dict]]) -> set[str]:
    """Those who object to training, among the users of events and of edits."""
    editors = (row["user_hash"] for rows in signals.values() for row in rows if row["type"] == SignalType.EDIT)
    return objections.objecting({*(event["user_hash"] for event in events.values()), *editors})


def _candidate(event: dict, signals: list[dict], objecting: set[str]) -> Candidate | None:
    """signals: the live signals of this event, newest first. None if every edit of it is by a user who objects."""
    edits = [row for row in signals if _changes(row, event["response"])]
    edit = next((row for row in edits if row["user_hash"] not in objecting), None)
    if edits and edit is None:
        return None
    return Candidate(
        event_id=event["id"],
        user_hash=event["user_hash"],
        prompt=event["prompt"],
        messages=event["messages"],
        response=event["response"],
        response_message=event["response_message"],
        quality=event["quality_score"],
        model_version_id=event["model_version_id"],
        occurred_at=event["occurred_at"],
        signals=Counter(row["type"] for row in signals),
        edited_response=edit["edited_response"] if edit else "",
        edited_at=edit["occurred_at"] if edit else None,
        editor_hash=edit["user_hash"] if edit else "",
    )


def _changes(signal: dict, response: str) -> bool:
    edited = signal["edited_response"].strip()
    return signal["type"] == SignalType.EDIT and bool(edited) and edited != response.strip()


def _events(where: EventFilter, limit: int | None = None) -> dict[str, dict]:
    return {row["id"]: row for row in _rows(event_store().scan(where, EVENT_COLUMNS, Paging(limit=limit)))}


def _rows(reader):
    for batch in reader:
        yield from batch.to_pylist()


def _chunks(ids: Sequence[str]):
    return (ids[start : start + IDS_PER_QUERY] for start in range(0, len(ids), IDS_PER_QUERY))

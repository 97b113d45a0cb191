"""Reads the candidates of a set: a deployment's newest events and those with the newest signals.

Events are read in small batches, and of each only what selection needs is kept; `complete` reads the texts of the
chosen ones. So memory grows with the size of the set and not with the texts of all candidates.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyarrow as pa

from curation.strategies.picks import Candidate, Pick
from feedback.choices import SignalType
from feedback.embeddings.clients import MAX_CHARACTERS
from feedback.removal import objections
from feedback.stores import event_store
from feedback.stores.base import EventFilter, Paging, SignalFilter

TEXTS = ("prompt", "messages", "response", "response_message")
EVENT_COLUMNS = ("id", "user_hash", *TEXTS, "quality_score", "model_version_id", "occurred_at")
SIGNAL_COLUMNS = ("id", "event_id", "type", "user_hash", "edited_response", "occurred_at")
# Events whose texts are in memory at a time.
BATCH = 100


def read(deployment_id: str, *, bound: int) -> list[Candidate]:
    """The newest `bound` events, and the events of the newest `bound` live signals, each event once.

    Their texts are cut and must be completed. Events that may not be used for training are left out, and those of which
    only edits are left that may not.
    """
    where = EventFilter(deployment_id=deployment_id, training_allowed=True)
    newest = _ids(event_store().scan(where, ["id"], Paging(limit=bound)), "id")
    of_deployment = SignalFilter(deployment_id=deployment_id)
    reacted = _ids(event_store().scan_signals(of_deployment, ["event_id"], Paging(limit=bound)), "event_id")
    found: list[Candidate] = []
    for ids in _chunks([*newest, *sorted({*reacted} - {*newest})], BATCH):
        found += _candidates(event_store().scan(replace(where, ids=ids), EVENT_COLUMNS, Paging(limit=len(ids))))
    return found


def complete(picks: Sequence[Pick]) -> Iterator[Pick]:
    """The picks with their whole texts, in order; one whose event or edit was deleted meanwhile is left out."""
    for some in _chunks(picks, BATCH):
        candidates = [pick.candidate for pick in some]
        where = EventFilter(ids=[candidate.event_id for candidate in candidates])
        texts = {row["id"]: row for row in _rows(event_store().scan(where, ["id", *TEXTS]))}
        edits = _edits([candidate.edit_id for candidate in candidates if candidate.edit_id])
        for pick in some:
            row, edit = texts.get(pick.candidate.event_id), edits.get(pick.candidate.edit_id, "")
            if row is not None and bool(edit) == bool(pick.candidate.edit_id):
                whole = replace(pick.candidate, **{name: row[name] for name in TEXTS}, edited_response=edit)
                yield replace(pick, candidate=whole)


def _edits(signal_ids: list[str]) -> dict[str, str]:
    if not signal_ids:
        return {}
    found = event_store().scan_signals(SignalFilter(ids=signal_ids), ["id", "edited_response"])
    return {row["id"]: row["edited_response"] for row in _rows(found)}


def _candidates(reader: pa.RecordBatchReader) -> list[Candidate]:
    """Those of these events that may be used."""
    events = list(_rows(reader))
    signals = defaultdict(list)
    if events:
        of_these = SignalFilter(event_ids=[event["id"] for event in events])
        for row in _rows(event_store().scan_signals(of_these, SIGNAL_COLUMNS)):
            signals[row["event_id"]].append(row)
    objecting = _objecting(events, signals)
    allowed = [
        _candidate(event, signals[event["id"]], objecting) for event in events if event["user_hash"] not in objecting
    ]
    return [candidate for candidate in allowed if candidate is not None]


def _objecting(events: list[dict], signals: dict[str, list[dict]]) -> set[str]:
    """Those who object to training, among the users of events and of edits."""
    editors = (row["user_hash"] for rows in signals.values() for row in rows if row["type"] == SignalType.EDIT)
    return objections.objecting({*(event["user_hash"] for event in events), *editors})


def _candidate(event: dict, signals: list[dict], objecting: set[str]) -> Candidate | None:
    """signals: the live signals of this event, newest first. None if every edit of it is by a user who objects."""
    edits = [row for row in signals if _changes(row, event["response"])]
    edit = next((row for row in edits if row["user_hash"] not in objecting), None)
    if edits and edit is None:
        return None
    return Candidate(
        event_id=event["id"],
        user_hash=event["user_hash"],
        prompt=event["prompt"][:MAX_CHARACTERS],
        response=_sign_of(event["response"].strip() or event["response_message"]),
        digest=_digest(event),
        quality=event["quality_score"],
        model_version_id=event["model_version_id"],
        occurred_at=event["occurred_at"],
        signals=Counter(row["type"] for row in signals),
        edited_response=_sign_of(edit["edited_response"].strip()) if edit else "",
        edit_id=edit["id"] if edit else "",
        edited_at=edit["occurred_at"] if edit else None,
        editor_hash=edit["user_hash"] if edit else "",
    )


def _changes(signal: dict, response: str) -> bool:
    edited = signal["edited_response"].strip()
    return signal["type"] == SignalType.EDIT and bool(edited) and edited != response.strip()


def _sign_of(text: str | None) -> str:
    """As much of a text as says whether there is any."""
    return (text or "")[:1]


def _digest(event: dict) -> str:
    """Equal for events with the same texts."""
    content = event["messages"] or event["prompt"], event["response_message"] or event["response"]
    return hashlib.sha256("\0".join(content).encode()).hexdigest()


def _ids(reader: pa.RecordBatchReader, column: str) -> list[str]:
    return [event_id for batch in reader for event_id in batch[column].to_pylist()]


def _rows(reader: pa.RecordBatchReader) -> Iterator[dict]:
    for batch in reader:
        yield from batch.to_pylist()


def _chunks(items: Sequence, size: int) -> Iterator[Sequence]:
    return (items[start : start + size] for start in range(0, len(items), size))

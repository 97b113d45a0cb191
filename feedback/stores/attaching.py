"""Attaches signals to events: which signals have an event, which one of a slot is live, and what that changes."""

from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, replace
from datetime import datetime

from feedback.choices import SignalType
from feedback.stores.base import SignalChange


@dataclass(frozen=True, slots=True)
class EventFacts:
    """The facts of an event that attaching needs. `response` matters only if the event has an edit."""

    id: str
    deployment_id: str
    external_id: str
    occurred_at: datetime
    response: str | bytes | None


@dataclass(frozen=True, slots=True)
class SignalFacts:
    """The facts of a signal that attaching needs, named like the columns; the last four are the stored state."""

    id: str
    type: str
    name: str
    value: str | None
    slot: str
    user_hash: str
    through_public_key: bool
    external_id: str
    edited_response: str | bytes | None
    content_dropped: bool
    retracted: bool
    occurred_at: datetime
    received_at: datetime
    event_id: str | None
    deployment_id: str
    waiting: bool
    live: bool

    @property
    def standing(self) -> "Standing":
        return Standing(self.event_id, self.deployment_id, self.waiting, self.live)


@dataclass(frozen=True, slots=True)
class Standing:
    """The columns of a signal that attaching may change."""

    event_id: str | None
    deployment_id: str
    waiting: bool
    live: bool


@dataclass(frozen=True)
class Attachments:
    """updates: by signal id, what is to be stored, where that differs from what is. changes: in order of signal id, of
    every event with a change also the signals that stay live.
    """

    updates: dict[str, Standing]
    changes: list[SignalChange]


EVENT_COLUMNS = tuple(field.name for field in fields(EventFacts))
SIGNAL_COLUMNS = tuple(field.name for field in fields(SignalFacts))


def attach(
    events: Iterable[EventFacts],
    signals: Sequence[SignalFacts],
    *,
    event_ids: AbstractSet[str],
    signal_ids: AbstractSet[str],
    uncounted: AbstractSet[str] = frozenset(),
    uncollected: Collection[str] = (),
) -> Attachments:
    """Attach signals to their events, and leave one live signal in every affected slot.

    events: those of `event_ids`; those that `signal_ids` name by event_id; and for every (deployment_id, external_id)
    of one of `event_ids`, or of one of `signal_ids` that waits without an event_id, the newest event there is.
    More do no harm.
    signals: those of `signal_ids`; all whose event_id is one of `events`; and all that wait without an event_id and
    share (deployment_id, external_id) with one of `events`. More do no harm.
    response and edited_response: both are the text, or both the same digest of it.
    event_ids, signal_ids: newly stored. uncounted: stored by other writers, not attached yet.
    uncollected: `deployment type` of signals that a deployment does not collect, see `feedback.deployments.policies`.

    The updates follow from everything given. The changes are those between two states without `uncounted`: one
    also without `event_ids` and `signal_ids`, and one with them. So they stay the same when the updates are already
    stored, and over all writers they add up to what is live in the end. Beside them are the signals that are live in
    both states, of the events that differ between the two.
    """
    by_id = {event.id: event for event in events}
    attached = _attach(by_id, signals, event_ids, signal_ids, frozenset(uncollected))
    touched = set(event_ids)
    for before, after in zip(signals, attached, strict=True):
        if after.event_id is not None and (after.id in signal_ids or after.waiting != before.waiting):
            touched.add(after.event_id)
    telling = [signal for signal in attached if signal.event_id in touched and _counts(signal, by_id)]

    live = _latest(telling)
    after = _latest(telling, without_events=uncounted, without_signals=uncounted)
    before = _latest(telling, without_events=uncounted | event_ids, without_signals=uncounted | signal_ids)

    with_live = (
        replace(signal, live=signal.id in live) if signal.event_id in touched else signal for signal in attached
    )
    return Attachments(
        updates={
            new.id: new.standing for old, new in zip(signals, with_live, strict=True) if new.standing != old.standing
        },
        changes=_changes(telling, before, after),
    )


def _changes(signals: Iterable[SignalFacts], before: AbstractSet[str], after: AbstractSet[str]) -> list[SignalChange]:
    """What became or ceased to be live, and what stayed so beside it."""
    counted = sorted((signal for signal in signals if signal.id in before | after), key=lambda signal: signal.id)
    changed = {signal.event_id for signal in counted if (signal.id in after) != (signal.id in before)}
    return [
        SignalChange(
            signal.id,
            signal.event_id,
            SignalType(signal.type),
            (signal.id in after) - (signal.id in before),
            signal.name,
            signal.value,
            signal.user_hash,
            signal.through_public_key,
            signal.deployment_id,
        )
        for signal in counted
        if signal.event_id is not None and signal.event_id in changed
    ]


def _attach(
    events: dict[str, EventFacts],
    signals: Sequence[SignalFacts],
    event_ids: AbstractSet[str],
    signal_ids: AbstractSet[str],
    uncollected: AbstractSet[str],
) -> list[SignalFacts]:
    """The signals in the order given, attached where they can be."""
    newest = _newest_by_external_id(events.values(), signals, event_ids, signal_ids)

    def attached(signal: SignalFacts) -> SignalFacts:
        if not signal.waiting:
            return signal
        if signal.event_id is None:
            event = newest.get((signal.deployment_id, signal.external_id))
            return replace(signal, event_id=event.id, waiting=False) if event else signal
        event = events.get(signal.event_id)
        if event is None or not (signal.id in signal_ids or event.id in event_ids):
            return signal
        # Only now its deployment is known: it may name another one, or be of a type that is not collected.
        if signal.deployment_id not in ("", event.deployment_id):
            return signal
        if f"{event.deployment_id} {signal.type}" in uncollected:
            return signal
        return replace(signal, deployment_id=event.deployment_id, waiting=False)

    return [attached(signal) for signal in signals]


def _newest_by_external_id(
    events: Iterable[EventFacts],
    signals: Sequence[SignalFacts],
    event_ids: AbstractSet[str],
    signal_ids: AbstractSet[str],
) -> dict[tuple[str, str], EventFacts]:
    """By (deployment_id, external_id) of what is new, the event that signals attach to."""
    events = [event for event in events if event.external_id]
    wanted = {(event.deployment_id, event.external_id) for event in events if event.id in event_ids}
    wanted |= {
        (signal.deployment_id, signal.external_id)
        for signal in signals
        if signal.waiting and signal.event_id is None and signal.id in signal_ids
    }
    in_order = sorted(events, key=lambda event: (event.occurred_at, event.id))
    newest = {(event.deployment_id, event.external_id): event for event in in_order}
    return {name: event for name, event in newest.items() if name in wanted}


def _counts(signal: SignalFacts, events: dict[str, EventFacts]) -> bool:
    """Whether a signal is attached and, if it is an edit, differs from the response; a retraction takes its slot."""
    event = events.get(signal.event_id)
    if signal.waiting or event is None:
        return False
    if signal.type != SignalType.EDIT or signal.content_dropped or signal.retracted:
        return True
    return signal.edited_response != event.response


def _latest(
    signals: Iterable[SignalFacts],
    *,
    without_events: AbstractSet[str] = frozenset(),
    without_signals: AbstractSet[str] = frozenset(),
) -> set[str]:
    """The ids of the last signal of every slot, as if some events and signals were not there.

    None for a slot whose last signal takes back what was said before.
    """
    there = (s for s in signals if s.event_id not in without_events and s.id not in without_signals)
    in_order = sorted(there, key=lambda signal: (signal.occurred_at, signal.received_at, signal.id))
    last = {(signal.event_id, signal.user_hash, signal.slot): signal for signal in in_order}
    return {signal.id for signal in last.values() if not signal.retracted}

"""The events that signals and scores are about, and the deployments that follow from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec
from django.db import DatabaseError, InterfaceError, OperationalError

from feedback.choices import SignalType
from feedback.field_errors import FieldError
from feedback.ingestion.items import InvalidItem, ScoreItem, SignalItem
from feedback.ingestion.parsing.bodies import RawItem
from feedback.stores import event_store
from feedback.stores.base import EventFilter


@dataclass(frozen=True)
class KnownEvent:
    """The facts of an event that a signal needs."""

    deployment_id: str
    response: str | None


class Targets:
    """The stored events that the items of a request name; those of other deployments than `allowed` are unknown."""

    def __init__(self, allowed: frozenset[str] | None, raw_items: Sequence[RawItem]):
        self.allowed = allowed
        self.events: dict[str, KnownEvent] = {}
        self.outage: DatabaseError | None = None
        try:
            self.events = _known_events(raw_items, allowed)
        except (OperationalError, InterfaceError) as error:
            self.outage = error

    def is_unplaced(self, item: SignalItem | ScoreItem) -> bool:
        """Whether nothing says which deployment an item belongs to, and an item of any deployment may be sent."""
        return item.deployment_id is None and self.allowed is None and str(item.event_id) not in self.events

    def deployment_of(self, item: SignalItem | ScoreItem) -> str:
        """The deployment that an item names, or that of its event.

        Raises InvalidItem, and the database's error if the outcome depends on an event that cannot be read.
        """
        event = self.events.get(str(item.event_id))
        if event is not None:
            if item.deployment_id not in (None, event.deployment_id):
                message = f"This event belongs to deployment {event.deployment_id}"
                raise InvalidItem([FieldError("deployment_id", "mismatch", message)])
            return event.deployment_id
        if item.deployment_id is not None:
            return item.deployment_id
        if self.allowed is not None and len(self.allowed) == 1:
            return next(iter(self.allowed))
        if self.outage is not None:
            raise self.outage
        message = "deployment_id is required because this event is not stored yet"
        raise InvalidItem([FieldError("deployment_id", "required", message)])


class _Named(msgspec.Struct):
    event_id: UUID | None = None
    type: str = ""


_NAMED = msgspec.json.Decoder(_Named)


def _known_events(raw_items: Sequence[RawItem], allowed: frozenset[str] | None) -> dict[str, KnownEvent]:
    named = list(filter(None, map(_named, raw_items)))
    edited = {str(item.event_id) for item in named if item.type in (SignalType.EDIT, "correction")}
    others = {str(item.event_id) for item in named} - edited
    known = _scan(others, ["id", "deployment_id"], allowed)
    return known | _scan(edited, ["id", "deployment_id", "response"], allowed)


def _named(raw: RawItem) -> _Named | None:
    try:
        item = _NAMED.decode(raw.data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return item if item.event_id else None


def _scan(ids: set[str], columns: list[str], allowed: frozenset[str] | None) -> dict[str, KnownEvent]:
    if not ids:
        return {}
    where = EventFilter(ids=[UUID(event_id) for event_id in ids], deployment_ids=allowed and sorted(allowed))
    found = event_store().scan(where, columns).read_all().to_pylist()
    return {row["id"]: KnownEvent(row["deployment_id"], row.get("response")) for row in found}

"""Which events a window holds, as the caller says it: newest by count, by time, or one model version."""

from dataclasses import dataclass
from datetime import datetime

MAX_EVENTS = 20_000
# Far above any store, far below what a database can count to.
MAX_SKIP = 10**12


class InvalidWindow(ValueError):
    """A window that cannot be used, and its field that says so; an empty field means the window as a whole."""

    def __init__(self, field: str, message: str):
        super().__init__(message)
        self.field = field
        self.message = message


@dataclass(frozen=True)
class Window:
    """Exactly one kind: `last_events` after `skip` newer ones; `start_at` up to, not including, `end_at`; a version."""

    last_events: int | None = None
    skip: int = 0
    start_at: datetime | None = None
    end_at: datetime | None = None
    model_version_id: str | None = None

    def as_json(self) -> dict:
        if self.last_events is not None:
            return {"last_events": self.last_events, "skip": self.skip}
        if self.start_at is not None:
            return {"from": self.start_at.isoformat(), "to": self.end_at.isoformat()}
        return {"model_version_id": self.model_version_id}

    @property
    def words(self) -> str:
        if self.last_events is not None:
            return f"newest {self.last_events:,} events" + (f" after the newest {self.skip:,}" if self.skip else "")
        if self.start_at is not None:
            return f"{self.start_at:%Y-%m-%d %H:%M} to {self.end_at:%Y-%m-%d %H:%M} UTC"
        return f"model version {self.model_version_id}"


def parse(asked: dict) -> Window:
    """The window of a JSON object whose values are of the right type; times may be ISO 8601 text."""
    asked = {key: value for key, value in asked.items() if value is not None}
    if "baseline" in asked:
        raise InvalidWindow("baseline", f"There is no baseline with this name: {asked['baseline']}.")
    kinds = [set(asked) & {"last_events", "skip"}, set(asked) & {"from", "to"}, set(asked) & {"model_version_id"}]
    if sum(bool(kind) for kind in kinds) != 1:
        raise InvalidWindow("", "Give one of last_events (with skip), from and to, model_version_id, or baseline.")
    if kinds[0] and "last_events" not in asked:
        raise InvalidWindow("last_events", "skip needs last_events.")
    if len(kinds[1]) == 1:
        raise InvalidWindow("", "Give both from and to.")
    start_at, end_at = _time(asked, "from"), _time(asked, "to")
    if start_at is not None and start_at >= end_at:
        raise InvalidWindow("to", "to must be later than from.")
    return Window(asked.get("last_events"), asked.get("skip", 0), start_at, end_at, asked.get("model_version_id"))


def _time(asked, key):
    value = asked.get(key)
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if value is not None and value.tzinfo is None:
        raise InvalidWindow(key, f"{key} needs a time zone.")
    return value


def resolve(reference: Window | None, current: Window | None, *, size: int) -> tuple[Window, Window]:
    """Fill in what was left out: the newest `size` events, compared with what lies just before.

    Raises InvalidWindow when the two are known to share events.
    """
    current = current or Window(last_events=size)
    if reference is None:
        reference = _just_before(current, size)
    if _overlap(reference, current):
        raise InvalidWindow("reference", "The reference and the current window overlap.")
    return reference, current


def _just_before(current, size):
    if current.last_events is not None:
        return Window(last_events=size, skip=current.skip + current.last_events)
    if current.start_at is not None:
        return Window(start_at=_as_long_before(current), end_at=current.start_at)
    raise InvalidWindow("reference", "A current window by model version needs a reference window.")


def _as_long_before(window):
    try:
        return window.start_at - (window.end_at - window.start_at)
    except OverflowError as error:
        raise InvalidWindow("reference", "No time lies as long before the current window: give a reference.") from error


def _overlap(one, other):
    if one.last_events is not None and other.last_events is not None:
        return one.skip < other.skip + other.last_events and other.skip < one.skip + one.last_events
    if one.start_at is not None and other.start_at is not None:
        return one.start_at < other.end_at and other.start_at < one.end_at
    return one.model_version_id is not None and one.model_version_id == other.model_version_id

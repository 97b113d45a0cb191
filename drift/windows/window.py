"""Windows as requested, and the rules for the two windows of a report."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from feedback.choices import MAX_WINDOW_EVENTS
from feedback.times import WEEK, whole_hours

# Larger windows are read from rollups, hour by hour.
MAX_EVENTS = MAX_WINDOW_EVENTS
# Far above the size of any store, far below the limit of a database integer.
MAX_SKIP = 10**12
LONGEST_TRAILING_HOURS = 24 * 366
MOST_WEEKS = 12
# Hours and weeks can be subtracted from any time between these.
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
Span = tuple[datetime, datetime]


class InvalidWindow(ValueError):
    """An invalid window with the field at fault; an empty field means the window as a whole."""

    def __init__(self, field: str, message: str):
        super().__init__(message)
        self.field = field
        self.message = message


@dataclass(frozen=True)
class Window:
    """Exactly one kind: a number of events, a time, a version, a baseline, or relative to the current window.

    `last_events` after `skip` newer ones; `start_at` up to, not including, `end_at`. `trailing_hours` that end
    `gap_hours` before the current window (as the current window: before now). The hours of the week of the current
    window in the `season_weeks` before it. The version before that of the current
    window.
    """

    last_events: int | None = None
    skip: int = 0
    start_at: datetime | None = None
    end_at: datetime | None = None
    model_version_id: str | None = None
    prompt_version: str | None = None
    baseline: str | None = None
    trailing_hours: int | None = None
    gap_hours: int = 0
    season_weeks: int | None = None
    previous_version: bool = False

    @property
    def hours(self) -> Span | None:
        """The whole hours that a window by time covers."""
        return None if self.start_at is None or self.end_at is None else whole_hours(self.start_at, self.end_at)

    @property
    def is_by_count(self) -> bool:
        return self.last_events is not None and self.last_events <= MAX_EVENTS

    @property
    def depends_on_current(self) -> bool:
        return self.trailing_hours is not None or self.season_weeks is not None

    @property
    def key(self) -> str:
        """The kind of window; scheduled reports with the same kind share a history."""
        if self.baseline is not None:
            return f"baseline:{self.baseline}"
        return next(field.name for field in fields(self) if getattr(self, field.name) != field.default)

    def as_json(self) -> dict:
        if self.last_events is not None:
            return {"last_events": self.last_events, "skip": self.skip}
        if self.start_at is not None and self.end_at is not None:
            return {"from": self.start_at.isoformat(), "to": self.end_at.isoformat()}
        if self.trailing_hours is not None:
            return {"trailing": {"hours": self.trailing_hours, "gap_hours": self.gap_hours}}
        if self.season_weeks is not None:
            return {"season": {"weeks": self.season_weeks}}
        name = self.key.partition(":")[0]
        return {name: getattr(self, name)}

    def describe(self, before: str) -> str:
        """The window as text. before: what trailing hours end before."""
        if self.last_events is not None:
            newest = _number("newest {} event", self.last_events)
            return newest + (f", skipping the {self.skip:,} newest" if self.skip else "")
        if self.start_at is not None:
            return f"{self.start_at:%Y-%m-%d %H:%M} to {self.end_at:%Y-%m-%d %H:%M} UTC"
        if self.trailing_hours is not None:
            gap = f", ending {_number('{} hour', self.gap_hours)}" if self.gap_hours else ""
            return f"{_number('{} hour', self.trailing_hours)}{gap} before {before}"
        if self.season_weeks is not None:
            return f"the same hours of the week, {_number('{} week', self.season_weeks)} before"
        if self.previous_version:
            return "the previous model version"
        name, value = next(iter(self.as_json().items()))
        return f"{name.removesuffix('_id').replace('_', ' ')} {value}"


def _number(template: str, number: int) -> str:
    return template.format(f"{number:,}") + ("" if number == 1 else "s")


_KINDS = (
    {"last_events", "skip"},
    {"from", "to"},
    {"model_version_id"},
    {"prompt_version"},
    {"baseline"},
    {"trailing"},
    {"season"},
    {"previous_version"},
)
_CHOICES = (
    "Specify exactly one of last_events (with skip), from and to, model_version_id, prompt_version, baseline, "
    "trailing, season or previous_version."
)


def parse(asked: dict) -> Window:
    """The window of a JSON object whose values are of the right type; times may be ISO 8601 text."""
    asked = {key: value for key, value in asked.items() if value is not None}
    if sum(bool(kind & set(asked)) for kind in _KINDS) != 1:
        raise InvalidWindow("", _CHOICES)
    if "skip" in asked and "last_events" not in asked:
        raise InvalidWindow("last_events", "skip requires last_events.")
    if len({"from", "to"} & set(asked)) == 1:
        raise InvalidWindow("", "Specify both from and to.")
    if asked.get("previous_version") is False:
        raise InvalidWindow("previous_version", "previous_version can only be true.")
    start_at, end_at = read_time(asked, "from"), read_time(asked, "to")
    if start_at is not None and end_at is not None and start_at >= end_at:
        raise InvalidWindow("to", "to must be later than from.")
    return Window(
        last_events=asked.get("last_events"),
        skip=asked.get("skip", 0),
        start_at=start_at,
        end_at=end_at,
        model_version_id=asked.get("model_version_id"),
        prompt_version=asked.get("prompt_version"),
        baseline=asked.get("baseline"),
        previous_version=asked.get("previous_version", False),
        season_weeks=asked.get("season", {}).get("weeks"),
        **_trailing(asked.get("trailing")),
    )


def read_time(asked: Mapping[str, Any], key: str) -> datetime | None:
    """The aware time under this key, which may be ISO 8601 text. Raises InvalidWindow."""
    value = asked.get(key)
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if value is not None and value.tzinfo is None:
        raise InvalidWindow(key, f"{key} must have a time zone.")
    if value is not None and not EARLIEST <= value <= LATEST:
        raise InvalidWindow(key, f"{key} must be between {EARLIEST.year} and {LATEST.year}.")
    return value


def _trailing(asked: Mapping[str, Any] | None) -> dict[str, Any]:
    if asked is None:
        return {}
    hours, days = asked.get("hours"), asked.get("days")
    if (hours is None) == (days is None):
        raise InvalidWindow("trailing", "Specify either hours or days.")
    return {"trailing_hours": hours if days is None else 24 * days, "gap_hours": asked.get("gap_hours", 0)}


def resolve(reference: Window | None, current: Window | None, *, size: int) -> tuple[Window, Window]:
    """Fill in defaults: the newest `size` events, compared with the events just before.

    Raises InvalidWindow if the windows are known to overlap or cannot be combined.
    """
    current = current or Window(last_events=size)
    if current.season_weeks is not None or current.previous_version:
        raise InvalidWindow("current", "season and previous_version are only allowed for the reference window.")
    if reference is None:
        reference = _just_before(current, size)
    if reference.previous_version and current.model_version_id is None:
        raise InvalidWindow("reference", "previous_version requires a current window with model_version_id.")
    if reference.season_weeks and current.hours and current.hours[1] - current.hours[0] > WEEK:
        raise InvalidWindow("reference", "season requires a current window of at most one week.")
    if _overlap(reference, current):
        widened = " Windows by time are widened to whole hours." if current.hours else ""
        raise InvalidWindow("reference", f"The reference and the current window overlap.{widened}")
    return reference, current


def newest_pair(size: int) -> tuple[Window, Window]:
    """The `size` events before the newest `size`, as the reference, and the newest."""
    return Window(last_events=size, skip=size), Window(last_events=size)


def _just_before(current: Window, size: int) -> Window:
    if current.last_events is not None:
        size = size if current.is_by_count else current.last_events
        return Window(last_events=size, skip=current.skip + current.last_events)
    if current.hours is not None:
        return Window(start_at=_as_long_before(current.hours), end_at=current.hours[0])
    if current.trailing_hours is not None:
        return Window(trailing_hours=current.trailing_hours)
    raise InvalidWindow("reference", "A current window by version or baseline requires a reference window.")


def _as_long_before(span: Span) -> datetime:
    try:
        return span[0] - (span[1] - span[0])
    except OverflowError as error:
        raise InvalidWindow(
            "reference", "The time before the current window is out of range; specify a reference window."
        ) from error


def _overlap(one: Window, other: Window) -> bool:
    if one.last_events is not None and other.last_events is not None:
        return one.skip < other.skip + other.last_events and other.skip < one.skip + one.last_events
    if one.hours and other.hours:
        return one.hours[0] < other.hours[1] and other.hours[0] < one.hours[1]
    same = ("model_version_id", "prompt_version", "baseline")
    return any(getattr(one, name) is not None and getattr(one, name) == getattr(other, name) for name in same)

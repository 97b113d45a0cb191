"""Arms of a comparison as requested: which events of a deployment each of them holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from drift.windows.window import MAX_SKIP, InvalidWindow, read_time

FEWEST_ARMS, MOST_ARMS = 2, 8
_FIELDS = ("model_version_id", "prompt_version", "experiment", "segment")
_CHOICES = (
    "Specify at least one of model_version_id, prompt_version, experiment, segment (key=value), from and to, "
    "last_events or baseline."
)


class InvalidArm(ValueError):
    """An invalid arm with the field at fault; an empty field means the arm as a whole."""

    def __init__(self, field: str, message: str):
        super().__init__(message)
        self.field = field
        self.message = message


@dataclass(frozen=True)
class Arm:
    """The events that have all of these; at least one is set.

    segment: `key=value` of metadata. `last_events` are the newest of those events, after `skip` newer ones.
    baseline: the name of one, whose events it holds as far as they are stored.
    """

    model_version_id: str | None = None
    prompt_version: str | None = None
    experiment: str | None = None
    segment: str | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None
    last_events: int | None = None
    skip: int = 0
    baseline: str | None = None

    @property
    def is_filtered(self) -> bool:
        """Whether events must be read to know if they belong to it."""
        return self.experiment is not None or self.segment is not None

    def as_json(self) -> dict:
        found: dict[str, Any] = {name: getattr(self, name) for name in _FIELDS if getattr(self, name) is not None}
        if self.start_at is not None and self.end_at is not None:
            found |= {"from": self.start_at.isoformat(), "to": self.end_at.isoformat()}
        if self.last_events is not None:
            found |= {"last_events": self.last_events, "skip": self.skip}
        return found | ({"baseline": self.baseline} if self.baseline is not None else {})

    def describe(self) -> str:
        parts = [getattr(self, name) for name in _FIELDS if getattr(self, name) is not None]
        if self.start_at is not None and self.end_at is not None:
            parts.append(f"{self.start_at:%Y-%m-%d %H:%M} to {self.end_at:%Y-%m-%d %H:%M} UTC")
        if self.last_events is not None:
            newest = f"newest {self.last_events:,} events"
            parts.append(f"{newest}, skipping the {self.skip:,} newest" if self.skip else newest)
        if self.baseline is not None:
            parts.append(f"baseline {self.baseline}")
        return ", ".join(part or "(none)" for part in parts)


def parse_arm(asked: Mapping[str, Any] | str) -> Arm:
    """Return the arm of a JSON object, or of a text, which is a model version.

    Parameters
    ----------
    asked : mapping or str
        Values of the right type; times may be ISO 8601 text.

    Returns
    -------
    Arm

    Raises
    ------
    InvalidArm
        If nothing is set, or what is set cannot be combined.

    Examples
    --------
    >>> parse_arm("v1").describe(), parse_arm({"experiment": "short", "segment": "plan=pro"}).describe()
    ('v1', 'short, plan=pro')
    """
    if isinstance(asked, str):
        asked = {"model_version_id": asked}
    given = {name: value for name, value in asked.items() if value is not None}
    if not set(given) - {"skip"}:
        raise InvalidArm("", _CHOICES)
    if len({"from", "to"} & set(given)) == 1:
        raise InvalidArm("", "Specify both from and to.")
    if "skip" in given and "last_events" not in given:
        raise InvalidArm("last_events", "skip requires last_events.")
    if "baseline" in given and len(given) > 1:
        raise InvalidArm("baseline", "A baseline cannot be combined with anything else.")
    if "=" not in given.get("segment", "="):
        raise InvalidArm("segment", "A segment is a metadata key and its value, such as plan=pro.")
    try:
        start_at, end_at = read_time(given, "from"), read_time(given, "to")
    except InvalidWindow as error:
        raise InvalidArm(error.field, error.message) from error
    if start_at is not None and end_at is not None and start_at >= end_at:
        raise InvalidArm("to", "to must be later than from.")
    exact = {name: given.get(name) for name in (*_FIELDS, "last_events", "baseline")}
    return Arm(**exact, skip=min(given.get("skip", 0), MAX_SKIP), start_at=start_at, end_at=end_at)


def names_of(arms: Sequence[Arm]) -> list[str]:
    """Return a name for each arm that says how it differs from the others.

    Parameters
    ----------
    arms : sequence of Arm

    Returns
    -------
    list of str

    Examples
    --------
    >>> names_of([Arm(model_version_id="v1", experiment="e"), Arm(model_version_id="v2", experiment="e")])
    ['v1', 'v2']
    """
    shared = [name for name in _FIELDS if len({getattr(arm, name) for arm in arms}) == 1]
    names = []
    for arm in arms:
        own = dict.fromkeys(shared)
        rest = Arm(**{**arm.__dict__, **own}).describe()
        names.append(rest or arm.describe())
    return names

"""The keys that count in drift_detection and retraining_trigger of a Feedback.Config; others are kept as sent."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from feedback.choices import MAX_WINDOW_EVENTS, DriftMethod
from feedback.field_errors import FieldError

LARGEST_COUNT = 1_000_000_000
LONGEST_HOURS = 366 * 24
LARGEST_INDEX = 100

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Key:
    """Which values a key may have, in words and as a function of the value and its document."""

    allowed: str
    is_valid: Callable[[Any, Document], bool]


@dataclass(frozen=True)
class Detection:
    """What drift_detection says; None where it says nothing.

    method: which measure of a drift report the trigger compares with the threshold.
    """

    is_enabled: bool
    method: DriftMethod
    threshold: float | None
    window_size: int | None
    alerts: bool


def _is_number(value: Any, least: float, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def _is_whole(value: Any, least: int, most: int) -> bool:
    return _is_number(value, least, most) and float(value).is_integer()


def _is_drift_threshold(value: Any, document: Document) -> bool:
    return _is_number(value, 0, LARGEST_INDEX if document.get("method") == DriftMethod.PSI else 1)


_SWITCH = Key("true or false", lambda value, _: isinstance(value, bool))
DETECTION = {
    "enabled": _SWITCH,
    "method": Key(f"one of {', '.join(DriftMethod.values)}", lambda value, _: value in DriftMethod.values),
    "threshold": Key(
        f"a number from 0 to 1, or to {LARGEST_INDEX} with method {DriftMethod.PSI.value}", _is_drift_threshold
    ),
    "window_size": Key(
        f"a whole number of events from 1 to {MAX_WINDOW_EVENTS:,}",
        lambda value, _: _is_whole(value, 1, MAX_WINDOW_EVENTS),
    ),
    "alert_on_drift": _SWITCH,
}
TRIGGER = {
    "enabled": _SWITCH,
    "min_feedback_count": Key(
        f"a whole number of events from 1 to {LARGEST_COUNT:,}", lambda value, _: _is_whole(value, 1, LARGEST_COUNT)
    ),
    "accuracy_threshold": Key("a score from 0 to 1", lambda value, _: _is_number(value, 0, 1)),
    "check_interval_hours": Key(
        f"a number of hours above 0, at most {LONGEST_HOURS:,}",
        lambda value, _: _is_number(value, 0, LONGEST_HOURS) and value > 0,
    ),
}
KEYS = {"drift_detection": DETECTION, "retraining_trigger": TRIGGER}


def key_problems(field: str, document: Document) -> Iterator[FieldError]:
    """An error for each key that counts and has a value that it cannot have; null is no value."""
    for name, key in KEYS.get(field, {}).items():
        value = document.get(name)
        if value is not None and not key.is_valid(value, document):
            yield FieldError(f"{field}.{name}", "invalid", f"{name} of {field} must be {key.allowed}")


def usable(field: str, document: Document | None) -> dict[str, Any]:
    """The keys that count with their values, without values that earlier versions stored and a key cannot have."""
    found = document or {}
    return {
        name: found[name]
        for name, key in KEYS[field].items()
        if found.get(name) is not None and key.is_valid(found[name], found)
    }


def detection_of(document: Document | None) -> Detection:
    """What drift_detection of a deployment says."""
    found = usable("drift_detection", document)
    size = found.get("window_size")
    return Detection(
        is_enabled=found.get("enabled", True),
        method=DriftMethod(found.get("method", DriftMethod.STANDARD)),
        threshold=found.get("threshold"),
        window_size=None if size is None else int(size),
        alerts=found.get("alert_on_drift", True),
    )

"""What a check of triggers is limited to: some types, a threshold of its own, the events of the last hours."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import inf
from typing import Any

from drift.choices import TriggerName, TriggerType, threshold_problem
from drift.triggers.rules import Effective
from drift.windows.window import LONGEST_TRAILING_HOURS, Window
from feedback.field_errors import FieldError

_TRIGGERS = {
    TriggerType.DRIFT: TriggerName.DRIFT_THRESHOLD,
    TriggerType.ACCURACY: TriggerName.QUALITY_DROP,
    TriggerType.VOLUME: TriggerName.DATA_COUNT,
    TriggerType.FEEDBACK: TriggerName.QUALITY_DROP,
}


@dataclass(frozen=True)
class Narrowing:
    """types: None for every trigger, the schedule included. threshold: in place of those of the types, except of volume
    unless it is the only type. window_hours: events from before count for none of the types.

    With a threshold or hours, feedback has the threshold of approval as its only condition: a fall of approval is
    judged over windows of its own.
    """

    types: tuple[TriggerType, ...] | None = None
    threshold: float | None = None
    window_hours: int | None = None

    @property
    def within(self) -> str:
        """The hours, for the end of a phrase."""
        if not self.window_hours:
            return ""
        return " of the last hour" if self.window_hours == 1 else f" of the last {self.window_hours:,} hours"

    @property
    def days(self) -> float:
        return self.window_hours / 24 if self.window_hours else inf

    @property
    def current_window(self) -> Window:
        """The window of the drift report of these hours."""
        return Window(trailing_hours=self.window_hours)

    def has(self, name: TriggerName) -> bool:
        """Whether this trigger is evaluated."""
        return self.types is None or name in {_TRIGGERS[one] for one in self.types}

    def occurred_from(self, now: datetime) -> datetime | None:
        return now - timedelta(hours=self.window_hours) if self.window_hours else None

    def applied(self, rules: Iterable[Effective]) -> list[Effective]:
        """The settings with which these triggers are evaluated."""
        return [replace(rule, **self._changes(rule)) for rule in rules if self.has(rule.name)]

    def problems(self) -> list[FieldError]:
        """What is out of range, by field."""
        found = []
        if self.types == ():
            found.append(FieldError("trigger_types", "empty", "trigger_types must name at least one type."))
        of = TriggerName.DATA_COUNT if self._is_volume else TriggerName.DRIFT_THRESHOLD
        if self.threshold is not None and threshold_problem(of, self.threshold):
            allowed = "a whole number of events, from 1" if self._is_volume else "a score from 0 to 1"
            found.append(FieldError("threshold", "out_of_range", f"threshold must be {allowed}."))
        if self.window_hours is not None and not 1 <= self.window_hours <= LONGEST_TRAILING_HOURS:
            message = f"window_hours must be from 1 to {LONGEST_TRAILING_HOURS:,}."
            found.append(FieldError("window_hours", "out_of_range", message))
        return found

    @property
    def _is_volume(self) -> bool:
        """Whether the threshold is a number of events."""
        return self.types is not None and set(self.types) == {TriggerType.VOLUME}

    def _changes(self, rule: Effective) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        is_score = rule.name in (TriggerName.DRIFT_THRESHOLD, TriggerName.QUALITY_DROP)
        if self.threshold is not None and (is_score or self._is_volume):
            changes["threshold"] = self.threshold
        if rule.name == TriggerName.QUALITY_DROP:
            changes |= self._changes_of_quality(rule)
        return changes

    def _changes_of_quality(self, rule: Effective) -> dict[str, Any]:
        types = TriggerType if self.types is None else self.types
        changes: dict[str, Any] = {"form": TriggerType.ACCURACY in types}
        if TriggerType.FEEDBACK not in types:
            return changes | {"feedback_threshold": None, "feedback_drop": False}
        if self.threshold is not None:
            changes["feedback_threshold"] = self.threshold
        if self.threshold is not None or self.window_hours is not None:
            changes["feedback_drop"] = False
        return changes


EVERYTHING = Narrowing()

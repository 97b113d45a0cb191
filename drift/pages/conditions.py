"""The conditions of an evaluation of quality drop, as its page shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drift.choices import IntervalOf, QualityArm, TriggerOutcome
from drift.models import TriggerEvaluation

# A condition that holds may not fire its trigger: the trigger may rest, or another condition comes first.
_OUTCOMES = {
    TriggerOutcome.FIRED: ("Holds", "warning"),
    TriggerOutcome.QUIET: ("Does not hold", "success"),
    TriggerOutcome.NO_DATA: ("Not enough data", "info"),
    TriggerOutcome.OFF: ("Off", ""),
}


@dataclass(frozen=True)
class ConditionRow:
    """One condition with its figures as texts."""

    name: str
    outcome: str
    tone: str
    is_on: bool
    value: str
    threshold: str
    interval: str
    events: int
    users: int | None
    audits: int
    reason: str


def rows(evaluation: TriggerEvaluation) -> list[ConditionRow]:
    """The conditions in the order in which they count; none for other triggers."""
    arms = evaluation.details.get("arms", [])
    fired = next((arm for arm in arms if arm["outcome"] == TriggerOutcome.FIRED), None) if evaluation.fired else None
    return [_row(arm, has_fired=arm is fired) for arm in arms]


def _row(arm: Mapping[str, Any], *, has_fired: bool) -> ConditionRow:
    outcome, tone = _OUTCOMES[TriggerOutcome(arm["outcome"])]
    return ConditionRow(
        QualityArm(arm["name"]).label,
        "Fired" if has_fired else outcome,
        tone,
        arm["outcome"] != TriggerOutcome.OFF,
        _number(arm["value"]),
        _number(arm["threshold"]),
        _interval(arm.get("interval")),
        arm["events"],
        arm["users"],
        arm.get("audits", 0),
        arm["reason"],
    )


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}".replace("-", "−")


def _interval(interval: Mapping[str, Any] | None) -> str:
    if interval is None:
        return "–"
    low, high = interval["low"], interval["high"]
    if high is None:
        ends = f"at least {_number(low)}"
    elif low is None:
        ends = f"at most {_number(high)}"
    else:
        ends = f"{_number(low)} to {_number(high)}"
    return f"{IntervalOf(interval['of']).label}: {ends} ({100 * interval['level']:.0f} %)"

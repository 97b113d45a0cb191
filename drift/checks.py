"""System checks of the trigger settings, run when a command starts."""

from django.conf import settings
from django.core.checks import Error

from drift.choices import TriggerName, cooldown_problem, threshold_problem

_THRESHOLDS = {
    "TRIGGER_DRIFT_THRESHOLD": TriggerName.DRIFT_THRESHOLD,
    "TRIGGER_QUALITY_THRESHOLD": TriggerName.QUALITY_DROP,
    "TRIGGER_DATA_COUNT_THRESHOLD": TriggerName.DATA_COUNT,
    "TRIGGER_INTERVAL_SECONDS": TriggerName.SCHEDULED,
}


def trigger_settings(**_) -> list[Error]:
    found = {name: threshold_problem(trigger, getattr(settings, name)) for name, trigger in _THRESHOLDS.items()}
    found["TRIGGER_COOLDOWN_SECONDS"] = cooldown_problem("", settings.TRIGGER_COOLDOWN_SECONDS)
    return [Error(f"{name}: {problem}", id="drift.E001") for name, problem in found.items() if problem]

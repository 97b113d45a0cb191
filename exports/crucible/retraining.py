"""The retraining triggers."""

from typing import Any

from drift.choices import CheckSource
from drift.triggers import checking


def check_triggers(deployment_id: str) -> list[dict[str, Any]]:
    """Evaluate the four triggers now, store the evaluations, and alert for those that fire.

    Returns
    -------
    list of dict
        Those that fired, in the order drift_threshold, quality_drop, data_count, scheduled: `trigger`, `value`,
        `threshold` and `reason`. A trigger in its cooldown is not among them.

    Raises
    ------
    Deployment.DoesNotExist
    """
    return [
        {
            "trigger": evaluation.name,
            "value": evaluation.value,
            "threshold": evaluation.threshold,
            "reason": evaluation.reason,
        }
        for evaluation in checking.check(deployment_id, source=CheckSource.COMMAND)
        if evaluation.fired
    ]

"""The rolling mean that quality drop compares with its threshold: that of the checks, or of a judge."""

from datetime import datetime

from django.conf import settings

from drift.choices import CHECKS, judge_of
from drift.triggers import conditions
from drift.triggers.conditions import ConditionResult
from drift.triggers.narrowing import Narrowing
from drift.triggers.rules import Effective
from feedback.judging.agreement import using
from feedback.rollups.rolling import RollingAverage, rolling_average

_NOTHING = RollingAverage(0, None, None, None)


def evaluate(rule: Effective, narrowing: Narrowing, *, now: datetime) -> tuple[RollingAverage, ConditionResult]:
    """The mean of the source that the rule names, and the condition on it.

    A judge that may not be used, or has scored too little, has no data; the checks do not take its place.
    """
    deployment_id, since = rule.row.deployment_id, narrowing.occurred_from(now)
    if rule.quality_source == CHECKS:
        average = rolling_average(deployment_id, settings.QUALITY_WINDOW, occurred_from=since)
        scorer = conditions.CHECKS
    else:
        name = judge_of(rule.quality_source)
        standing, why = using.for_triggers(deployment_id, name)
        if standing is None:
            return _NOTHING, ConditionResult(None, None, why)
        average = using.rolling_average(standing.judge_id, settings.QUALITY_WINDOW, occurred_from=since)
        scorer = f"the judge {name}"
    form = conditions.quality_drop(
        average.mean,
        rule.threshold,
        n=average.n,
        measured_since=average.measured_since,
        within=narrowing.within,
        scorer=scorer,
    )
    return average, form

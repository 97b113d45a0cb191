"""Whether triggers may use a judge now, and the rolling mean of its scores."""

import math

from feedback.choices import JudgeSampling
from feedback.models import Judge, Judgement, JudgeStanding
from feedback.rollups.rolling import RollingAverage
from feedback.statistics.intervals import Z_95

# With fewer events there are no figures: intervals of so few hold less than they say.
LEAST_EVENTS = 30


def of(judge: Judge) -> JudgeStanding:
    """The standing of a judge; without one that of a judge that was never measured."""
    return standing_of(judge) or JudgeStanding(judge=judge, reason=unmeasured(0))


def unmeasured(n: int) -> str:
    """Why there is no agreement over n events."""
    return f"Not enough data: people and the judge both scored {n:,} of the {LEAST_EVENTS} events that are needed."


def standing_of(judge: Judge) -> JudgeStanding | None:
    """The measured agreement of a judge with people; None if it was never measured."""
    return JudgeStanding.objects.filter(judge=judge).first()


def in_force(standing: JudgeStanding) -> bool:
    """Whether the agreement is enough and was measured with the rubric that the judge has now."""
    return standing.holds and standing.rubric_version_id == standing.judge.rubric_version_id


def for_triggers(deployment_id: str, name: str) -> tuple[JudgeStanding | None, str]:
    """The standing of a judge that triggers may use now, else None with the reason."""
    standing = JudgeStanding.objects.of_judge(deployment_id, name).select_related("judge").first()
    if standing is None:
        return None, f"The judge {name} was never compared with people."
    if not standing.used_by_triggers:
        return None, f"The judge {name} is not allowed for triggers."
    if standing.judge.sampling == JudgeSampling.UNCERTAIN and standing.judge.endpoints:
        return None, f"The judge {name} scores the least certain events first; their mean is not that of all events."
    if not in_force(standing):
        why = standing.reason if not standing.holds else "Its rubric has changed since it was compared with people."
        return None, f"The judge {name} is not used. {why}"
    return standing, ""


def rolling_average(judge_id: int, window: int, *, occurred_from=None) -> RollingAverage:
    """Average the judge's scores of the newest `window` events that it scored, as that of the checks is averaged."""
    judged = Judgement.objects.judged().filter(judge=judge_id)
    if occurred_from is not None:
        judged = judged.filter(occurred_at__gte=occurred_from)
    scores = list(judged.order_by("-occurred_at", "-pk").values_list("score", flat=True)[:window])
    n = len(scores)
    if n == 0:
        return RollingAverage(0, None, None, None)
    mean = math.fsum(scores) / n
    if n == 1:
        return RollingAverage(1, mean, None, None)
    half_width = Z_95 * math.sqrt(math.fsum((score - mean) ** 2 for score in scores) / (n - 1) / n)
    return RollingAverage(n, mean, max(0.0, mean - half_width), min(1.0, mean + half_width))

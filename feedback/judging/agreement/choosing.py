"""What an operator lets judges and people decide. The measurement follows in a worker."""

import math

import structlog
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction

from feedback.choices import Assessor
from feedback.evidence.keeping import gold
from feedback.models import Deployment, GoldAssessor, Judge, JudgeStanding, RubricVersion
from feedback.tasks import measure_judge

log = structlog.get_logger(__name__)
PERMISSION = "feedback.change_judgestanding"
PEOPLE_PERMISSION = "feedback.change_goldassessor"


class InvalidStanding(ValueError):
    """A bound that is not from 0 to 1."""


def choose(
    judge: Judge,
    *,
    least_kappa: float | None = None,
    is_gold: bool | None = None,
    used_by_triggers: bool | None = None,
    by: User,
) -> None:
    """Choose what a judge may decide while it agrees enough with people; None leaves a choice as it is.

    What is in force stops at once where the choice forbids it, and begins after the measurement. Raises
    PermissionDenied and InvalidStanding.
    """
    if not by.has_perm(PERMISSION):
        raise PermissionDenied("This needs the permission “Can change judge standing”.")
    if least_kappa is not None and not (math.isfinite(least_kappa) and 0 <= least_kappa <= 1):
        raise InvalidStanding("The least kappa is from 0 to 1.")
    chosen = {"least_kappa": least_kappa, "is_gold": is_gold, "used_by_triggers": used_by_triggers}
    changes = {name: value for name, value in chosen.items() if value is not None}
    with transaction.atomic():
        JudgeStanding.objects.get_or_create(judge=judge)
        JudgeStanding.objects.filter(judge=judge).update(**changes, is_current=False)
        if least_kappa is not None:
            JudgeStanding.objects.filter(judge=judge, low__lt=least_kappa).update(holds=False)
        if is_gold is False:
            gold.choose(judge.deployment_id, judge.assessor, judge.rubric_version.label, is_gold=False)
        measure_judge.delay_on_commit(judge.pk)
    log.info("judge_standing_chosen", judge=judge.pk, by=by.pk, **changes)


def choose_people(deployment: Deployment, rubric: RubricVersion, *, is_gold: bool, by: User) -> bool:
    """Choose whether people's scores by a rubric are gold; return whether that is a change. Raises PermissionDenied."""
    if not by.has_perm(PEOPLE_PERMISSION):
        raise PermissionDenied("This needs the permission “Can change gold assessor”.")
    is_change = gold.choose(deployment.pk, Assessor.PEOPLE.value, rubric.label, is_gold=is_gold)
    log.info("people_gold_chosen", deployment=deployment.pk, rubric=rubric.label, is_gold=is_gold, by=by.pk)
    return is_change


def rubrics_of_people(deployment: Deployment) -> list[str]:
    """The rubrics by which people's scores are gold."""
    rows = GoldAssessor.objects.gold().filter(deployment=deployment, assessor=Assessor.PEOPLE.value)
    return list(rows.order_by("name").values_list("name", flat=True))

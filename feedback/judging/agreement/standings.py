"""Measures how far judges agree with people, and lets a judge decide something only while it agrees enough."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import structlog
from django.utils import timezone

from feedback import tasks
from feedback.endpoints.endpoints import EndpointUnusable
from feedback.evidence.keeping import gold
from feedback.jobs import sweeping
from feedback.judging.agreement import measuring, using
from feedback.judging.agreement.measuring import Question, ScoredEvent
from feedback.judging.panels.setup import named_endpoints
from feedback.models import GoldAssessor, HumanScore, Judge, Judgement, JudgeStanding, RubricVersion
from feedback.rubrics.scoring import composite_of
from feedback.statistics.agreement import RatingLevel

log = structlog.get_logger(__name__)
# The newest scores of people; more are not read.
MOST = 20_000
# Between the models of a judgement.
_COMMA = ", "


def measure(judge_id: int) -> JudgeStanding:
    """Measure a judge against people now, and apply what follows: it is safe to repeat."""
    judge = Judge.objects.select_related("rubric_version").get(pk=judge_id)
    standing, _ = JudgeStanding.objects.get_or_create(judge=judge)
    # Scores that come from here on are for another run.
    JudgeStanding.objects.filter(pk=judge_id).update(is_current=True)
    figures = measuring.measure(_events(judge), _questions(judge.rubric_version))
    facts = _facts(figures, standing.least_kappa)
    JudgeStanding.objects.filter(pk=judge_id).update(
        **facts, figures=figures, rubric_version=judge.rubric_version, measured_at=timezone.now()
    )
    standing.refresh_from_db()
    _apply(judge, standing)
    log.info("judge_measured", judge=judge_id, n=standing.n, kappa=standing.kappa, holds=standing.holds)
    return standing


def queue_due() -> None:
    """Have judges measured of which scores came since they were measured, and those that never were."""
    due = Judge.objects.unmeasured().order_by("pk").values_list("pk", flat=True)
    again = JudgeStanding.objects.to_measure().values_list("pk", flat=True)
    sweeping.queue(tasks.measure_judge, [*due, *again])


def _apply(judge: Judge, standing: JudgeStanding) -> None:
    """Make the judge's scores gold, or no longer; those by an earlier rubric are none."""
    label = judge.rubric_version.label
    earlier = GoldAssessor.objects.gold().filter(deployment=judge.deployment_id, assessor=judge.assessor)
    for name in earlier.exclude(name=label).values_list("name", flat=True):
        gold.choose(judge.deployment_id, judge.assessor, name, is_gold=False)
    is_gold = standing.is_gold and using.in_force(standing)
    gold.choose(judge.deployment_id, judge.assessor, label, is_gold=is_gold)


def _facts(figures: Mapping[str, Any], least_kappa: float) -> dict[str, Any]:
    if not figures["is_enough"]:
        nothing = {"kappa": None, "low": None, "high": None, "holds": False}
        return {"n": figures["n"], **nothing, "reason": using.unmeasured(figures["n"])}
    kappa = figures["questions"][0]["kappa"]
    facts = {"n": figures["n"], "kappa": kappa["value"], "low": kappa["low"], "high": kappa["high"]}
    if kappa["low"] is None:
        reason = f"Kappa cannot be measured: the scores of {figures['n']:,} events hardly differ."
        return {**facts, "kappa": kappa["value"], "holds": False, "reason": reason}
    holds = kappa["low"] >= least_kappa
    where = f"Kappa is {kappa['value']:.2f} over {figures['n']:,} events, at least {kappa['low']:.2f} (95 %)"
    comparison = "which reaches" if holds else "which does not reach"
    return {**facts, "holds": holds, "reason": f"{where}, {comparison} {least_kappa:.2f}."}


def _questions(rubric: RubricVersion) -> list[Question]:
    found = composite_of(rubric)
    step = 1 / (found.maximum - found.minimum)
    return [
        Question("", "Composite", "composite", step, RatingLevel.INTERVAL),
        *(Question(one["name"], one["title"], "criterion", 1.0, RatingLevel.ORDINAL) for one in rubric.criteria),
        *(Question(one["name"], one["title"], "flag", 1.0, RatingLevel.NOMINAL) for one in rubric.flags),
    ]


def _events(judge: Judge) -> list[ScoredEvent]:
    """What both said of the newest events, people as they first answered, before they saw other scores."""
    scores = HumanScore.objects.of_deployment(judge.deployment_id).by_rubric(judge.rubric_version)
    people: defaultdict[Any, list[tuple[dict[str, float], float]]] = defaultdict(list)
    for event_id, answers, score in scores.order_by("-pk").values_list("event_id", "first_answers", "first_score")[
        :MOST
    ]:
        people[event_id].append((_numbers(answers), score))
    judged = Judgement.objects.judged().filter(judge=judge, rubric_version=judge.rubric_version)
    rows = judged.of_events(list(people)).order_by("event_id").values_list("event_id", "answers", "score", "model")
    models = _models(judge)
    return [
        ScoredEvent(
            judge=_numbers(answers),
            judge_score=score,
            people=[said for said, _ in people[event_id]],
            people_scores=[one for _, one in people[event_id]],
        )
        for event_id, answers, score, model in rows
        if models is None or set(model.split(_COMMA)) <= models
    ]


def _models(judge: Judge) -> set[str] | None:
    """The models that the judge asks now: what others said says nothing of it. None of files, and if unknown."""
    try:
        panel = named_endpoints(judge.endpoints)
    except EndpointUnusable:
        return None
    return set(_COMMA.join(one.model for one in panel).split(_COMMA)) if panel else None


def _numbers(answers: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in answers.items() if isinstance(value, int | float)}

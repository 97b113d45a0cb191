"""Adds judges and changes them; what does not fit together is an error by field."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import structlog
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from feedback.choices import JudgeExecution, JudgeHedging, JudgeStrategy
from feedback.endpoints.endpoints import Endpoint, EndpointUnusable
from feedback.field_errors import FieldError
from feedback.judging import consent
from feedback.judging.panels.setup import named_endpoints
from feedback.models import Deployment, Judge, JudgeStanding, RubricVersion
from feedback.models.judging import MAX_ENDPOINTS

log = structlog.get_logger(__name__)
ADD_PERMISSION, CHANGE_PERMISSION = "feedback.add_judge", "feedback.change_judge"
# What can be chosen after a judge is made. Its name and rubric stay, so that its scores stay comparable.
CHANGEABLE = (
    *("endpoints", "weights", "strategy", "execution_mode", "min_agreement", "min_confidence"),
    *("hedging_strategy", "delay_ms", "percentile", "budget_percent"),
    *("sampling", "sampling_rate", "max_per_run", "lookback_days"),
    *("max_answer_tokens", "daily_tokens", "daily_usd"),
)
NAME = re.compile(r"[a-z0-9_.-]{1,58}")
_MOST_WEIGHT = 1_000


class InvalidJudge(Exception):
    """What is wrong with a judge, by field."""

    def __init__(self, *errors: FieldError):
        super().__init__(" ".join(f"{one.field}: {one.message}" if one.field else one.message for one in errors))
        self.errors = errors


class JudgeNotAllowed(Exception):
    """What the state of the judge or its deployment does not allow."""


def create(deployment: Deployment, name: str, rubric: RubricVersion, facts: Mapping[str, Any], *, by: User) -> Judge:
    """Add a disabled judge. Raises PermissionDenied and InvalidJudge."""
    _check(by, ADD_PERMISSION)
    judge = Judge(deployment=deployment, name=name, rubric_version=rubric, created_by=by, **facts)
    _check_facts(judge)
    try:
        with transaction.atomic():
            judge.save()
    except IntegrityError as error:
        message = f"{deployment.pk} has a judge of this name already."
        raise InvalidJudge(FieldError("name", "duplicate", message)) from error
    log.info("judge_added", judge=judge.pk, deployment=deployment.pk, by=by.pk)
    return judge


def change(judge: Judge, facts: Mapping[str, Any], *, by: User) -> Judge:
    """Change fields of CHANGEABLE; running judges follow with their next run. Raises PermissionDenied, InvalidJudge."""
    _check(by, CHANGE_PERMISSION)
    for name, value in facts.items():
        setattr(judge, name, value)
    _check_facts(judge)
    with transaction.atomic():
        judge.save(update_fields=list(facts))
        if "endpoints" in facts:
            # The agreement with people is that of its models.
            JudgeStanding.objects.filter(judge=judge).update(is_current=False)
    log.info("judge_changed", judge=judge.pk, by=by.pk, fields=sorted(facts))
    return judge


def enable(judge: Judge, *, by: User) -> None:
    """Let it ask its endpoints from its next run on; resumes a paused one. Raises PermissionDenied, JudgeNotAllowed."""
    _check(by, CHANGE_PERMISSION)
    if not judge.endpoints:
        raise JudgeNotAllowed("This judge has no endpoint: it is answered by files.")
    if consent.of(judge.deployment_id) is None:
        raise JudgeNotAllowed(
            f"No user has accepted that masked texts of {judge.deployment_id} are sent to endpoints: choose “Accept "
            "that texts leave” on the page of a judge, or PUT deployments/{id}/judge-consent."
        )
    Judge.objects.filter(pk=judge.pk).update(is_enabled=True, paused_at=None, paused_reason="", last_error="")
    log.info("judge_enabled", judge=judge.pk, by=by.pk)


def disable(judge: Judge, *, by: User) -> None:
    """Ask nothing more, a running one included. Raises PermissionDenied."""
    _check(by, CHANGE_PERMISSION)
    Judge.objects.filter(pk=judge.pk).update(is_enabled=False)
    log.info("judge_disabled", judge=judge.pk, by=by.pk)


def problems(judge: Judge) -> Iterator[FieldError]:
    """What does not fit together, by field."""
    if not NAME.fullmatch(judge.name):
        yield FieldError("name", "invalid", "A name has 1 to 58 characters of a-z 0-9 _ . -")
    if len(set(judge.endpoints)) < len(judge.endpoints) or len(judge.endpoints) > MAX_ENDPOINTS:
        yield FieldError("endpoints", "invalid", f"At most {MAX_ENDPOINTS} endpoints, each once.")
        return
    try:
        panel = named_endpoints(judge.endpoints)
    except EndpointUnusable as error:
        yield FieldError("endpoints", "unknown_endpoint", str(error).replace(" of the worker", ""))
        return
    yield from _of_weights(judge)
    yield from _of_voting(judge)
    yield from _of_money(judge, panel)


def _check_facts(judge: Judge) -> None:
    errors = list(problems(judge))
    if not errors:
        try:
            judge.full_clean(exclude=["deployment", "rubric_version", "created_by"], validate_unique=False)
        except ValidationError as error:
            errors = [
                FieldError("" if name == "__all__" else name, "invalid", message)
                for name, messages in error.message_dict.items()
                for message in messages
            ]
    if errors:
        raise InvalidJudge(*errors)


def _of_weights(judge: Judge) -> Iterator[FieldError]:
    weights = judge.weights
    if not isinstance(weights, dict) or set(weights) - set(judge.endpoints):
        yield FieldError("weights", "invalid", "Weights are an object by names of the judge's endpoints.")
    elif any(not _is_weight(one) for one in weights.values()):
        yield FieldError("weights", "invalid", f"A weight is a number above 0, at most {_MOST_WEIGHT:,}.")


def _is_weight(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= _MOST_WEIGHT


def _of_voting(judge: Judge) -> Iterator[FieldError]:
    number, strategy, execution = len(judge.endpoints), judge.strategy, judge.execution_mode
    counts = execution in (JudgeExecution.PARALLEL, JudgeExecution.SEQUENTIAL)
    if number < 2:
        if strategy != JudgeStrategy.NONE or execution != JudgeExecution.PARALLEL:
            yield FieldError("strategy", "invalid", "Voting needs two endpoints or more.")
    elif counts and strategy == JudgeStrategy.NONE:
        yield FieldError("strategy", "invalid", "Several endpoints need a strategy of voting.")
    elif not counts and strategy != JudgeStrategy.NONE:
        yield FieldError("strategy", "invalid", f"With the execution {execution} one vote counts: use none.")
    if execution == JudgeExecution.SEQUENTIAL and judge.min_agreement <= 0:
        yield FieldError("min_agreement", "invalid", "Asking one by one ends at this agreement: it is above 0.")
    if execution == JudgeExecution.HEDGED and (number != 2 or judge.hedging_strategy == JudgeHedging.OFF):
        yield FieldError("execution_mode", "invalid", "Hedged needs two endpoints and a hedging that is not off.")


def _of_money(judge: Judge, panel: list[Endpoint]) -> Iterator[FieldError]:
    unpriced = [name for name, one in zip(judge.endpoints, panel, strict=True) if not one.has_price]
    if judge.daily_usd is not None and unpriced:
        yield FieldError("daily_usd", "no_price", f"The endpoint {unpriced[0]} has no price in LLM_ENDPOINTS.")


def _check(by: User, permission: str) -> None:
    if not by.has_perm(permission):
        verb = "add" if permission == ADD_PERMISSION else "change"
        raise PermissionDenied(f"This needs the permission “Can {verb} judge”.")

"""Evaluates the retraining triggers of a deployment, as a check over the API does."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils import timezone

from drift.choices import CheckSource, ReportStatus, TriggerName, TriggerOutcome, TriggerType
from drift.models import DriftReport, TriggerEvaluation
from drift.reports import lifecycle
from drift.triggers import rules
from drift.triggers.narrowing import Narrowing
from exports.pipelines.context import Context
from exports.pipelines.effects import Effects
from exports.pipelines.errors import StageWaits
from exports.pipelines.stages.base import Stage, deployment_of, user_of
from feedback.field_errors import FieldError
from feedback.models import Deployment

# A trigger in its cooldown has a reason to retrain too: it fired for it a short time ago.
_HOLDS = (TriggerOutcome.FIRED, TriggerOutcome.COOLDOWN)


class CheckTriggers(Stage):
    name = "check_triggers"
    description = "Check the retraining triggers of a deployment"
    optional = ("threshold", "window_hours", "trigger_types")
    types = {
        "threshold": "float",
        "window_hours": "integer",
        "trigger_types": {"list": {"enum": [one.value for one in TriggerType]}},
    }
    extensions = {"deployment_id": "string", "stop_unless_triggered": "boolean"}
    permissions = ("drift.add_triggerevaluation",)

    @classmethod
    def further_problems(cls, options: Mapping[str, Any]) -> Iterable[FieldError]:
        return _narrowing(options).problems()

    @classmethod
    def advance(cls, context: Context, options: Mapping[str, Any], effects: Effects) -> Context:
        deployment = deployment_of(context, options)
        facts = effects.noted() or _check(deployment, _narrowing(options), effects, by=user_of(context).pk)
        triggers = facts["retrain_triggers"]
        context = context.put_artifact("retrain_triggers", triggers).put_metric("trigger_count", len(triggers))
        if options.get("stop_unless_triggered") and not triggers:
            return context.assign(stopped="No trigger fired.")
        return context


def _narrowing(options: Mapping[str, Any]) -> Narrowing:
    types = options.get("trigger_types")
    return Narrowing(
        types=None if types is None else tuple(TriggerType(one) for one in types),
        threshold=None if (threshold := options.get("threshold")) is None else float(threshold),
        window_hours=options.get("window_hours"),
    )


def _check(deployment: Deployment, wanted: Narrowing, effects: Effects, *, by: int) -> Mapping[str, Any]:
    from drift.triggers import checking  # noqa: PLC0415 - SciPy, in workers and commands only

    def record(evaluations: Sequence[TriggerEvaluation]) -> None:
        names = [one.name for one in evaluations if one.outcome in _HOLDS]
        # Consumers of the Elixir library read either key.
        effects.note({"retrain_triggers": [{"trigger": name, "name": name} for name in names]})

    checking.check(
        deployment.pk,
        source=CheckSource.PIPELINE,
        asked_by_id=by,
        narrowing=wanted,
        report=_report(deployment, wanted, effects) if effects.in_background else None,
        recorded=record,
    )
    return effects.noted() or {}


def _report(deployment: Deployment, wanted: Narrowing, effects: Effects) -> DriftReport | None:
    """The drift report to judge by, once a worker has computed it; None if drift is not evaluated."""
    from drift.triggers import checking  # noqa: PLC0415

    is_on = {rule.name: rule.is_enabled for rule in rules.of_deployment(deployment)}
    if not wanted.has(TriggerName.DRIFT_THRESHOLD) or not is_on[TriggerName.DRIFT_THRESHOLD]:
        return None
    try:
        report = effects.once(
            "drift_report", lambda: checking.requested_report(deployment, timezone.now(), wanted, enqueue=True)
        )
    except lifecycle.TooManyRunning as error:
        raise StageWaits(str(error)) from error
    if report.status == ReportStatus.RUNNING:
        raise StageWaits(f"A worker computes drift report {report.pk}.")
    return report

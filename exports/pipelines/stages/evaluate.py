"""Compares the trained model with the current one on a golden set, as a gate over the API does."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied

from curation.models import GoldenSet
from exports.choices import GateStatus, GateVerdict
from exports.gates import requesting, wording
from exports.gates.requesting import Model
from exports.models import GateRun, TrainingRun
from exports.pipelines.context import Context
from exports.pipelines.effects import Effects
from exports.pipelines.errors import StageFailed, StageWaits
from exports.pipelines.stages.base import Stage, deployment_of, user_of
from exports.tasks import run_gate
from feedback.endpoints.endpoints import InvalidEndpoints
from feedback.models import Deployment


class Evaluate(Stage):
    name = "evaluate"
    description = "Compare the trained model with the current one on a golden set"
    required = ("golden_set",)
    optional = ("deployment_id", "candidate", "current", "training_run", "fail_unless_better")
    types = {
        "golden_set": "integer",
        "deployment_id": "string",
        "candidate": {"map": ["string", "string"]},
        "current": {"map": ["string", "string"]},
        "training_run": "integer",
        "fail_unless_better": "boolean",
    }
    permissions = (requesting.PERMISSION, "curation.review_curatedset")

    @classmethod
    def advance(cls, context: Context, options: Mapping[str, Any], effects: Effects) -> Context:
        deployment, user = deployment_of(context, options), user_of(context)
        wanted = {
            "golden_set": _of(deployment, GoldenSet, options["golden_set"], "golden set"),
            "training_run": _training_run(context, options, deployment),
            "candidate": _model(options, "candidate"),
            "current": _model(options, "current"),
        }
        try:
            gate = effects.once("gate", lambda: requesting.request(by=user, queue=effects.in_background, **wanted))
        except (requesting.GateNotAllowed, InvalidEndpoints, PermissionDenied) as error:
            raise StageFailed(str(error)) from error
        if not effects.in_background and gate.status == GateStatus.RUNNING:
            run_gate(gate.pk)
            gate.refresh_from_db()
        return _with_results(context, gate, is_strict=options.get("fail_unless_better", False))


def _with_results(context: Context, gate: GateRun, *, is_strict: bool) -> Context:
    if gate.status in (GateStatus.WAITING, GateStatus.RUNNING):
        raise StageWaits(f"{gate}: {wording.sentence(gate)}")
    if gate.status != GateStatus.COMPLETED or is_strict and gate.verdict != GateVerdict.BETTER:
        raise StageFailed(f"{gate}: {wording.sentence(gate)}")
    context = context.put_artifact("gate_id", gate.pk).put_artifact("gate_verdict", gate.verdict)
    return context if gate.difference is None else context.put_metric("gate_difference", gate.difference)


def _model(options: Mapping[str, Any], side: str) -> Model:
    asked = options.get(side, {})
    return Model(endpoint=asked.get("endpoint", ""), version=asked.get("model_version_id", ""))


def _training_run(context: Context, options: Mapping[str, Any], deployment: Deployment) -> TrainingRun | None:
    """The run that the options name, or the stages before have made; None without one."""
    run_id = options.get("training_run", context.get_artifact("training_run_id"))
    return None if run_id is None else _of(deployment, TrainingRun, run_id, "training run")


def _of(deployment: Deployment, model: type, record_id: int, what: str) -> Any:
    found = model.objects.filter(deployment=deployment, pk=record_id).first()
    if found is None:
        raise StageFailed(f"{deployment.pk} has no {what} {record_id}.")
    return found

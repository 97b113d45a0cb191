"""Opens a training run with the export of the pipeline, and waits until the training has ended."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from exports.choices import RunStatus
from exports.models import ExportBatch, TrainingRun
from exports.pipelines.context import Context
from exports.pipelines.effects import Effects
from exports.pipelines.errors import StageFailed, StageWaits
from exports.pipelines.stages.base import Stage, deployment_of, user_of
from exports.training import runs, trainers
from feedback.field_errors import FieldError
from feedback.models import Deployment


class Train(Stage):
    name = "train"
    description = "Train a model with the exported data"
    optional = ("deployment_id", "export", "trainer", "config")
    types = {"deployment_id": "string", "export": "integer", "trainer": "string", "config": "map"}
    permissions = (runs.ADD_PERMISSION,)

    @classmethod
    def further_problems(cls, options: Mapping[str, Any]) -> Iterable[FieldError]:
        if (name := options.get("trainer")) and name not in trainers.names():
            yield FieldError("trainer", "unknown", str(trainers.UnknownTrainer(name)))

    @classmethod
    def advance(cls, context: Context, options: Mapping[str, Any], effects: Effects) -> Context:
        deployment, user = deployment_of(context, options), user_of(context)
        wanted = {
            "batch": _export(context, options, deployment),
            "trainer": options.get("trainer", ""),
            "config": _config(context, options),
        }
        try:
            run = effects.once("training_run", lambda: runs.open_run(deployment.pk, by=user, **wanted))
        except runs.RunUnfinished as error:
            raise StageWaits(str(error)) from error
        except runs.RunNotAllowed as error:
            raise StageFailed(str(error)) from error
        return _with_results(context, run)


def _with_results(context: Context, run: TrainingRun) -> Context:
    if run.is_active:
        raise StageWaits(f"{run} is {run.get_status_display().lower()}.")
    if run.status != RunStatus.COMPLETED:
        reason = run.error_message or f"It is {run.get_status_display().lower()}."
        raise StageFailed(f"{run} did not complete. {reason}")
    context = context.put_artifact("training_run_id", run.pk).merge_metrics(run.best_metrics)
    return context.put_artifact("model_version_id", run.final_model_version) if run.final_model_version else context


def _export(context: Context, options: Mapping[str, Any], deployment: Deployment) -> ExportBatch | None:
    """The export that the options name, or the stages before have made; None without one."""
    export_id = options.get("export", context.get_artifact("export_id"))
    if export_id is None:
        return None
    of_deployment = ExportBatch.objects.filter(curated_set__deployment=deployment).select_related("curated_set")
    if (found := of_deployment.filter(pk=export_id).first()) is None:
        raise StageFailed(f"{deployment.pk} has no export {export_id}.")
    return found


def _config(context: Context, options: Mapping[str, Any]) -> dict[str, Any]:
    """The Training.Config of the options, or that of the experiment."""
    if "config" in options:
        return dict(options["config"])
    config = context.experiment.training_config
    return {} if config is None else msgspec.to_builtins(config)

"""Runs a pipeline in this process, stage by stage."""

from exports.pipelines import stages
from exports.pipelines.context import Context
from exports.pipelines.effects import InProcess
from exports.pipelines.errors import PipelineFailed, PipelineWaits, StageFailed, StageWaits
from feedback.ir import StageDef

_POSITION, _MADE, STOPPED = "position", "made", "stopped"


def run(context: Context) -> Context:
    """Run the enabled stages of the context's experiment in order and return the context with their results.

    Stops at the first stage that fails with PipelineFailed. PipelineWaits says that a person has to decide first; its
    context goes on where this run ended.
    """
    pipeline = context.experiment.pipeline or []
    for position in range(context.assigns.get(_POSITION, 0), len(pipeline)):
        if pipeline[position].enabled is not False:
            context = _ran(pipeline[position], context)
        context = context.assign(**{_POSITION: position + 1, _MADE: {}})
        if STOPPED in context.assigns:
            break
    return context


def _ran(definition: StageDef, context: Context) -> Context:
    name, effects = definition.name or "", InProcess(dict(context.assigns.get(_MADE, {})))
    try:
        stage = stages.find(definition)
        if stage is None:
            raise StageFailed(f"Unknown stage {name}.")
        return stage.started(context, definition.options or {}, effects).mark_stage_complete(name)
    except StageFailed as error:
        raise PipelineFailed(name, str(error), context) from error
    except StageWaits as error:
        raise PipelineWaits(name, str(error), context.assign(**{_MADE: effects.made})) from error

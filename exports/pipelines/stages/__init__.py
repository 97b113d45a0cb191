"""The stages of pipelines by name."""

from exports.pipelines.stages.await_approval import AwaitApproval
from exports.pipelines.stages.base import Stage
from exports.pipelines.stages.check_triggers import CheckTriggers
from exports.pipelines.stages.curate import Curate
from exports.pipelines.stages.detect_drift import DetectDrift
from exports.pipelines.stages.evaluate import Evaluate
from exports.pipelines.stages.export_feedback import ExportFeedback
from exports.pipelines.stages.train import Train
from feedback.ir import StageDef

STAGES: dict[str, type[Stage]] = {
    one.name: one for one in (CheckTriggers, DetectDrift, Curate, AwaitApproval, ExportFeedback, Train, Evaluate)
}
_BY_CLASS = {one.__name__: one for one in STAGES.values()}


def find(definition: StageDef) -> type[Stage] | None:
    """The stage that a definition means: by the last part of its module, or else by its name."""
    if definition.module:
        return _BY_CLASS.get(definition.module.rpartition(".")[2])
    return STAGES.get(definition.name or "")

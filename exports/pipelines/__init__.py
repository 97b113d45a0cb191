"""Pipelines of the Crucible framework: an experiment of the IR, whose stages run here. See docs/pipelines.md."""

from exports.pipelines.context import Context
from exports.pipelines.errors import PipelineFailed, PipelineWaits, StageFailed, StageWaits
from exports.pipelines.running import run
from exports.pipelines.stages import STAGES
from exports.pipelines.stages.await_approval import AwaitApproval
from exports.pipelines.stages.check_triggers import CheckTriggers
from exports.pipelines.stages.curate import Curate
from exports.pipelines.stages.detect_drift import DetectDrift
from exports.pipelines.stages.evaluate import Evaluate
from exports.pipelines.stages.export_feedback import ExportFeedback
from exports.pipelines.stages.train import Train

__all__ = [
    "STAGES",
    "AwaitApproval",
    "CheckTriggers",
    "Context",
    "Curate",
    "DetectDrift",
    "Evaluate",
    "ExportFeedback",
    "PipelineFailed",
    "PipelineWaits",
    "StageFailed",
    "StageWaits",
    "Train",
    "run",
]

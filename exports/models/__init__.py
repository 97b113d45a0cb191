from exports.models.batches import ExportBatch, ExportDecision, ExportItem
from exports.models.deletions import DeploymentDeletion
from exports.models.erasures import AffectedExport, BlankedSet, Erasure
from exports.models.training import LoopPolicy, ModelRef, ModelVersion, TrainingRun
from exports.models.triggered import TriggeredRequest, TriggeredSet

__all__ = [
    "AffectedExport",
    "BlankedSet",
    "DeploymentDeletion",
    "Erasure",
    "ExportBatch",
    "ExportDecision",
    "ExportItem",
    "LoopPolicy",
    "ModelRef",
    "ModelVersion",
    "TrainingRun",
    "TriggeredRequest",
    "TriggeredSet",
]

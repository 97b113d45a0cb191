from exports.models.batches import ExportBatch, ExportDecision, ExportItem
from exports.models.deletions import DeploymentDeletion
from exports.models.erasures import AffectedExport, BlankedSet, Erasure
from exports.models.gates import GateAnswer, GateConsent, GateRun
from exports.models.pairwise import PairwiseRun, PairwiseVerdict
from exports.models.pipelines import PipelineRun, PipelineStage
from exports.models.trainer_calls import TrainerCall
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
    "GateAnswer",
    "GateConsent",
    "GateRun",
    "LoopPolicy",
    "ModelRef",
    "ModelVersion",
    "PairwiseRun",
    "PairwiseVerdict",
    "PipelineRun",
    "PipelineStage",
    "TrainerCall",
    "TrainingRun",
    "TriggeredRequest",
    "TriggeredSet",
]

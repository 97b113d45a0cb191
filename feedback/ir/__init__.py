"""The Crucible IR: structures that the Crucible libraries exchange as JSON. See docs/ir.md."""

from feedback.ir.deployment import DeploymentConfig, DeploymentStatus
from feedback.ir.experiment import Experiment, OutputSpec, StageDef
from feedback.ir.feedback import FeedbackConfig, FeedbackEvent
from feedback.ir.refs import BackendRef, DatasetRef, ModelRef, ModelVersion
from feedback.ir.reliability import Ensemble, Fairness, Guardrail, Hedging, ReliabilityConfig, Stats
from feedback.ir.serialization import InvalidDocument, from_json, from_map, to_json
from feedback.ir.training import TrainingConfig, TrainingRun
from feedback.ir.validation import validate

STRUCTURES = (
    BackendRef,
    DatasetRef,
    DeploymentConfig,
    DeploymentStatus,
    Ensemble,
    Experiment,
    Fairness,
    FeedbackConfig,
    FeedbackEvent,
    Guardrail,
    Hedging,
    ModelRef,
    ModelVersion,
    OutputSpec,
    ReliabilityConfig,
    StageDef,
    Stats,
    TrainingConfig,
    TrainingRun,
)

__all__ = [
    "STRUCTURES",
    "BackendRef",
    "DatasetRef",
    "DeploymentConfig",
    "DeploymentStatus",
    "Ensemble",
    "Experiment",
    "Fairness",
    "FeedbackConfig",
    "FeedbackEvent",
    "Guardrail",
    "Hedging",
    "InvalidDocument",
    "ModelRef",
    "ModelVersion",
    "OutputSpec",
    "ReliabilityConfig",
    "StageDef",
    "Stats",
    "TrainingConfig",
    "TrainingRun",
    "from_json",
    "from_map",
    "to_json",
    "validate",
]

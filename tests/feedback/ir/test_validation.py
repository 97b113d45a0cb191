"""The errors of each structure, to the letter."""

import pytest
from msgspec.structs import replace

from feedback import ir

STATES = "state must be one of: pending, deploying, active, degraded, failed, terminated"
STATUSES = "status must be one of: pending, running, completed, failed, cancelled"
STRATEGIES = "strategy must be one of: none, majority, weighted, best_confidence, unanimous"
MODES = "execution_mode must be one of: parallel, sequential, hedged, cascade"
HEDGING = "strategy must be one of: off, fixed, percentile, adaptive, workload_aware"
SEMANTIC = "version must be a valid semver format (e.g., 1.0.0)"
ALPHA = "alpha must be between 0 and 1"
RATE = "sampling_rate must be between 0 and 1"

MODEL, DATASET = ir.ModelRef(id="gpt2"), ir.DatasetRef(name="wikitext")
BACKEND, STAGE = ir.BackendRef(id="gpt4"), ir.StageDef(name="run")
TRAINING = ir.TrainingConfig(id="t", model_ref=MODEL, dataset_ref=DATASET)
RUN = ir.TrainingRun(id="r", config=TRAINING)
VERSION = ir.ModelVersion(id="v", model_id="m", version="1.0.0")
DEPLOYMENT = ir.DeploymentConfig(id="d", model_version_id="v")
STATUS = ir.DeploymentStatus(id="s", deployment_id="d")
EXPERIMENT = ir.Experiment(id="e", backend=BACKEND, pipeline=[STAGE])
EVENT = ir.FeedbackEvent(id="e")


def _reliable(**values):
    return {"reliability": ir.ReliabilityConfig(**values)}


@pytest.mark.parametrize(
    ("value", "changes", "errors"),
    [
        (BACKEND, {"id": None}, ["id must be a non-nil atom"]),
        (BACKEND, {"id": ""}, []),
        (BACKEND, {"fallback": ir.BackendRef(id=None)}, []),
        (STAGE, {"name": None}, ["name must be a non-nil atom"]),
        (STAGE, {"options": {"anything": [1]}, "enabled": None}, []),
        (ir.OutputSpec(name="o"), {"name": None}, ["name must be a non-nil atom"]),
        (ir.OutputSpec(name="o"), {"formats": ["pdf"], "sink": "fax"}, []),
        (DATASET, {"name": ""}, ["name must be non-empty when set"]),
        (DATASET, {"name": None, "split": "holdout", "provider": "mine"}, []),
        (MODEL, {"id": None}, ["id is required"]),
        (VERSION, {"id": None, "model_id": None}, ["id is required", "model_id is required"]),
        (VERSION, {"version": None}, ["version is required"]),
        (VERSION, {"version": ""}, ["version is required"]),
        (VERSION, {"version": "1.0"}, [SEMANTIC]),
        (VERSION, {"version": "v1.0.0"}, [SEMANTIC]),
        (VERSION, {"version": "1.0.0-rc.1", "stage": "shadow"}, []),
        (
            TRAINING,
            {"id": None, "model_ref": None, "dataset_ref": None},
            ["id is required", "model_ref is required", "dataset_ref is required"],
        ),
        (
            TRAINING,
            {"epochs": 0, "batch_size": -1, "learning_rate": 0},
            ["epochs must be positive", "batch_size must be positive", "learning_rate must be positive"],
        ),
        (TRAINING, {"epochs": None, "batch_size": 1, "learning_rate": 0.0001}, []),
        (TRAINING, {"learning_rate": float("nan")}, ["learning_rate must be positive"]),
        (TRAINING, {"optimizer": "lion", "device": "npu"}, []),
        (RUN, {"id": None, "config": None}, ["id is required", "config is required"]),
        (RUN, {"status": "paused"}, [STATUSES]),
        (RUN, {"status": None}, [STATUSES]),
        (DEPLOYMENT, {"id": None, "model_version_id": None}, ["id is required", "model_version_id is required"]),
        (DEPLOYMENT, {"replicas": 0}, ["replicas must be positive"]),
        (DEPLOYMENT, {"replicas": None, "strategy": "shadow"}, []),
        (STATUS, {"id": None, "deployment_id": None}, ["id is required", "deployment_id is required"]),
        (STATUS, {"state": "lost"}, [STATES]),
        (STATUS, {"health": "tired"}, []),
        (EVENT, {"id": None}, ["id is required"]),
        (EVENT, {"id": ""}, ["id is required"]),
        (EVENT, {"latency_ms": -1, "feedback_type": "applause"}, []),
        (ir.FeedbackConfig(), {"sampling_rate": 1.01}, [RATE]),
        (ir.FeedbackConfig(), {"sampling_rate": -0.01}, [RATE]),
        (ir.FeedbackConfig(), {"sampling_rate": None, "storage": "tape"}, []),
        (ir.Ensemble(), {"strategy": "lottery", "execution_mode": "random"}, [STRATEGIES, MODES]),
        (ir.Ensemble(), {"strategy": None}, [STRATEGIES]),
        (ir.Hedging(), {"strategy": "exponential_backoff"}, [HEDGING]),
        (ir.Stats(), {"alpha": 1.5}, [ALPHA]),
        (ir.Stats(), {"alpha": None, "tests": ["chi"]}, []),
        (ir.Fairness(), {"enabled": None, "threshold": 7}, []),
        (ir.Guardrail(), {"profiles": []}, []),
        (
            ir.ReliabilityConfig(),
            {
                "stats": ir.Stats(alpha=2),
                "feedback": ir.FeedbackConfig(sampling_rate=2),
                "ensemble": ir.Ensemble(strategy="x"),
            },
            [f"ensemble.{STRATEGIES}", f"stats.{ALPHA}", f"feedback.{RATE}"],
        ),
        (EXPERIMENT, {}, []),
        (EXPERIMENT, {"id": None}, ["id must be non-empty atom"]),
        (EXPERIMENT, {"id": ""}, ["id must be non-empty atom"]),
        (EXPERIMENT, {"backend": None, "pipeline": None}, ["backend is required", "pipeline must be a list"]),
        (EXPERIMENT, {"pipeline": "inference"}, ["pipeline must be a list"]),
        (EXPERIMENT, {"pipeline": []}, ["pipeline must contain at least one stage"]),
        (EXPERIMENT, {"backend": ir.BackendRef(id=None)}, ["backend.id must be a non-nil atom"]),
        (EXPERIMENT, {"pipeline": [STAGE, ir.StageDef(name=None)]}, ["pipeline stage name must be a non-nil atom"]),
        (EXPERIMENT, _reliable(stats=ir.Stats(alpha=-1)), [f"stats.{ALPHA}"]),
        (EXPERIMENT, _reliable(hedging=ir.Hedging(strategy="x")), [f"hedging.{HEDGING}"]),
        (EXPERIMENT, {"dataset": ir.DatasetRef(name=""), "baseline": ir.ModelRef(id=None)}, []),
    ],
)
def test_errors_of_a_structure(value, changes, errors):
    assert ir.validate(replace(value, **changes)) == errors


def test_what_is_no_structure_cannot_be_validated():
    with pytest.raises(TypeError, match="dict is not a structure of the IR"):
        ir.validate({"id": "e"})

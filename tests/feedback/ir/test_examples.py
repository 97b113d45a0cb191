"""Experiments of all kinds in JSON and back: each is valid, and only its own values differ from the defaults."""

import json

import pytest

from feedback import ir

BACKEND = {"id": "gpt4"}
PIPELINE = [{"name": "inference"}]
FEEDBACK = {
    "enabled": True,
    "sampling_rate": 0.1,
    "drift_detection": {
        "enabled": True,
        "method": "psi",
        "threshold": 0.1,
        "window_size": 1000,
        "alert_on_drift": True,
    },
    "retraining_trigger": {
        "enabled": True,
        "min_feedback_count": 10000,
        "accuracy_threshold": 0.75,
        "check_interval_hours": 24,
    },
}
TRAINING = {
    "id": "train_gpt2",
    "model_ref": {"id": "gpt2", "provider": "huggingface"},
    "dataset_ref": {"name": "wikitext"},
    "epochs": 10,
    "batch_size": 32,
}

EXAMPLES = {
    "benchmark": (
        ir.Experiment,
        {
            "id": "gpt4_benchmark",
            "backend": {"id": "openai_gpt4"},
            "pipeline": [{"name": "preprocessing"}, {"name": "inference"}, {"name": "evaluation"}],
            "dataset": {"name": "mmlu", "split": "test"},
            "reliability": {
                "ensemble": {
                    "strategy": "majority",
                    "models": ["gpt4", "claude", "gemini"],
                    "execution_mode": "parallel",
                },
                "stats": {"tests": ["ttest", "bootstrap"], "alpha": 0.05},
            },
        },
    ),
    "weighted votes": (
        ir.Experiment,
        {
            "id": "ensemble_exp",
            "backend": BACKEND,
            "pipeline": PIPELINE,
            "reliability": {
                "ensemble": {
                    "strategy": "weighted",
                    "models": ["gpt4", "claude", "gemini"],
                    "weights": {"gpt4": 0.5, "claude": 0.3, "gemini": 0.2},
                }
            },
        },
    ),
    "hedging": (
        ir.Experiment,
        {
            "id": "low_latency_exp",
            "backend": BACKEND,
            "pipeline": PIPELINE,
            "reliability": {
                "hedging": {"strategy": "percentile", "percentile": 0.95, "max_hedges": 2, "budget_percent": 15}
            },
        },
    ),
    "statistics": (
        ir.Experiment,
        {
            "id": "stats_exp",
            "backend": BACKEND,
            "pipeline": PIPELINE,
            "dataset": {"name": "mmlu"},
            "reliability": {
                "stats": {
                    "tests": ["ttest", "mannwhitney", "bootstrap"],
                    "alpha": 0.01,
                    "effect_size_type": "cohens_d",
                    "bootstrap_iterations": 10000,
                }
            },
        },
    ),
    "fairness": (
        ir.Experiment,
        {
            "id": "fairness_exp",
            "backend": BACKEND,
            "pipeline": PIPELINE,
            "reliability": {
                "fairness": {
                    "enabled": True,
                    "metrics": ["demographic_parity", "equalized_odds"],
                    "group_by": "gender",
                    "threshold": 0.8,
                    "fail_on_violation": True,
                }
            },
        },
    ),
    "guardrails": (
        ir.Experiment,
        {
            "id": "secure_exp",
            "backend": BACKEND,
            "pipeline": PIPELINE,
            "reliability": {
                "guardrails": {
                    "profiles": ["strict"],
                    "prompt_injection_detection": True,
                    "jailbreak_detection": True,
                    "pii_detection": True,
                    "pii_redaction": True,
                    "fail_on_detection": True,
                }
            },
        },
    ),
    "training with feedback": (
        ir.Experiment,
        {
            "id": "training_exp",
            "experiment_type": "training",
            "backend": {"id": "gpt4", "fallback": {"id": "gpt3", "fallback": {"id": "gpt2"}}},
            "pipeline": [{"name": "preprocessing", "module": "Pre", "options": {"normalize": True}, "enabled": False}],
            "tags": ["nightly"],
            "owner": "team",
            "metadata": {"ticket": 7},
            "outputs": [{"name": "results", "formats": ["json", "html"], "sink": "stdout", "options": {"path": "/r"}}],
            "model_version": {"id": "gpt2_1_0_0", "model_id": "gpt2", "version": "1.0.0"},
            "training_config": TRAINING,
            "baseline": {"id": "gpt3"},
            "created_at": "2026-05-04T12:00:00Z",
            "reliability": {"feedback": FEEDBACK, "monitoring": {"every": 5}, "drift": {}, "circuit_breaker": {"n": 3}},
        },
    ),
    "backend": (ir.BackendRef, {"id": "anthropic_claude", "profile": "fast", "options": {"temperature": 0.7}}),
    "data set": (ir.DatasetRef, {"name": "custom", "provider": "huggingface", "options": {"limit": 100}}),
    "data set with spaces": (ir.DatasetRef, {"name": "My Set", "format": "parquet", "schema": {"prompt": "string"}}),
    "stage": (ir.StageDef, {"name": "preprocessing", "enabled": False}),
    "output": (ir.OutputSpec, {"name": "results", "formats": ["json", "html"], "sink": "stdout"}),
    "model": (ir.ModelRef, {"id": "gpt2_base", "provider": "huggingface", "task": "text_generation"}),
    "model version": (
        ir.ModelVersion,
        {"id": "v1_0_0", "model_id": "gpt2_base", "version": "1.0.0-rc.1", "stage": "production", "metrics": {"f1": 1}},
    ),
    "training": (ir.TrainingConfig, TRAINING),
    "run": (
        ir.TrainingRun,
        {
            "id": "run_001",
            "config": TRAINING,
            "status": "running",
            "current_epoch": 3,
            "metrics_history": [{"loss": 0.5}, {"loss": 0.25}],
            "checkpoint_uris": ["s3://b/1"],
            "started_at": "2026-05-04T12:00:00Z",
        },
    ),
    "deployment": (
        ir.DeploymentConfig,
        {"id": "deploy_prod", "model_version_id": "v1_0_0", "environment": "production", "strategy": "canary"},
    ),
    "deployment status": (
        ir.DeploymentStatus,
        {"id": "status_001", "deployment_id": "deploy_prod", "state": "active", "traffic_percent": 12.5},
    ),
    "feedback": (ir.FeedbackConfig, FEEDBACK),
    "feedback event": (ir.FeedbackEvent, {"id": "evt_123", "feedback_type": "thumbs", "feedback_value": "up"}),
}


@pytest.mark.parametrize(("kind", "document"), EXAMPLES.values(), ids=EXAMPLES)
def test_an_example_is_valid_and_comes_back(kind, document):
    value = ir.from_json(json.dumps(document), kind)
    written = ir.to_json(value)

    assert ir.validate(value) == []
    assert _part_of(document, json.loads(written)) == document
    assert ir.to_json(ir.from_json(written, kind)) == written


def _part_of(document, written):
    """What is written of the keys of a document."""
    if isinstance(document, dict):
        return {name: _part_of(value, written[name]) for name, value in document.items()}
    if isinstance(document, list):
        return [_part_of(one, other) for one, other in zip(document, written, strict=True)]
    return written

"""Experiments built step by step."""

import json

import pytest

from feedback import ir
from feedback.ir.builder import InvalidExperiment, experiment


def _part(builder, *path):
    value = json.loads(ir.to_json(builder.unfinished))
    for step in path:
        value = value[step]
    return value


@pytest.mark.parametrize(
    ("step", "path", "value"),
    [
        (lambda built: built.with_description("My experiment"), ("description",), "My experiment"),
        (lambda built: built.with_experiment_type("evaluation"), ("experiment_type",), "evaluation"),
        (
            lambda built: built.with_details(owner="team", tags=("a",)).with_details(metadata={"n": 1}),
            ("owner",),
            "team",
        ),
        (lambda built: built.with_backend("gpt4"), ("backend", "id"), "gpt4"),
        (lambda built: built.with_backend("gpt4", profile="fast", options={"t": 0.7}), ("backend", "profile"), "fast"),
        (lambda built: built.with_backend("a", fallback=ir.BackendRef(id="b")), ("backend", "fallback", "id"), "b"),
        (lambda built: built.add_stage("a").add_stage("b", enabled=False), ("pipeline", 1, "enabled"), False),
        (lambda built: built.with_dataset("mmlu", split="test", version="1.0.0"), ("dataset", "split"), "test"),
        (lambda built: built.with_ensemble("majority"), ("reliability", "ensemble", "strategy"), "majority"),
        (lambda built: built.with_hedging("percentile", delay_ms=100), ("reliability", "hedging", "delay_ms"), 100),
        (lambda built: built.with_stats(("ttest",), alpha=0.01), ("reliability", "stats", "tests"), ["ttest"]),
        (lambda built: built.with_fairness(threshold=0.8), ("reliability", "fairness", "enabled"), True),
        (lambda built: built.with_fairness(enabled=False), ("reliability", "fairness", "enabled"), False),
        (lambda built: built.with_guardrails(pii_detection=True), ("reliability", "guardrails", "pii_detection"), True),
        (lambda built: built.with_guardrails(), ("reliability", "guardrails", "profiles"), ["default"]),
        (lambda built: built.with_feedback(sampling_rate=0.1), ("reliability", "feedback", "sampling_rate"), 0.1),
        (lambda built: built.with_feedback(), ("reliability", "feedback", "enabled"), True),
        (
            lambda built: built.with_feedback(retraining_trigger={"enabled": True}),
            ("reliability", "feedback", "retraining_trigger"),
            {"enabled": True},
        ),
        (lambda built: built.with_model_version("gpt2", "1.0.0"), ("model_version", "id"), "gpt2_1_0_0"),
        (lambda built: built.with_model_version("gpt2", "1.0.0", id="x"), ("model_version", "id"), "x"),
        (lambda built: built.with_baseline("gpt3", provider="openai"), ("baseline", "provider"), "openai"),
        (
            lambda built: built.with_training_config(ir.ModelRef(id="gpt2"), ir.DatasetRef(name="wiki"), epochs=10),
            ("training_config", "epochs"),
            10,
        ),
        (
            lambda built: built.with_training_config({"id": "gpt2"}, {"name": "wiki"}, seed=1),
            ("training_config", "id"),
            "train_test",
        ),
        (lambda built: built.add_output("a").add_output("b", formats=["json"]), ("outputs", 1, "formats"), ["json"]),
    ],
)
def test_each_step_sets_its_part_and_leaves_the_builder_before_it(step, path, value):
    begun = experiment("test")

    assert _part(step(begun), *path) == value
    assert begun.unfinished == ir.Experiment(id="test", backend=None, pipeline=[])


def test_an_experiment_with_everything_is_built():
    built = (
        experiment("comprehensive_test")
        .with_description("All parts together")
        .with_backend("gpt4", profile="fast")
        .add_stage("preprocessing", options={"normalize": True})
        .add_stage("inference")
        .with_dataset("mmlu", split="test")
        .with_ensemble("majority", models=["gpt4", "claude"])
        .with_hedging("fixed", delay_ms=100)
        .with_stats(["ttest", "bootstrap"], alpha=0.01)
        .with_fairness(metrics=["demographic_parity"], threshold=0.8)
        .with_guardrails(profiles=["strict"], pii_detection=True)
        .add_output("results", formats=["json", "html"])
        .build()
    )

    assert [stage.name for stage in built.pipeline] == ["preprocessing", "inference"]
    assert built.reliability == ir.ReliabilityConfig(
        ensemble=ir.Ensemble(strategy="majority", models=["gpt4", "claude"]),
        hedging=ir.Hedging(strategy="fixed", delay_ms=100),
        stats=ir.Stats(alpha=0.01),
        fairness=ir.Fairness(enabled=True, metrics=["demographic_parity"], threshold=0.8),
        guardrails=ir.Guardrail(profiles=["strict"], pii_detection=True),
    )
    assert ir.from_json(ir.to_json(built), ir.Experiment) == built


def test_an_invalid_experiment_is_not_built():
    unfinished = experiment("test").with_stats(["ttest"], alpha=2)
    errors = [
        "backend is required",
        "pipeline must contain at least one stage",
        "stats.alpha must be between 0 and 1",
    ]

    with pytest.raises(InvalidExperiment) as raised:
        unfinished.build()

    assert raised.value.errors == unfinished.errors() == errors


def test_a_field_that_a_structure_does_not_have_is_an_error():
    with pytest.raises(TypeError, match="StageDef has no enable; it has name, module, options, enabled"):
        experiment("test").add_stage("inference", enable=False)
    with pytest.raises(ir.InvalidDocument, match=r"Expected `bool \| null`, got `str` - at `\$.enabled`"):
        experiment("test").add_stage("inference", enabled="yes")

"""Reliability of an experiment: ensembles, hedging, statistics, fairness, guardrails and feedback."""

from typing import Any

from msgspec import field

from feedback.ir.choices import EnsembleStrategy, ExecutionMode, GuardrailProfile, HedgingStrategy, StatisticalTest
from feedback.ir.feedback import FeedbackConfig
from feedback.ir.structure import Number, Options, Structure


class Ensemble(Structure, frozen=True, kw_only=True):
    """Votes of several models."""

    strategy: str | None = EnsembleStrategy.NONE.value
    execution_mode: str | None = ExecutionMode.PARALLEL.value
    models: list[str] | None = None
    weights: dict[str, Number] | None = None
    min_agreement: Number | None = None
    timeout_ms: Number | None = None
    options: Options | None = None


class Hedging(Structure, frozen=True, kw_only=True):
    """Second requests where the first one is slow."""

    strategy: str | None = HedgingStrategy.OFF.value
    delay_ms: Number | None = None
    percentile: Number | None = None
    max_hedges: int | None = None
    budget_percent: Number | None = None
    options: Options | None = None


class Stats(Structure, frozen=True, kw_only=True):
    """Statistical tests, their level and corrections."""

    tests: list[str] | None = field(
        default_factory=lambda: [StatisticalTest.TTEST.value, StatisticalTest.BOOTSTRAP.value]
    )
    alpha: Number | None = 0.05
    confidence_level: Number | None = None
    effect_size_type: str | None = None
    multiple_testing_correction: str | None = None
    bootstrap_iterations: int | None = None
    options: Options | None = None


class Fairness(Structure, frozen=True, kw_only=True):
    """Fairness between groups."""

    enabled: bool | None = False
    metrics: list[str] | None = None
    group_by: str | None = None
    threshold: Number | None = None
    fail_on_violation: bool | None = None
    options: Options | None = None


class Guardrail(Structure, frozen=True, kw_only=True):
    """Checks of inputs and outputs for attacks and personal data."""

    profiles: list[str] | None = field(default_factory=lambda: [GuardrailProfile.DEFAULT.value])
    prompt_injection_detection: bool | None = None
    jailbreak_detection: bool | None = None
    pii_detection: bool | None = None
    pii_redaction: bool | None = None
    content_moderation: bool | None = None
    fail_on_detection: bool | None = None
    options: Options | None = None


class ReliabilityConfig(Structure, frozen=True, kw_only=True):
    """Reliability.Config: all of these together."""

    ensemble: Ensemble | None = None
    hedging: Hedging | None = None
    guardrails: Guardrail | None = None
    stats: Stats | None = None
    fairness: Fairness | None = None
    monitoring: dict[str, Any] | None = None
    drift: dict[str, Any] | None = None
    circuit_breaker: dict[str, Any] | None = None
    feedback: FeedbackConfig | None = None

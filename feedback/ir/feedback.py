"""Feedback: what a deployment collects, and one reaction of a user."""

from typing import Any

from msgspec import field

from feedback.ir.choices import FeedbackKind, FeedbackStorage
from feedback.ir.structure import Instant, Number, Options, Structure


class FeedbackConfig(Structure, frozen=True, kw_only=True):
    """Feedback.Config: how feedback of a deployment is collected, kept and used."""

    enabled: bool | None = False
    sampling_rate: Number | None = 1.0
    feedback_types: list[str] | None = field(
        default_factory=lambda: [FeedbackKind.THUMBS.value, FeedbackKind.CORRECTION.value]
    )
    storage: str | None = FeedbackStorage.POSTGRES.value
    retention_days: int | None = None
    anonymize_pii: bool | None = True
    drift_detection: dict[str, Any] | None = None
    retraining_trigger: dict[str, Any] | None = None
    options: Options | None = None


class FeedbackEvent(Structure, frozen=True, kw_only=True):
    """Feedback.Event: an input, the output for it, and what a user said of that."""

    id: str | None
    deployment_id: str | None = None
    model_version: str | None = None
    input: dict[str, Any] | None = None
    output: dict[str, Any] | None = None
    feedback_type: str | None = FeedbackKind.THUMBS.value
    feedback_value: Any = None
    user_id: str | None = None
    session_id: str | None = None
    latency_ms: Number | None = None
    timestamp: Instant | None = None
    metadata: dict[str, Any] | None = None

"""Feedback: what a deployment collects, and one reaction of a user."""

from typing import Annotated, Any

from msgspec import Meta, field

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

    id: Annotated[
        str | None,
        Meta(description="A resend is a duplicate. Feedback alone names its event by id or external_id."),
    ]
    deployment_id: Annotated[str | None, Meta(description="The deployment that answered.")] = None
    model_version: Annotated[str | None, Meta(description="The version of the model.")] = None
    input: Annotated[
        dict[str, Any] | None,
        Meta(description="What was asked: prompt or messages, and system, tools, tool_choice or response_format."),
    ] = None
    output: Annotated[
        dict[str, Any] | None, Meta(description="The answer, under message, text or response; other keys are kept.")
    ] = None
    feedback_type: Annotated[
        str | None, Meta(description="thumbs, rating, correction, label or flag, or the name of a signal.")
    ] = FeedbackKind.THUMBS.value
    feedback_value: Annotated[Any, Meta(description="What the user said; null for nothing, except of flags.")] = None
    user_id: Annotated[str | None, Meta(description="The user who asked and reacted; stored as a keyed hash.")] = None
    session_id: Annotated[
        str | None, Meta(description="Groups events of one conversation; stored as a keyed hash.")
    ] = None
    latency_ms: Annotated[Number | None, Meta(description="From the request to the whole answer.")] = None
    timestamp: Annotated[Instant | None, Meta(description="With a zone; the time of arrival if left out.")] = None
    metadata: Annotated[dict[str, Any] | None, Meta(description="Anything else, as a JSON object.")] = None

"""Experiments, their stages and their outputs."""

from typing import Any

from msgspec import field

from feedback.ir.choices import OutputFormat, OutputSink
from feedback.ir.refs import BackendRef, DatasetRef, ModelRef, ModelVersion
from feedback.ir.reliability import ReliabilityConfig
from feedback.ir.structure import Instant, Options, Structure
from feedback.ir.training import TrainingConfig


class StageDef(Structure, frozen=True, kw_only=True):
    """One stage of a pipeline. Its options belong to the stage, which checks them."""

    name: str | None
    module: str | None = None
    options: Options | None = None
    enabled: bool | None = True


class OutputSpec(Structure, frozen=True, kw_only=True):
    """One report of an experiment: its formats and where it goes."""

    name: str | None
    formats: list[str] | None = field(default_factory=lambda: [OutputFormat.MARKDOWN.value])
    sink: str | None = OutputSink.FILE.value
    options: Options | None = None


class Experiment(Structure, frozen=True, kw_only=True):
    """A backend, a pipeline and what belongs to them."""

    id: str | None
    backend: BackendRef | None
    pipeline: list[StageDef] | None
    description: str | None = None
    owner: str | None = None
    tags: list[str] | None = None
    metadata: dict[str, Any] | None = None
    dataset: DatasetRef | None = None
    reliability: ReliabilityConfig | None = None
    outputs: list[OutputSpec] | None = None
    created_at: Instant | None = None
    updated_at: Instant | None = None
    experiment_type: str | None = None
    model_version: ModelVersion | None = None
    training_config: TrainingConfig | None = None
    baseline: ModelRef | None = None

"""References to data, models and backends."""

from typing import Any, Optional

from feedback.ir.choices import DatasetProvider, DatasetSplit, ModelFramework, ModelProvider, ModelStage
from feedback.ir.structure import Instant, Options, Structure


class DatasetRef(Structure, frozen=True, kw_only=True):
    """A data set: its name at a provider, a version and a split."""

    name: str | None
    provider: str | None = DatasetProvider.CRUCIBLE_DATASETS.value
    split: str | None = DatasetSplit.TRAIN.value
    options: Options | None = None
    version: str | None = None
    format: str | None = None
    schema: dict[str, Any] | None = None


class BackendRef(Structure, frozen=True, kw_only=True):
    """A model's backend, with another one to fall back on."""

    id: str | None
    profile: str | None = "default"
    options: Options | None = None
    model_version: str | None = None
    endpoint_url: str | None = None
    deployment_id: str | None = None
    fallback: Optional["BackendRef"] = None


class ModelRef(Structure, frozen=True, kw_only=True):
    """A registered model."""

    id: str | None
    name: str | None = None
    version: str | None = None
    provider: str | None = ModelProvider.LOCAL.value
    framework: str | None = ModelFramework.NX.value
    architecture: str | None = None
    task: str | None = None
    artifact_uri: str | None = None
    metadata: dict[str, Any] | None = None
    options: Options | None = None


class ModelVersion(Structure, frozen=True, kw_only=True):
    """One version of a registered model, with its metrics and lineage."""

    id: str | None
    model_id: str | None
    version: str | None
    stage: str | None = ModelStage.DEVELOPMENT.value
    training_run_id: str | None = None
    metrics: dict[str, Any] | None = None
    artifact_uri: str | None = None
    parent_version: str | None = None
    description: str | None = None
    created_at: Instant | None = None
    created_by: str | None = None
    options: Options | None = None

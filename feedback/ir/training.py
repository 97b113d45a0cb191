"""Training: what to run, and how a run goes."""

from typing import Any

from msgspec import field

from feedback.ir.choices import Device, LossFunction, Optimizer, RunStatus
from feedback.ir.refs import DatasetRef, ModelRef
from feedback.ir.structure import Instant, Number, Options, Structure


class TrainingConfig(Structure, frozen=True, kw_only=True):
    """Training.Config: a model, its data and the settings of the training."""

    id: str | None
    model_ref: ModelRef | None
    dataset_ref: DatasetRef | None
    epochs: int | None = 1
    batch_size: int | None = 32
    learning_rate: Number | None = 0.001
    optimizer: str | None = Optimizer.ADAM.value
    loss_function: str | None = LossFunction.CROSS_ENTROPY.value
    metrics: list[str] | None = field(default_factory=lambda: ["loss", "accuracy"])
    validation_split: Number | None = None
    device: str | None = Device.CPU.value
    seed: int | None = None
    mixed_precision: bool | None = False
    gradient_clipping: Number | None = None
    early_stopping: dict[str, Any] | None = None
    checkpoint_every: int | None = None
    options: Options | None = None


class TrainingRun(Structure, frozen=True, kw_only=True):
    """Training.Run: one execution of a training."""

    id: str | None
    config: TrainingConfig | None
    status: str | None = RunStatus.PENDING.value
    current_epoch: int | None = None
    metrics_history: list[dict[str, Any]] | None = None
    best_metrics: dict[str, Any] | None = None
    checkpoint_uris: list[str] | None = None
    final_model_version: str | None = None
    started_at: Instant | None = None
    completed_at: Instant | None = None
    error_message: str | None = None
    options: Options | None = None

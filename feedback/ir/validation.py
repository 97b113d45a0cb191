"""What makes a structure of the IR valid, with the messages of the Crucible libraries, which speak of atoms."""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import singledispatch
from typing import Any

from feedback.ir.choices import DeploymentState, EnsembleStrategy, ExecutionMode, HedgingStrategy, RunStatus
from feedback.ir.deployment import DeploymentConfig, DeploymentStatus
from feedback.ir.experiment import Experiment, OutputSpec, StageDef
from feedback.ir.feedback import FeedbackConfig, FeedbackEvent
from feedback.ir.refs import BackendRef, DatasetRef, ModelRef, ModelVersion
from feedback.ir.reliability import Ensemble, Hedging, ReliabilityConfig, Stats
from feedback.ir.structure import Structure
from feedback.ir.training import TrainingConfig, TrainingRun

_SEMANTIC_VERSION = re.compile(r"\d+\.\d+\.\d+", re.ASCII)


def validate(value: Structure) -> list[str]:
    """All errors of a structure; an empty list if it is valid.

    Options of stages and other maps are not read, nor are the dataset, outputs, training, model version and baseline
    of an experiment: validate them one by one.

    Parameters
    ----------
    value : Structure
        Any structure of the IR.

    Returns
    -------
    list of str
        In the order of the fields. An error of a nested structure begins with the name of its field.

    Raises
    ------
    TypeError
        The value is no structure of the IR.

    Examples
    --------
    >>> from feedback.ir import BackendRef, Experiment
    >>> validate(Experiment(id="test", backend=BackendRef(id=None), pipeline=[]))
    ['backend.id must be a non-nil atom', 'pipeline must contain at least one stage']
    """
    return list(_errors(value))


@singledispatch
def _errors(value: Any) -> Iterable[str]:
    if not isinstance(value, Structure):
        raise TypeError(f"{type(value).__name__} is not a structure of the IR")
    return ()


@_errors.register
def _(value: Experiment) -> Iterator[str]:
    if value.id in (None, ""):
        yield "id must be non-empty atom"
    if value.backend is None:
        yield "backend is required"
    else:
        yield from _nested("backend.", value.backend)
    if not isinstance(value.pipeline, list):
        yield "pipeline must be a list"
    elif not value.pipeline:
        yield "pipeline must contain at least one stage"
    else:
        for stage in value.pipeline:
            yield from _nested("pipeline stage ", stage)
    yield from _nested("", value.reliability)


@_errors.register
def _(value: BackendRef) -> Iterator[str]:
    if value.id is None:
        yield "id must be a non-nil atom"


@_errors.register(StageDef)
@_errors.register(OutputSpec)
def _(value: StageDef | OutputSpec) -> Iterator[str]:
    if value.name is None:
        yield "name must be a non-nil atom"


@_errors.register
def _(value: DatasetRef) -> Iterator[str]:
    if value.name == "":
        yield "name must be non-empty when set"


@_errors.register
def _(value: ModelRef) -> Iterator[str]:
    yield from _required(value, "id")


@_errors.register
def _(value: ModelVersion) -> Iterator[str]:
    yield from _required(value, "id", "model_id")
    if value.version in (None, ""):
        yield "version is required"
    elif not _SEMANTIC_VERSION.match(str(value.version)):
        yield "version must be a valid semver format (e.g., 1.0.0)"


@_errors.register
def _(value: TrainingConfig) -> Iterator[str]:
    yield from _required(value, "id", "model_ref", "dataset_ref")
    yield from _at_least_one(value, "epochs", "batch_size")
    if value.learning_rate is not None and not (_is_number(value.learning_rate) and value.learning_rate > 0):
        yield "learning_rate must be positive"


@_errors.register
def _(value: TrainingRun) -> Iterator[str]:
    yield from _required(value, "id", "config")
    yield from _one_of(RunStatus, value, "status")


@_errors.register
def _(value: DeploymentConfig) -> Iterator[str]:
    yield from _required(value, "id", "model_version_id")
    yield from _at_least_one(value, "replicas")


@_errors.register
def _(value: DeploymentStatus) -> Iterator[str]:
    yield from _required(value, "id", "deployment_id")
    yield from _one_of(DeploymentState, value, "state")


@_errors.register
def _(value: FeedbackConfig) -> Iterator[str]:
    yield from _share(value, "sampling_rate")


@_errors.register
def _(value: FeedbackEvent) -> Iterator[str]:
    if value.id in (None, ""):
        yield "id is required"


@_errors.register
def _(value: ReliabilityConfig) -> Iterator[str]:
    for name in ("ensemble", "hedging", "stats", "fairness", "guardrails", "feedback"):
        yield from _nested(f"{name}.", getattr(value, name))


@_errors.register
def _(value: Ensemble) -> Iterator[str]:
    yield from _one_of(EnsembleStrategy, value, "strategy")
    yield from _one_of(ExecutionMode, value, "execution_mode")


@_errors.register
def _(value: Hedging) -> Iterator[str]:
    yield from _one_of(HedgingStrategy, value, "strategy")


@_errors.register
def _(value: Stats) -> Iterator[str]:
    yield from _share(value, "alpha")


def _nested(prefix: str, value: Structure | None) -> Iterator[str]:
    if value is not None:
        yield from (f"{prefix}{error}" for error in _errors(value))


def _required(value: Structure, *names: str) -> Iterator[str]:
    yield from (f"{name} is required" for name in names if getattr(value, name) is None)


def _one_of(choices: type[StrEnum], value: Structure, name: str) -> Iterator[str]:
    if getattr(value, name) not in list(choices):
        yield f"{name} must be one of: {', '.join(choices)}"


def _at_least_one(value: Structure, *names: str) -> Iterator[str]:
    for name in names:
        number = getattr(value, name)
        if number is not None and not (_is_number(number) and number >= 1):
            yield f"{name} must be positive"


def _share(value: Structure, name: str) -> Iterator[str]:
    number = getattr(value, name)
    if number is not None and not (_is_number(number) and 0 <= number <= 1):
        yield f"{name} must be between 0 and 1"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

"""Experiments step by step: `experiment("test").with_backend("gpt4").add_stage("inference").build()`."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from feedback.ir.experiment import Experiment, OutputSpec, StageDef
from feedback.ir.feedback import FeedbackConfig
from feedback.ir.refs import BackendRef, DatasetRef, ModelRef, ModelVersion
from feedback.ir.reliability import Ensemble, Fairness, Guardrail, Hedging, ReliabilityConfig, Stats
from feedback.ir.serialization import from_map
from feedback.ir.structure import Structure
from feedback.ir.training import TrainingConfig
from feedback.ir.validation import validate


class InvalidExperiment(ValueError):
    """An experiment that cannot be built, with all its errors."""

    def __init__(self, errors: list[str]):
        super().__init__("; ".join(errors))
        self.errors = errors


class ExperimentBuilder:
    """An experiment that is not finished. Each step returns a new builder and leaves this one as it is.

    Options are the fields of the structure that a step sets. A step sets its structure whole: a second `with_stats`
    replaces the first one.
    """

    def __init__(self, unfinished: Experiment):
        self.unfinished = unfinished

    def with_description(self, description: str) -> "ExperimentBuilder":
        """Describe the experiment."""
        return self._with(description=description)

    def with_experiment_type(self, experiment_type: str) -> "ExperimentBuilder":
        """Say what kind of experiment it is, such as evaluation."""
        return self._with(experiment_type=experiment_type)

    def with_details(
        self, *, owner: str | None = None, tags: Sequence[str] | None = None, metadata: Mapping[str, Any] | None = None
    ) -> "ExperimentBuilder":
        """Say whose it is, label it, and keep other data with it; what is left out stays as it is."""
        given = {
            "owner": owner,
            "tags": None if tags is None else list(tags),
            "metadata": None if metadata is None else dict(metadata),
        }
        return self._with(**{name: value for name, value in given.items() if value is not None})

    def with_backend(self, backend_id: str, **options: Any) -> "ExperimentBuilder":
        """Choose the backend."""
        return self._with(backend=_made(BackendRef, options, id=backend_id))

    def add_stage(self, name: str, **options: Any) -> "ExperimentBuilder":
        """Add a stage at the end of the pipeline."""
        return self._with(pipeline=[*(self.unfinished.pipeline or ()), _made(StageDef, options, name=name)])

    def with_dataset(self, name: str, **options: Any) -> "ExperimentBuilder":
        """Choose the data set."""
        return self._with(dataset=_made(DatasetRef, options, name=name))

    def with_ensemble(self, strategy: str, **options: Any) -> "ExperimentBuilder":
        """Let several models vote."""
        return self._reliable(ensemble=_made(Ensemble, options, strategy=strategy))

    def with_hedging(self, strategy: str, **options: Any) -> "ExperimentBuilder":
        """Repeat slow requests."""
        return self._reliable(hedging=_made(Hedging, options, strategy=strategy))

    def with_stats(self, tests: Sequence[str], **options: Any) -> "ExperimentBuilder":
        """Choose the statistical tests."""
        return self._reliable(stats=_made(Stats, options, tests=list(tests)))

    def with_fairness(self, **options: Any) -> "ExperimentBuilder":
        """Check fairness; enabled unless the options say otherwise."""
        return self._reliable(fairness=_made(Fairness, {"enabled": True} | options))

    def with_guardrails(self, **options: Any) -> "ExperimentBuilder":
        """Check inputs and outputs."""
        return self._reliable(guardrails=_made(Guardrail, options))

    def with_feedback(self, **options: Any) -> "ExperimentBuilder":
        """Collect feedback; enabled unless the options say otherwise."""
        return self._reliable(feedback=_made(FeedbackConfig, {"enabled": True} | options))

    def with_model_version(self, model_id: str, version: str, **options: Any) -> "ExperimentBuilder":
        """Say which model version is evaluated; its id is made from model and version unless the options have one."""
        options = {"id": f"{model_id}_{version.replace('.', '_')}"} | options
        return self._with(model_version=_made(ModelVersion, options, model_id=model_id, version=version))

    def with_baseline(self, model_id: str, **options: Any) -> "ExperimentBuilder":
        """Choose the model to compare with."""
        return self._with(baseline=_made(ModelRef, options, id=model_id))

    def with_training_config(
        self, model_ref: ModelRef | Mapping[str, Any], dataset_ref: DatasetRef | Mapping[str, Any], **options: Any
    ) -> "ExperimentBuilder":
        """Say what to train, on which data; its id is made from the experiment's unless the options have one."""
        options = {"id": f"train_{self.unfinished.id}"} | options
        return self._with(training_config=_made(TrainingConfig, options, model_ref=model_ref, dataset_ref=dataset_ref))

    def add_output(self, name: str, **options: Any) -> "ExperimentBuilder":
        """Add a report."""
        return self._with(outputs=[*(self.unfinished.outputs or ()), _made(OutputSpec, options, name=name)])

    def errors(self) -> list[str]:
        """What keeps the experiment from being built."""
        return validate(self.unfinished)

    def build(self) -> Experiment:
        """The finished experiment. Raises InvalidExperiment."""
        if errors := self.errors():
            raise InvalidExperiment(errors)
        return self.unfinished

    def _reliable(self, **values: Structure) -> "ExperimentBuilder":
        reliability = self.unfinished.reliability or ReliabilityConfig()
        return self._with(reliability=msgspec.structs.replace(reliability, **values))

    def _with(self, **values: Any) -> "ExperimentBuilder":
        return ExperimentBuilder(msgspec.structs.replace(self.unfinished, **values))


def experiment(experiment_id: str) -> ExperimentBuilder:
    """Begin an experiment.

    Parameters
    ----------
    experiment_id : str
        Its id.

    Returns
    -------
    ExperimentBuilder
        Without backend and stages, so that it cannot be built yet.

    Examples
    --------
    >>> built = experiment("test").with_backend("gpt4").add_stage("inference").with_stats(["ttest"], alpha=0.01).build()
    >>> built.reliability.stats.alpha
    0.01
    >>> experiment("test").errors()
    ['backend is required', 'pipeline must contain at least one stage']
    """
    return ExperimentBuilder(Experiment(id=experiment_id, backend=None, pipeline=[]))


def _made(kind: type[Structure], options: Mapping[str, Any], **values: Any) -> Any:
    """A structure of these fields. Raises TypeError for a field that it does not have, InvalidDocument for a value."""
    unknown = sorted(options.keys() - set(kind.__struct_fields__))
    if unknown:
        raise TypeError(f"{kind.__name__} has no {', '.join(unknown)}; it has {', '.join(kind.__struct_fields__)}")
    return from_map(msgspec.to_builtins({**options, **values}), kind)

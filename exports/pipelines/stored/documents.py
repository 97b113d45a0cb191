"""Reads the document of an experiment and checks that it can run here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User

from exports.pipelines import stages
from exports.pipelines.context import Context
from exports.pipelines.errors import StageFailed
from exports.pipelines.stages.base import Stage, named_deployment
from feedback.field_errors import FieldError, printable
from feedback.ir import Experiment, InvalidDocument, StageDef, from_map, validate

MOST_STAGES = 50
MAX_ID_CHARACTERS = 255


class UnrunnableExperiment(ValueError):
    """A document that cannot run, with all errors by field."""

    def __init__(self, errors: list[FieldError]):
        super().__init__(" ".join(error.message for error in errors))
        self.errors = errors


@dataclass(frozen=True)
class Checked:
    """An experiment that can run: its enabled stages by position, and the deployment that they are about."""

    experiment: Experiment
    stages: Mapping[int, type[Stage]]
    deployment_id: str

    def missing_permission(self, user: User) -> str | None:
        """The first permission that a stage needs and this user lacks."""
        return next(filter(None, (stage.missing_permission(user) for stage in self.stages.values())), None)


def read(document: Any) -> Checked:
    """The experiment of a JSON object. Raises UnrunnableExperiment."""
    if not isinstance(document, Mapping):
        raise UnrunnableExperiment([FieldError("", "invalid", "An experiment is a JSON object.")])
    try:
        experiment = from_map(document, Experiment)
    except InvalidDocument as error:
        raise UnrunnableExperiment([FieldError("", "invalid", printable(str(error), most=1_000))]) from error
    if messages := validate(experiment):
        raise UnrunnableExperiment([FieldError("", "invalid", message) for message in messages])
    return check(experiment)


def check(experiment: Experiment) -> Checked:
    """The same of an experiment that is valid in itself."""
    pipeline = experiment.pipeline or []
    errors = list(_too_long(experiment, pipeline))
    found = {}
    for position, definition in enumerate(pipeline):
        if errors or definition.enabled is False:
            continue
        stage = stages.find(definition)
        if stage is None:
            found_name = printable(definition.module or definition.name or "")
            message = f"Unknown stage {found_name}. There are {', '.join(stages.STAGES)}."
            errors.append(FieldError(f"pipeline.{position}.name", "unknown_stage", message))
            continue
        found[position] = stage
        for problem in stage.problems(definition.options or {}):
            field = f"pipeline.{position}.options.{printable(problem.field)}"
            errors.append(FieldError(field, problem.code, problem.message))
    if errors:
        raise UnrunnableExperiment(errors)
    if not found:
        raise UnrunnableExperiment([FieldError("pipeline", "empty", "No stage of the pipeline is enabled.")])
    return Checked(experiment, found, _deployment_id(experiment, found))


def _too_long(experiment: Experiment, pipeline: list[StageDef]) -> Iterator[FieldError]:
    if len(pipeline) > MOST_STAGES:
        yield FieldError("pipeline", "too_long", f"A pipeline has at most {MOST_STAGES} stages.")
    if len(experiment.id or "") > MAX_ID_CHARACTERS:
        yield FieldError("id", "too_long", f"An id has at most {MAX_ID_CHARACTERS} characters.")
    for position, definition in enumerate(pipeline):
        if len(definition.name or "") > MAX_ID_CHARACTERS:
            message = f"A name has at most {MAX_ID_CHARACTERS} characters."
            yield FieldError(f"pipeline.{position}.name", "too_long", message)


def _deployment_id(experiment: Experiment, found: Mapping[int, type[Stage]]) -> str:
    """The one deployment that all stages are about."""
    context = Context(experiment_id=experiment.id or "", run_id="", experiment=experiment)
    names: dict[str, int] = {}
    for position in found:
        try:
            name = named_deployment(context, (experiment.pipeline or [])[position].options or {})
        except StageFailed as error:
            field = f"pipeline.{position}.options.deployment_id"
            raise UnrunnableExperiment([FieldError(field, "required", str(error))]) from error
        names.setdefault(name, position)
    if len(names) > 1:
        position = list(names.values())[1]
        field, named = f"pipeline.{position}.options.deployment_id", " and ".join(map(printable, names))
        message = f"All stages of a pipeline are about one deployment; these are about {named}."
        raise UnrunnableExperiment([FieldError(field, "invalid", message)])
    return next(iter(names))

"""What all stages share: a description, checked options, permissions, and the deployment that they are about."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.contrib.auth.models import User

from exports.pipelines import options as option_types
from exports.pipelines.context import Context
from exports.pipelines.effects import Effects, InProcess
from exports.pipelines.errors import StageFailed
from exports.pipelines.options import Type
from feedback.access.acting import NoActingUser, acting_user
from feedback.field_errors import FieldError
from feedback.ir.choices import DatasetProvider
from feedback.models import Deployment

NO_DEPLOYMENT = (
    "No deployment. Give deployment_id in the options of the stage or in the metadata of the experiment, a dataset of "
    "the provider crucible_feedback, or the artifact deployment_id."
)
EXTENSION = "crucible_feedback"


class Stage(ABC):
    """required, optional, types: as the Elixir library describes them. extensions: further options and their types.

    permissions: what the user of a run needs, at the request and when the stage runs.
    """

    name: ClassVar[str]
    description: ClassVar[str]
    required: ClassVar[tuple[str, ...]] = ()
    optional: ClassVar[tuple[str, ...]] = ()
    types: ClassVar[Mapping[str, Type]] = {}
    extensions: ClassVar[Mapping[str, Type]] = {}
    permissions: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def describe(cls, options: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Name, description, and the required and optional options with their types."""
        found = {
            "name": cls.name,
            "description": cls.description,
            "required": list(cls.required),
            "optional": list(cls.optional),
            "types": dict(cls.types),
        }
        if cls.extensions:
            found["__extensions__"] = {EXTENSION: {"optional": [*cls.extensions], "types": dict(cls.extensions)}}
        return found

    @classmethod
    def problems(cls, options: Mapping[str, Any]) -> list[FieldError]:
        """What is wrong with the options, by field; the types first."""
        return list(option_types.problems(cls.describe(), options)) or list(cls.further_problems(options))

    @classmethod
    def further_problems(cls, options: Mapping[str, Any]) -> Iterable[FieldError]:
        """What is wrong with options of the right types."""
        return ()

    @classmethod
    def run(cls, context: Context, options: Mapping[str, Any] | None = None, **more: Any) -> Context:
        """Run the stage in this process and return the context with its results.

        Raises StageFailed, and StageWaits if a person has to decide first.
        """
        return cls.started(context, {**(options or {}), **more}, InProcess())

    @classmethod
    def started(cls, context: Context, options: Mapping[str, Any], effects: Effects) -> Context:
        """Check options and permissions, and go as far as the stage can. Raises StageFailed and StageWaits."""
        if found := cls.problems(options):
            raise StageFailed(" ".join(problem.message for problem in found))
        user = user_of(context)
        if missing := cls.missing_permission(user):
            raise StageFailed(f"The user {user} lacks the permission {missing}.")
        return cls.advance(context, options, effects)

    @classmethod
    def missing_permission(cls, user: User) -> str | None:
        """The first permission that this user lacks."""
        return next((one for one in cls.permissions if not user.has_perm(one)), None)

    @classmethod
    @abstractmethod
    def advance(cls, context: Context, options: Mapping[str, Any], effects: Effects) -> Context:
        """Do what is left to do. Called again, it makes nothing twice."""


def user_of(context: Context) -> User:
    """In whose name a stage runs. Raises StageFailed if there is none who is active."""
    try:
        user = context.user or acting_user(None)
    except NoActingUser as error:
        raise StageFailed("There is no user in whose name to run: set the user of the context.") from error
    if not user.is_active:
        raise StageFailed(f"The user {user} is not active.")
    return user


def named_deployment(context: Context, options: Mapping[str, Any]) -> str:
    """The id of the deployment that is asked for. Raises StageFailed if there is none."""
    experiment = context.experiment
    dataset, metadata = experiment.dataset, experiment.metadata or {}
    candidates = [options.get("deployment_id"), context.get_artifact("deployment_id"), metadata.get("deployment_id")]
    if dataset is not None:
        candidates.append((dataset.options or {}).get("deployment_id"))
        if dataset.provider == DatasetProvider.CRUCIBLE_FEEDBACK:
            candidates.append((dataset.name or "").partition("/")[0])
    for candidate in candidates:
        if isinstance(candidate, str) and candidate:
            return candidate
    raise StageFailed(NO_DEPLOYMENT)


def named_set(context: Context) -> str:
    """The name of the curated set in a dataset such as `helpdesk/answers`; "" if it names none."""
    dataset = context.experiment.dataset
    if dataset is None or dataset.provider != DatasetProvider.CRUCIBLE_FEEDBACK:
        return ""
    return (dataset.name or "").partition("/")[2]


def deployment_of(context: Context, options: Mapping[str, Any]) -> Deployment:
    """The deployment that a stage is about. Raises StageFailed."""
    name = named_deployment(context, options)
    deployment = Deployment.objects.filter(pk=name).first()
    if deployment is None:
        raise StageFailed(f"There is no deployment {name}.")
    return deployment

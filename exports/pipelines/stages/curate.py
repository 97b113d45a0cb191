"""Builds a draft of a curated set, as a request over the API does."""

from collections.abc import Iterable, Mapping
from typing import Any

from curation.choices import MAX_NAME_CHARACTERS, SELECTING, CuratedSetStatus
from curation.serializers.requests import CuratedSetRequestSerializer
from curation.sets import requesting
from curation.tasks import build_curated_set
from exports.pipelines.context import Context
from exports.pipelines.effects import Effects
from exports.pipelines.errors import StageFailed, StageWaits
from exports.pipelines.stages import bodies
from exports.pipelines.stages.base import Stage, deployment_of, named_set, user_of
from feedback.field_errors import FieldError

_OPTIONS = (
    *("name", "strategies", "parameters", "filters", "shares", "segments", "splits"),
    *("only_new", "limit", "seed"),
)


class Curate(Stage):
    name = "curate"
    description = "Build a draft of a curated set"
    optional = ("deployment_id", *_OPTIONS)
    types = {
        "deployment_id": "string",
        "name": "string",
        "strategies": {"list": {"enum": [one.value for one in SELECTING]}},
        "parameters": "map",
        "filters": "map",
        "shares": "map",
        "segments": "map",
        "splits": "map",
        "only_new": "boolean",
        "limit": "integer",
        "seed": "integer",
    }
    permissions = ("curation.add_curatedset",)

    @classmethod
    def further_problems(cls, options: Mapping[str, Any]) -> Iterable[FieldError]:
        return bodies.problems(CuratedSetRequestSerializer, {"name": "checked", **options}, _OPTIONS)

    @classmethod
    def advance(cls, context: Context, options: Mapping[str, Any], effects: Effects) -> Context:
        deployment, user = deployment_of(context, options), user_of(context)
        name = named_set(context) or context.experiment_id
        wanted = bodies.read(CuratedSetRequestSerializer, {"name": name[:MAX_NAME_CHARACTERS], **options}, _OPTIONS)
        make = requesting.request if effects.in_background else requesting.create
        try:
            curated_set = effects.once("curated_set", lambda: make(deployment.pk, by=user, **wanted))
        except requesting.TooManyBuilding as error:
            raise StageWaits(str(error)) from error
        if not effects.in_background:
            build_curated_set(curated_set.pk)
            curated_set.refresh_from_db()
        if curated_set.status == CuratedSetStatus.BUILDING:
            raise StageWaits(f"A worker builds {curated_set}.")
        if not curated_set.content_hash and not curated_set.queue_total:
            raise StageFailed(curated_set.error or f"{curated_set} has no examples.")
        context = context.put_artifact("deployment_id", deployment.pk).put_artifact("curated_set_id", curated_set.pk)
        return context.put_metric("curated_count", curated_set.total)

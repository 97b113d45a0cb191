"""Scores of the application as the API takes them: by themselves, or with the event that they are about."""

from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from feedback.choices import LABEL_FORM
from feedback.deployments import score_names
from feedback.field_errors import FieldError
from feedback.ingestion.item_types import DEPLOYMENT_ID_SCHEMA, ExternalId, Instant

MAX_VERSION_CHARACTERS = 100

ScoreName = Annotated[
    str,
    Meta(
        description="What is measured, such as exact_match: a-z, 0-9 and _ . : - only.",
        extra_json_schema={"pattern": LABEL_FORM},
    ),
]
ScoreValue = Annotated[float, Meta(description="Within the range that the deployment declares, by default 0 to 1.")]
ScoreVersion = Annotated[str, Meta(max_length=MAX_VERSION_CHARACTERS)]


class GivenScore(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A score of the application that comes with its event."""

    name: ScoreName
    value: ScoreValue
    version: Annotated[ScoreVersion | None, Meta(description="The version of the measure.")] = None


class ScoreItem(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A score of the application about one event, named by `event_id`, or by `external_id` with `deployment_id`.

    An event has one score of each name: the last one.
    """

    event_id: Annotated[UUID | None, Meta(description="The event that the score is about.")] = None
    external_id: Annotated[
        ExternalId | None, Meta(description="Names the event instead of event_id, with deployment_id.")
    ] = None
    deployment_id: Annotated[
        str | None, Meta(description="The deployment of the event.", extra_json_schema=DEPLOYMENT_ID_SCHEMA)
    ] = None
    name: ScoreName
    value: ScoreValue
    version: Annotated[ScoreVersion | None, Meta(description="The version of the measure.")] = None
    occurred_at: Annotated[
        Instant | None, Meta(description="When it was measured, with a zone; the time of arrival if left out.")
    ] = None


def errors_of(item: ScoreItem) -> Iterator[FieldError]:
    """The rules that a well-typed score breaks, apart from its range."""
    if item.event_id is None and (item.external_id is None or item.deployment_id is None):
        yield FieldError("event_id", "required", "event_id, or external_id with deployment_id, is required")
    yield from name_errors(item.name)


def name_errors(name: str, field: str = "name") -> Iterator[FieldError]:
    if not score_names.is_name(name):
        yield FieldError(field, "invalid", f"{field} has 1 to 64 characters of a-z 0-9 _ . : -")

"""Reads the two answers of a comparison."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from curation.candidates import filters
from curation.candidates.reading import rows
from curation.models import Comparison, CuratedExample
from curation.sets.snapshots import message_of
from feedback.removal import objections
from feedback.stores import event_store
from feedback.stores.base import Paging
from feedback.stores.schema import Row

COLUMNS = (
    *("id", "prompt", "messages", "response", "response_message"),
    *("user_hash", "session_hash", "model_version_id", "occurred_at"),
)


@dataclass(frozen=True)
class ComparedAnswer:
    """One of two answers to a prompt. message: of an answer that is more than a text. editor: of an edit."""

    event_id: UUID
    text: str
    message: dict[str, Any] | None
    version: str
    user: str
    session: str
    editor: str
    occurred_at: datetime


def both(comparison: Comparison) -> tuple[ComparedAnswer, ComparedAnswer] | None:
    """The answer of the row and the other one; None if one of them is gone or may not be used for training."""
    row = comparison.example
    if comparison.other_event_id is None:
        other = _edited(row) if row.edited_response else None
    else:
        (event,) = events(row.curated_set.deployment_id, [comparison.other_event_id]) or [None]
        other = _of_event(event) if event else None
    if other is None or objections.objecting([row.user_hash, other.user, other.editor]):
        return None
    return _of_row(row), other


def shown(found: tuple[ComparedAnswer, ComparedAnswer], *, is_reversed: bool) -> tuple[ComparedAnswer, ComparedAnswer]:
    """The answers that are shown as A and as B."""
    row, other = found
    return (other, row) if is_reversed else (row, other)


def events(deployment_id: str, event_ids: Sequence[UUID]) -> list[Row]:
    """Those of these events that the deployment has and that may be used for training, as rows of COLUMNS."""
    where = replace(filters.event_filter(deployment_id, {}), ids=[str(one) for one in event_ids])
    return list(rows(event_store().scan(where, COLUMNS, Paging(limit=len(event_ids)))))


def _of_row(row: CuratedExample) -> ComparedAnswer:
    return ComparedAnswer(
        event_id=row.event_id,
        text=row.response,
        message=row.response_message,
        version=row.model_version_id,
        user=row.user_hash,
        session=row.session_hash,
        editor="",
        occurred_at=row.occurred_at,
    )


def _edited(row: CuratedExample) -> ComparedAnswer:
    return replace(_of_row(row), text=row.edited_response, message=None, version="", editor=row.editor_hash)


def _of_event(event: Row) -> ComparedAnswer:
    return ComparedAnswer(
        event_id=UUID(event["id"]),
        text=event["response"],
        message=message_of(event["response_message"]),
        version=event["model_version_id"],
        user=event["user_hash"],
        session=event["session_hash"],
        editor="",
        occurred_at=event["occurred_at"],
    )

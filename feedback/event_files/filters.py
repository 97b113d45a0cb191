"""Which events are meant by the filters that a caller names, for lists and files alike."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from feedback.flagging.shown import event_ids
from feedback.hashing import external_id_hashes
from feedback.stores import pages
from feedback.stores.base import EventFilter


def event_filter(given: Mapping[str, Any], *, deployment_ids: Sequence[str] | None = None) -> EventFilter:
    """The events of these filters, named as the parameters of GET events; of these deployments only, if any."""
    return EventFilter(
        deployment_id=given.get("deployment_id"),
        deployment_ids=deployment_ids or None,
        model_version_id=given.get("model_version_id"),
        prompt_version=given.get("prompt_version"),
        external_ids=_stored_names(given.get("external_id")),
        session_hash=given.get("session_hash"),
        occurred_from=given.get("from"),
        occurred_to=given.get("to"),
        min_quality=given.get("min_quality"),
        signal=given.get("signal"),
        text=given.get("q", ""),
        ids=_flagged(given, deployment_ids) if given.get("flag") else None,
    )


def _flagged(given: Mapping[str, Any], deployment_ids: Sequence[str] | None) -> list[str]:
    return event_ids(given["flag"], deployment_id=given.get("deployment_id"), deployment_ids=deployment_ids)


def within_search(where: EventFilter) -> tuple[EventFilter, datetime | None]:
    """The events that a search for words reads, and when the oldest of them occurred; None if it reads all."""
    searched_from = pages.searched_from(where)
    return (where if searched_from is None else replace(where, occurred_from=searched_from)), searched_from


def _stored_names(external_id: str | None) -> list[str] | None:
    """What is stored for this external id: the id itself, or its hash if it contains personal data."""
    return None if external_id is None else [external_id, *external_id_hashes(external_id)]

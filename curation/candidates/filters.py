"""Which events a set is selected from: the filters that its request names."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from curation.strategies.base import Candidate
from curation.strategies.evidenced import reaches
from feedback import exact_json
from feedback.rollups.segments import shown_value
from feedback.stores.base import EventFilter
from feedback.stores.schema import Row

# Columns that `matches` reads beside those of candidates.
COLUMNS = ("tags", "experiment", "metadata")


def event_filter(deployment_id: str, filters: Mapping[str, Any]) -> EventFilter:
    """The part of the filters that the store applies, for events that may be used for training."""
    return EventFilter(
        deployment_id=deployment_id,
        model_version_id=filters.get("model_version_id"),
        prompt_version=filters.get("prompt_version"),
        ids=filters.get("event_ids"),
        occurred_from=_moment(filters.get("from")),
        occurred_to=_moment(filters.get("to")),
        min_quality=filters.get("min_quality"),
        text=filters.get("q", ""),
        training_allowed=True,
    )


def matches(row: Row, filters: Mapping[str, Any], checks: list[Row]) -> bool:
    """Whether an event passes the filters that read the event itself.

    tags: it has all of them. metadata: equal values at these keys, of which a text also stands for the number or true
    and false that a segment shows so. checks: it passed, or was not subject to, each.
    """
    if not set(filters.get("tags", ())) <= set(row["tags"] or ()):
        return False
    if "experiment" in filters and row["experiment"] != filters["experiment"]:
        return False
    if wanted := filters.get("metadata"):
        metadata = exact_json.decode(row["metadata"] or "{}")
        if any(key not in metadata or not _is_equal(metadata[key], value) for key, value in wanted.items()):
            return False
    failed = {check["name"] for check in checks if not check["passed"]}
    return not failed & set(filters.get("checks", ()))


def _is_equal(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, str):
        return shown_value(found) == wanted
    if isinstance(found, Decimal):
        found = float(found)
    return isinstance(found, bool) == isinstance(wanted, bool) and found == wanted


def has_evidence(candidate: Candidate, filters: Mapping[str, Any]) -> bool:
    """Whether a candidate passes min_p_good, max_p_good and min_users, for which it must have evidence."""
    lowest, highest, users = (filters.get(name) for name in ("min_p_good", "max_p_good", "min_users"))
    if lowest is None and highest is None and users is None:
        return True
    if not candidate.has_evidence or (users or 0) > candidate.users:
        return False
    if lowest is None and highest is None:
        return True
    if candidate.p_good is None:
        return False
    return reaches(candidate.p_good, lowest or 0.0) and (highest is None or reaches(highest, candidate.p_good))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)

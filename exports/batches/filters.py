"""The filters of an export: which rows of its set it holds. A row that lacks what a filter is about does not match."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from curation.models import CuratedExample, CuratedPair

Row = CuratedExample | CuratedPair


def matches(row: Row, filters: Mapping[str, Any]) -> bool:
    """Whether a row fulfils every filter, as they are stored with the export."""
    return all(_RULES[name](row, wanted) for name, wanted in filters.items())


def _of_example(name: str) -> Callable[[Row], Any]:
    """A column that examples alone have."""
    return lambda row: None if isinstance(row, CuratedPair) else getattr(row, name)


def _model_version(row: Row) -> str:
    return row.chosen_version if isinstance(row, CuratedPair) else row.model_version_id


def _event_id(row: Row) -> str:
    return str(row.chosen_event_id if isinstance(row, CuratedPair) else row.event_id)


def _at_least(read: Callable[[Row], Any]) -> Callable[[Row, Any], bool]:
    return lambda row, least: (value := read(row)) is not None and value >= least


def _at_most(read: Callable[[Row], Any]) -> Callable[[Row, Any], bool]:
    return lambda row, most: (value := read(row)) is not None and value <= most


_RULES: dict[str, Callable[[Row, Any], bool]] = {
    "sources": lambda row, wanted: _of_example("strategy")(row) in wanted,
    "splits": lambda row, wanted: row.split in wanted,
    "model_version_id": lambda row, wanted: _model_version(row) == wanted,
    "from": lambda row, moment: row.occurred_at >= datetime.fromisoformat(moment),
    "to": lambda row, moment: row.occurred_at < datetime.fromisoformat(moment),
    "min_score": _at_least(_of_example("score")),
    "min_p_good": _at_least(_of_example("p_good")),
    "max_p_good": _at_most(_of_example("p_good")),
    "min_users": _at_least(_of_example("users")),
    "event_ids": lambda row, wanted: _event_id(row) in wanted,
}

"""Whether a row is what a filter asks for: the filters in Python, for stores that have no language of their own."""

import re
from collections.abc import Callable, Mapping
from operator import eq, ge, gt, le, lt
from uuid import UUID

from feedback.choices import SignalState
from feedback.querysets.traffic import SEARCHED_CHARACTERS
from feedback.stores.base import EventFilter, SignalFilter
from feedback.stores.schema import Row

Condition = Callable[[Row], bool]

# Fields of the filters that one column answers, and how; a row without a value matches none of them.
_COMPARED = {
    "deployment_id": ("deployment_id", eq),
    "model_version_id": ("model_version_id", eq),
    "prompt_version": ("prompt_version", eq),
    "session_hash": ("session_hash", eq),
    "tools_hash": ("tools_hash", eq),
    "occurred_from": ("occurred_at", ge),
    "occurred_to": ("occurred_at", lt),
    "received_to": ("received_at", lt),
    "min_quality": ("quality_score", ge),
    "max_quality": ("quality_score", le),
    "quality_below": ("quality_score", lt),
    "training_allowed": ("training_allowed", eq),
}
_AMONG = {
    "deployment_ids": "deployment_id",
    "ids": "id",
    "event_ids": "event_id",
    "external_ids": "external_id",
    "user_hashes": "user_hash",
    "session_hashes": "session_hash",
    "types": "type",
}
_BEYOND = {"older_than": lt, "newer_than": gt}
_STATES: Mapping[SignalState | None, Condition] = {
    SignalState.LIVE: lambda row: row["live"] and not row["waiting"],
    SignalState.HISTORY: lambda row: not (row["live"] or row["waiting"]),
    SignalState.WAITING: lambda row: row["waiting"],
    None: lambda row: True,
}
_WORD = re.compile(r"[^\W_]+")


def place(row: Row) -> tuple:
    """The position of a row in the order of a scan."""
    return row["occurred_at"], row["id"]


def event_matches(where: EventFilter, with_signal: frozenset[str]) -> Condition:
    """with_signal: ids of the events that have a live signal of the type asked for."""
    conditions = _of_columns(where)
    if where.named is not None:
        event_id = _as_id(where.named)
        conditions.append(
            lambda row: row["id"] == event_id or row["external_id"] == where.named and row["external_id"] != ""
        )
    if where.signal is not None:
        conditions.append(lambda row: row["id"] in with_signal)
    if where.scored:
        conditions.append(lambda row: row["quality_score"] is not None)
    if where.text:
        words = _words(where.text)
        conditions.append(lambda row: _holds(row["prompt"], words) or _holds(row["response"], words))
    return lambda row: all(condition(row) for condition in conditions)


def signal_matches(where: SignalFilter) -> Condition:
    conditions = [_STATES[where.state], *_of_columns(where)]
    if where.named is not None:
        wanted = _as_id(where.named)
        conditions.append(lambda row: wanted is not None and wanted in (row["id"], row["event_id"]))
    return lambda row: all(condition(row) for condition in conditions)


def _of_columns(where: EventFilter | SignalFilter) -> list[Condition]:
    given = {name: value for name, value in vars(where).items() if value is not None}
    conditions = [_compares(*_COMPARED[name], value) for name, value in given.items() if name in _COMPARED]
    conditions += [_is_among(_AMONG[name], value) for name, value in given.items() if name in _AMONG]
    conditions += [_is_beyond(_BEYOND[name], value) for name, value in given.items() if name in _BEYOND]
    return conditions


def _compares(column: str, holds, bound) -> Condition:
    return lambda row: row[column] is not None and holds(row[column], bound)


def _is_among(column: str, values) -> Condition:
    wanted = {str(value) for value in values}
    return lambda row: row[column] in wanted


def _is_beyond(holds, bound) -> Condition:
    bound = bound[0], str(bound[1])
    return lambda row: holds(place(row), bound)


def _as_id(text: str) -> str | None:
    try:
        return str(UUID(text))
    except ValueError:
        return None


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


def _holds(text: str, words: set[str]) -> bool:
    return bool(words) and words <= _words(text[:SEARCHED_CHARACTERS])

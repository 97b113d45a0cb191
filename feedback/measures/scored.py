"""Measures from scores: the results of the checks, and one number for each score of another assessor."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec
import numpy as np

from feedback.choices import DEFAULT_PROFILE, Assessor, Metric
from feedback.measures import catalogue
from feedback.measures.catalogue import Measure, Named
from feedback.stores.replacing import is_quality
from feedback.stores.schema import Row

Key = tuple[str, str, str]
_CHECKS = Assessor.CHECKS.value
_TOOL_CALLS = "tool_calls"
_FORMAT, _REFUSAL, _INVALID_CALLS = Metric.FORMAT.value, Metric.REFUSAL.value, Metric.INVALID_TOOL_CALLS.value


class _Details(msgspec.Struct):
    format: Any = None
    refusal: Any = None
    calls: Any = None
    valid: Any = None


class _Check(msgspec.Struct):
    name: str
    score: float
    details: _Details
    version: str = catalogue.FIRST_VERSION_OF_CHECKS


_checks = msgspec.json.Decoder(list[_Check])


@dataclass(frozen=True)
class Scored:
    """numbers: float64 arrays of shape (n,), NaN where missing; names: lists, None where missing; both by measure."""

    n: int
    numbers: dict[Measure, np.ndarray] = field(default_factory=dict)
    names: dict[Measure, list[Named]] = field(default_factory=dict)

    def set_number(self, measure: Key, index: int, value: float) -> None:
        # A tuple finds what a measure with the same parts has, and is made in a fraction of the time.
        values = self.numbers.get(cast(Measure, measure))
        if values is None:
            values = self.numbers[Measure(*measure)] = np.full(self.n, np.nan)
        values[index] = value

    def set_name(self, measure: Key, index: int, value: str) -> None:
        values = self.names.get(cast(Measure, measure))
        if values is None:
            values = self.names[Measure(*measure)] = [None] * self.n
        values[index] = value


def measure(rows: Sequence[Row], scores: Mapping[str, Sequence[Row]]) -> Scored:
    """Measure the scores of each event, each in the version that its row says.

    Parameters
    ----------
    rows : sequence of Row
        Rows of events, with their ids.
    scores : mapping of str to sequence of Row
        Scores of an event, by its id.

    Returns
    -------
    Scored
        A number for each score, and what the checks say, in the order of the events.

    Examples
    --------
    >>> score = {"assessor": "judge:strict", "name": "helpful", "profile": "default", "score": 0.5, "version": "2"}
    >>> measure([{"id": "a"}, {"id": "b"}], {"b": [score]}).numbers
    {Measure(metric='helpful', assessor='judge:strict', version='2'): array([nan, 0.5])}
    """
    found = Scored(len(rows))
    for index, row in enumerate(rows):
        for score in scores.get(row["id"], ()):
            if is_quality(score):
                _add_checks(found, index, score)
            else:
                found.set_number(measure_of(score), index, score["score"])
    return found


def measure_of(score: Row) -> Measure:
    """Return the measure of a score: its name, with the profile where it is not the default one.

    Parameters
    ----------
    score : Row
        A row of `stores.schema.SCORE`.

    Returns
    -------
    Measure
        In the version that the row says.

    Examples
    --------
    >>> measure_of({"assessor": "reviewer", "name": "helpful", "profile": "brief", "version": ""})
    Measure(metric='helpful@brief', assessor='reviewer', version='1')
    """
    metric, is_checks = score["name"], score["assessor"] == _CHECKS
    if is_quality(score):
        return Measure(metric, _CHECKS, score["version"] or _version_of(_checks.decode(score["checks"])))
    if is_checks or score["profile"] != DEFAULT_PROFILE:
        metric += catalogue.OF_PROFILE + score["profile"]
    return Measure(metric, score["assessor"], score["version"] or catalogue.FIRST_VERSION)


def _add_checks(found: Scored, index: int, score: Row) -> None:
    checks = _checks.decode(score["checks"])
    version = score["version"] or _version_of(checks)
    found.set_number((score["name"], _CHECKS, version), index, score["score"])
    for check in checks:
        found.set_number((catalogue.CHECK + check.name, _CHECKS, check.version), index, check.score)
        if check.name == _FORMAT and isinstance(check.details.format, str):
            found.set_name((_FORMAT, _CHECKS, check.version), index, check.details.format)
        if check.name == _REFUSAL and isinstance(check.details.refusal, str):
            found.set_name((_REFUSAL, _CHECKS, check.version), index, check.details.refusal)
        if check.name == _TOOL_CALLS and isinstance(check.details.calls, int) and check.details.calls:
            has_invalid = check.details.valid != check.details.calls
            found.set_name((_INVALID_CALLS, _CHECKS, check.version), index, "yes" if has_invalid else "no")


def _version_of(checks: Iterable[_Check]) -> str:
    """The version of a total that does not say its own: then all of its checks have that of the profile."""
    return next((check.version for check in checks), catalogue.FIRST_VERSION_OF_CHECKS)

"""Scores answers by a rubric."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from feedback.field_errors import FieldError, printable
from feedback.rubrics.composite import Composite
from feedback.rubrics.definition import composite


class Rubric(Protocol):
    """A version of a rubric, or its definition."""

    criteria: list[dict[str, Any]]
    flags: list[dict[str, Any]]
    formula: str


class InvalidAnswers(ValueError):
    """What is wrong with answers, by criterion or flag."""

    def __init__(self, errors: list[FieldError]):
        super().__init__(" ".join(f"{error.field}: {error.message}" for error in errors))
        self.errors = errors


@dataclass(frozen=True)
class RubricScore:
    """`raw`: the composite, from `minimum` to `maximum`; `score`: the same from 0 to 1."""

    raw: float
    score: float
    minimum: float
    maximum: float


def composite_of(rubric: Rubric) -> Composite:
    """The formula of a rubric, checked, with the range of its values."""
    return composite(rubric.criteria, rubric.flags, rubric.formula)


def score(rubric: Rubric, answers: Mapping[str, Any]) -> RubricScore:
    """Return the composite of answers.

    Parameters
    ----------
    rubric
        Its criteria, flags and formula are valid.
    answers
        A number on its scale for each criterion, true or false for each flag.

    Returns
    -------
    RubricScore
        The composite, and where it lies in the range of all composites.

    Raises
    ------
    InvalidAnswers
        An answer is missing, unknown, not a number or outside of its scale, or not true or false.

    Examples
    --------
    >>> from feedback.rubrics.definition import define
    >>> rubric = define({"name": "brief", "criteria": [{"name": "clarity"}], "flags": [{"name": "rude"}],
    ...                  "formula": "clarity - 2 * rude"})
    >>> score(rubric, {"clarity": 4, "rude": True})
    RubricScore(raw=2.0, score=0.5, minimum=-1.0, maximum=5.0)
    """
    errors = [*_unknown(rubric, answers)]
    for entry in rubric.criteria:
        errors += _of_criterion(entry, answers)
    for entry in rubric.flags:
        errors += _of_flag(entry["name"], answers)
    if errors:
        raise InvalidAnswers(errors)
    found = composite_of(rubric)
    raw = found.evaluate({name: float(value) for name, value in answers.items()})
    raw = min(max(raw, found.minimum), found.maximum)
    return RubricScore(raw, found.normalise(raw), found.minimum, found.maximum)


def _unknown(rubric: Rubric, answers: Mapping[str, Any]) -> list[FieldError]:
    known = {entry["name"] for entry in (*rubric.criteria, *rubric.flags)}
    return [
        FieldError(printable(str(name)), "unknown_field", "The rubric does not ask this.")
        for name in answers
        if name not in known
    ]


def _of_criterion(entry: Mapping[str, Any], answers: Mapping[str, Any]) -> list[FieldError]:
    name, minimum, maximum = entry["name"], entry["minimum"], entry["maximum"]
    if name not in answers or answers[name] is None:
        return [FieldError(name, "required", f"An answer from {minimum:g} to {maximum:g} is missing.")]
    value = answers[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return [FieldError(name, "invalid", f"This is not a number; answer from {minimum:g} to {maximum:g}.")]
    if not minimum <= value <= maximum:
        return [FieldError(name, "out_of_range", f"The answer is from {minimum:g} to {maximum:g}.")]
    return []


def _of_flag(name: str, answers: Mapping[str, Any]) -> list[FieldError]:
    if name not in answers or answers[name] is None:
        return [FieldError(name, "required", "An answer, true or false, is missing.")]
    if not isinstance(answers[name], bool):
        return [FieldError(name, "invalid", "This is not true or false.")]
    return []

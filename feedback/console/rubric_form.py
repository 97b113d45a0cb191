"""The questions of a rubric as fields of a form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from feedback.field_errors import FieldError
from feedback.rubrics.scoring import Rubric

PREFIX = "answer-"
# A scale of more steps is a field for a number.
MOST_CHOICES = 11


@dataclass(frozen=True)
class Choice:
    value: int
    is_chosen: bool


@dataclass(frozen=True)
class Question:
    """A criterion or a flag. choices: of a scale with few steps; value: what a field for a number holds."""

    field: str
    title: str
    description: str
    choices: list[Choice]
    minimum: float | None
    maximum: float | None
    value: str
    is_checked: bool
    problem: str


@dataclass(frozen=True)
class RubricForm:
    rubric: Rubric
    criteria: list[Question]
    flags: list[Question]


def form_of(
    rubric: Rubric, answers: Mapping[str, Any] | None = None, problems: list[FieldError] | None = None
) -> RubricForm:
    """The form, filled with these answers, each with what is wrong with it."""
    given = answers or {}
    wrong = {problem.field: problem.message for problem in problems or []}
    criteria = [_criterion(entry, given.get(entry["name"]), wrong) for entry in rubric.criteria]
    return RubricForm(rubric, criteria, [_flag(entry, given.get(entry["name"]), wrong) for entry in rubric.flags])


def answers_in(rubric: Rubric, posted: Mapping[str, str]) -> dict[str, Any]:
    """The answers that a submitted form holds, for `scoring.score` to check; a field left empty is missing."""
    found: dict[str, Any] = {entry["name"]: f"{PREFIX}{entry['name']}" in posted for entry in rubric.flags}
    for entry in rubric.criteria:
        if text := posted.get(f"{PREFIX}{entry['name']}", "").strip():
            found[entry["name"]] = _number(text)
    return found


def is_empty(rubric: Rubric, posted: Mapping[str, str]) -> bool:
    """Whether a submitted form answers nothing."""
    return not any(posted.get(f"{PREFIX}{entry['name']}") for entry in (*rubric.criteria, *rubric.flags))


def _number(text: str) -> float | int | str:
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


def _criterion(entry: dict[str, Any], answer: Any, wrong: dict[str, str]) -> Question:
    minimum, maximum = entry["minimum"], entry["maximum"]
    is_short = minimum == int(minimum) and maximum == int(maximum) and maximum - minimum < MOST_CHOICES
    steps = range(int(minimum), int(maximum) + 1) if is_short else ()
    return _question(
        entry,
        wrong,
        choices=[Choice(step, answer == step) for step in steps],
        minimum=minimum,
        maximum=maximum,
        value="" if answer is None else str(answer),
    )


def _flag(entry: dict[str, Any], answer: Any, wrong: dict[str, str]) -> Question:
    return _question(entry, wrong, is_checked=answer is True)


def _question(entry: dict[str, Any], wrong: dict[str, str], **values: Any) -> Question:
    return Question(
        field=f"{PREFIX}{entry['name']}",
        title=entry["title"],
        description=entry["description"],
        problem=wrong.get(entry["name"], ""),
        **({"choices": [], "minimum": None, "maximum": None, "value": "", "is_checked": False} | values),
    )

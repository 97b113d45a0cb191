"""The questions of a set's rubric on the page of a row."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User

from curation.models import CuratedSet
from curation.review import questions
from curation.review.rows import Row
from feedback.console import rubric_form
from feedback.console.rubric_form import RubricForm
from feedback.rubrics.scoring import InvalidAnswers


def form(
    curated_set: CuratedSet, row: Row, user: User, typed: Mapping[str, str] | None, refused: InvalidAnswers | None
) -> RubricForm | None:
    """The form with what was typed, or what the user answered before; None if nothing is asked."""
    if not questions.are_asked(curated_set, row):
        return None
    rubric = curated_set.rubric_version
    answers = rubric_form.answers_in(rubric, typed) if typed else questions.own_answers(curated_set, row, user)
    return rubric_form.form_of(rubric, answers, refused.errors if refused else None)


def answers(curated_set: CuratedSet, row: Row, posted: Mapping[str, str]) -> dict[str, Any] | None:
    """The answers to keep with a verdict; None without any. Raises InvalidAnswers."""
    if not questions.are_asked(curated_set, row):
        return None
    found = rubric_form.answers_in(curated_set.rubric_version, posted)
    is_empty = rubric_form.is_empty(curated_set.rubric_version, posted)
    return found if questions.check(curated_set, found, is_empty=is_empty) else None

"""What reviewers are asked about the answer of a row beside the decision: the rubric of the set."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User

from curation.models import CuratedExample, CuratedSet
from curation.review import verdicts
from curation.review.rows import Row
from feedback.human_scores import submitting
from feedback.models import HumanScore
from feedback.rubrics import scoring


def are_asked(curated_set: CuratedSet, row: Row) -> bool:
    """Whether a reviewer of this row is asked. A pair has two answers; a user who decides between reviewers is not
    blind.
    """
    has_questions = curated_set.rubric_version_id is not None and isinstance(row, CuratedExample)
    return has_questions and not verdicts.is_disputed(curated_set, row)


def check(curated_set: CuratedSet, answers: Mapping[str, Any], *, is_empty: bool) -> bool:
    """Whether there are answers to keep: valid ones, or none where none are required. Raises InvalidAnswers."""
    if is_empty and not curated_set.rubric_required:
        return False
    scoring.score(curated_set.rubric_version, answers)
    return True


def keep(curated_set: CuratedSet, row: CuratedExample, answers: Mapping[str, Any], *, by: User) -> bool:
    """Keep a reviewer's answers, after their verdict; whether the event is still there to have them."""
    try:
        submitting.keep(row.event_id, curated_set.rubric_version, answers, by=by, curated_set_id=curated_set.pk)
    except submitting.UnknownEvent:
        return False
    return True


def own_answers(curated_set: CuratedSet, row: CuratedExample, user: User) -> dict[str, Any] | None:
    """What the user answered before."""
    own = HumanScore.objects.of_event(row.event_id).by_rubric(curated_set.rubric_version_id).by_person(user).first()
    return own.answers if own else None

"""People's scores on the page of an event."""

from dataclasses import dataclass

from django.contrib.auth.models import User

from feedback.human_scores import submitting
from feedback.human_scores.figures import PersonScore


@dataclass(frozen=True)
class PeoplePanel:
    """is_blind: these and other assessors' scores are hidden, because the user may score the answer and has not."""

    scores: list[PersonScore]
    is_blind: bool
    may_score: bool
    has_scored: bool


def build(scores: list[PersonScore], user: User, *, is_asked: bool) -> PeoplePanel:
    """is_asked: the user wants to see the scores without giving one."""
    may_score = submitting.may_score(user)
    has_scored = any(score.person == user.pk for score in scores)
    return PeoplePanel(scores, may_score and not has_scored and not is_asked, may_score, has_scored)

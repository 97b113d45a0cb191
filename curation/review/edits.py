"""What the checks and the rules for edits say of the answer that a reviewer wrote: it warns, and rejects nothing."""

from dataclasses import dataclass

from curation.edits import Outcome, judge
from curation.models import CuratedExample
from feedback.quality.assessment import assess


@dataclass(frozen=True)
class ReviewedEdit:
    """checks: the score of the checks, 0 to 1. code: of the rule that decided. warning: its sentence, "" if it passed.

    edited_response: the masked text that is stored.
    """

    edited_response: str
    checks: float
    code: str
    warning: str


def assessed(row: CuratedExample) -> ReviewedEdit:
    """Judge the reviewer's answer of a row, as an edit of the answer that a user would have made."""
    verdict = judge(row.prompt, row.edited_response or row.response, row.reviewed_response)
    warning = "" if verdict.outcome == Outcome.ACCEPTED else verdict.reason
    return ReviewedEdit(row.reviewed_response, assess(row.prompt, row.reviewed_response).score, verdict.code, warning)

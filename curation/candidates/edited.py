"""The edit of an answer that a set may learn from."""

from collections.abc import Sequence

from curation import edits
from curation.choices import Outcome
from curation.strategies.base import Edit
from feedback.stores.schema import Row

_OUTCOMES = {
    edits.Outcome.ACCEPTED: Outcome.ACCEPTED,
    edits.Outcome.QUEUED: Outcome.QUEUED,
    edits.Outcome.REJECTED: Outcome.EDIT_REJECTED,
}


def chosen(prompt: str, original: str, signals: Sequence[Row], *, response_format: str | None) -> Edit | None:
    """The edit that stands for all of an answer: the accepted one that its editors agree on most.

    signals: live edits, newest first. Without an accepted edit it is the newest that waits for a person, else the
    newest rejected one.
    """
    judged = [
        (row, edits.judge(prompt, original, row["edited_response"], response_format=response_format)) for row in signals
    ]
    for outcome in edits.Outcome:
        of_outcome = {row["id"]: (row, verdict) for row, verdict in judged if verdict.outcome == outcome}
        if of_outcome:
            choice = _choice([row for row, _ in of_outcome.values()]) if outcome == edits.Outcome.ACCEPTED else None
            row, verdict = of_outcome[choice or next(iter(of_outcome))]
            editor, at = row["user_hash"], row["occurred_at"]
            return Edit(row["id"], editor, at, _OUTCOMES[outcome], verdict.reason, verdict.distance)
    return None


def _choice(rows: Sequence[Row]) -> str | None:
    of_people = [edits.Edit(row["id"], row["user_hash"], row["edited_response"], row["occurred_at"]) for row in rows]
    best = edits.choose(of_people).chosen
    return best.id if best else None

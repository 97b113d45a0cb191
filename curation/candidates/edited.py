"""The edit of an answer that a set may learn from."""

from collections.abc import Callable, Sequence

from curation import edits
from curation.choices import Outcome
from curation.strategies.base import Edit
from feedback.evidence.votes import ANONYMOUS, hash_of_user
from feedback.quality import keys
from feedback.quality.answers import Answer
from feedback.stores.schema import Row

_OUTCOMES = {
    edits.Outcome.ACCEPTED: Outcome.ACCEPTED,
    edits.Outcome.QUEUED: Outcome.QUEUED,
    edits.Outcome.REJECTED: Outcome.EDIT_REJECTED,
}


def chosen(
    prompt: str,
    original: str,
    signals: Sequence[Row],
    *,
    response_format: str | None,
    log_odds: Callable[[str], float],
) -> Edit | None:
    """The edit that stands for all of an answer: the accepted one that its editors agree on most.

    signals: live edits, newest first. log_odds: those that a user, by hash, is right. Without an accepted edit it is
    the newest that waits for a person, else the newest rejected one.
    """
    judged = [
        (row, edits.judge(prompt, original, row["edited_response"], response_format=response_format, flags_count=False))
        for row in signals
    ]
    for outcome in edits.Outcome:
        of_outcome = {row["id"]: (row, verdict) for row, verdict in judged if verdict.outcome == outcome}
        if of_outcome:
            choice = _choice([row for row, _ in of_outcome.values()]) if outcome == edits.Outcome.ACCEPTED else None
            row, verdict = of_outcome[choice or next(iter(of_outcome))]
            return Edit(
                row["id"],
                row["user_hash"],
                row["occurred_at"],
                _OUTCOMES[outcome],
                verdict.reason,
                verdict.distance,
                answer=keys.answer_key(Answer(row["edited_response"])),
                length=len(row["edited_response"]),
                editors=_editors(row, signals, log_odds),
            )
    return None


def _editors(row: Row, signals: Sequence[Row], log_odds: Callable[[str], float]) -> tuple[tuple[int, float], ...]:
    """All who made this text of the answer; those without an identity are one."""
    users = {one["user_hash"] for one in signals if one["edited_response"] == row["edited_response"]}
    return tuple((hash_of_user(user) if user else ANONYMOUS, log_odds(user)) for user in sorted(users))


def _choice(rows: Sequence[Row]) -> str | None:
    of_people = [edits.Edit(row["id"], row["user_hash"], row["edited_response"], row["occurred_at"]) for row in rows]
    best = edits.choose(of_people).chosen
    return best.id if best else None

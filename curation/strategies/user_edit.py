"""Answers that a user rewrote."""

from collections.abc import Iterable

from curation.choices import Strategy
from curation.strategies.picks import Candidate, Pick

EDIT_SCORE = 10.0


def edits(candidates: Iterable[Candidate]) -> list[Pick]:
    """Return the answers that a user rewrote, the newest edit first.

    Parameters
    ----------
    candidates : iterable of Candidate
        Events with their live signals.

    Returns
    -------
    list of Pick
        One for each candidate with an edit; all have the score EDIT_SCORE.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> [pick.reason for pick in edits([Candidate("a", "Hello", "Hi", at, edited_response="Hi!", edited_at=at)])]
    ['A user rewrote the answer on 2026-01-01.']
    """
    edited = [(c.edited_at, c) for c in candidates if c.edited_response and c.edited_at is not None]
    return [
        Pick(c, Strategy.USER_EDIT, EDIT_SCORE, f"A user rewrote the answer on {edited_at:%Y-%m-%d}.")
        for edited_at, c in sorted(edited, key=lambda pair: (-pair[0].timestamp(), pair[1].event_id))
    ]

"""Answers that a user rewrote."""

from collections.abc import Iterable

from curation.choices import Strategy
from curation.strategies.picks import Candidate, Pick

EDIT_SCORE = 10.0


def edits(candidates: Iterable[Candidate]) -> list[Pick]:
    edited = [(c.edited_at, c) for c in candidates if c.edited_response and c.edited_at is not None]
    return [
        Pick(c, Strategy.USER_EDIT, EDIT_SCORE, f"A user rewrote the answer on {edited_at:%Y-%m-%d}.")
        for edited_at, c in sorted(edited, key=lambda pair: (-pair[0].timestamp(), pair[1].event_id))
    ]

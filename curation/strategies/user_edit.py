"""Answers that a user rewrote."""

from curation.choices import Strategy
from curation.strategies.picks import Pick

EDIT_SCORE = 10.0


def edits(candidates) -> list[Pick]:
    edited = sorted((c for c in candidates if c.edited_response), key=lambda c: (-c.edited_at.timestamp(), c.event_id))
    return [
        Pick(c, Strategy.USER_EDIT, EDIT_SCORE, f"A user rewrote the answer on {c.edited_at:%Y-%m-%d}.") for c in edited
    ]

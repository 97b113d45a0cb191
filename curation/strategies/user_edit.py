"""Answers that a user rewrote, and whose rewriting passed the rules for edits."""

from collections.abc import Iterator

from curation.choices import Outcome, Strategy
from curation.strategies.base import Pick, Plugin, Task
from feedback.evidence.votes import hash_of_user

EDIT_SCORE = 10.0


def rank(task: Task) -> Iterator[Pick]:
    """Return the accepted edits, those that several users made alike first, then the newest, and then the queue.

    Parameters
    ----------
    task : Task
        The edit of a candidate is the one that was chosen among those of several editors.

    Returns
    -------
    iterator of Pick
        All have the score EDIT_SCORE. Each rests on its editor.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> import numpy as np
    >>> from curation.strategies.base import Candidate, Edit, Trace
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> edit = Edit("s", "u", at, Outcome.ACCEPTED, "It differs in 12 %.", 0.12)
    >>> task = Task([Candidate("a", at, edit=edit)], {}, Trace(1), None, np.random.default_rng(1), 5)
    >>> [pick.reason for pick in rank(task)]
    ['A user rewrote the answer on 2026-01-01. It differs in 12 %.']
    """
    task.trace.columns(Strategy.USER_EDIT)
    found = []
    for index, candidate in enumerate(task.candidates):
        edit = candidate.edit
        if edit is None:
            task.trace.note(Strategy.USER_EDIT, index, Outcome.NO_EDIT)
        elif candidate.exported:
            task.trace.note(Strategy.USER_EDIT, index, Outcome.EXPORTED)
        elif edit.outcome == Outcome.EDIT_REJECTED:
            task.trace.note(Strategy.USER_EDIT, index, Outcome.EDIT_REJECTED, edit.distance)
        else:
            found.append((edit.outcome == Outcome.QUEUED, -edit.edited_at.timestamp(), candidate.event_id, index))
    for queued, _, _, index in sorted(found):
        edit = task.candidates[index].edit
        assert edit is not None
        yield Pick(
            index,
            Strategy.USER_EDIT,
            EDIT_SCORE,
            f"A user rewrote the answer on {edit.edited_at:%Y-%m-%d}. {edit.reason}",
            edit.reason if queued else "",
            frozenset({hash_of_user(edit.editor)}) if edit.editor else frozenset(),
        )


PLUGIN = Plugin(Strategy.USER_EDIT, rank, queues=True)

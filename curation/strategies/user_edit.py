"""Answers that a user rewrote, whose rewriting passed the rules for edits and is probably right."""

from collections.abc import Iterator

from curation.choices import Outcome, Strategy
from curation.strategies.base import Edit, Parameter, Pick, Plugin, Task
from curation.strategies.evidenced import reaches
from feedback.evidence.votes import hash_of_user

EDIT_SCORE = 10.0
PARAMETERS = {
    "min_p_good": Parameter(0.65, 0.0, 0.999, "Lowest probability that the edited text is good."),
}


def rank(task: Task) -> Iterator[Pick]:
    """Return the accepted edits, those of reviewers first, then the newest, and then the queue.

    Parameters
    ----------
    task : Task
        parameters: `min_p_good`. The edit of a candidate is the one that was chosen among those of several editors.

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
    >>> task = Task([Candidate("a", at, edit=edit)], {"min_p_good": 0.7}, Trace(1), None, np.random.default_rng(1), 5)
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
            doubt = _doubt(edit, task.parameters["min_p_good"])
            newest = -edit.edited_at.timestamp()
            found.append((bool(doubt), not edit.is_reviewed, newest, candidate.event_id, index, doubt))
    for *_, index, doubt in sorted(found):
        edit = task.candidates[index].edit
        assert edit is not None
        who = "A reviewer" if edit.is_reviewed else "A user"
        yield Pick(
            index,
            Strategy.USER_EDIT,
            EDIT_SCORE,
            f"{who} rewrote the answer on {edit.edited_at:%Y-%m-%d}. {edit.reason}",
            doubt,
            frozenset({hash_of_user(edit.editor)}) if edit.editor else frozenset(),
        )


def _doubt(edit: Edit, floor: float) -> str:
    """Why an edit waits for a person, "" if it does not."""
    if edit.is_reviewed:
        return ""
    if edit.outcome == Outcome.QUEUED:
        return edit.reason
    if edit.p_good is None:
        return "Users do not agree enough to tell whether this edit is right."
    if not reaches(edit.p_good, floor):
        users = "one user" if edit.users == 1 else f"{edit.users} users"
        return (
            f"Right with probability {edit.p_good:.2f}: {users} wrote it, and others said otherwise or are unreliable."
        )
    return ""


PLUGIN = Plugin(Strategy.USER_EDIT, rank, PARAMETERS, queues=True)

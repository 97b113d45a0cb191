"""Answers that are probably good by what users and gold scores say."""

from collections.abc import Iterator

from curation.choices import Outcome, Strategy
from curation.selecting.identifying import identifying
from curation.strategies.base import Candidate, Parameter, Pick, Plugin, Task, passing
from curation.strategies.evidenced import judged, people_behind, reaches, worded

PARAMETERS = {
    "min_p_good": Parameter(0.90, 0.5, 0.999, "Lowest probability that the answer is good."),
    "max_cosine": Parameter(0.90, 0.0, 1.0, "Prompts of accepted rows are less alike than this."),
}


def rank(task: Task) -> list[Pick]:
    """Return answers whose probability of being good reaches the floor, best first, of equals the earliest.

    If users do not agree enough, no answer has a probability. Then those wait for a person that tell most about which
    users are right.

    Parameters
    ----------
    task : Task
        parameters: `min_p_good`.

    Returns
    -------
    list of Pick
        The score is `p_good`. A pick rests on everyone without whose votes it falls below the floor.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> import numpy as np
    >>> from curation.strategies.base import Candidate, Trace
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> candidates = [Candidate("a", at, p_good=0.95, up=2.0, users=2), Candidate("b", at, p_good=0.7)]
    >>> task = Task(candidates, {"min_p_good": 0.9}, Trace(2), None, np.random.default_rng(1), 5)
    >>> [(pick.index, pick.reason) for pick in rank(task)]
    [(0, 'Good with probability 0.95: 2 users, 2 for and 0 against it.')]
    >>> task.trace.counts("high_quality")
    {'below_floor': 1}
    """
    floor = task.parameters["min_p_good"]
    found = []
    for index, candidate, p_good in judged(task, Strategy.HIGH_QUALITY):
        if not reaches(p_good, floor):
            task.trace.note(Strategy.HIGH_QUALITY, index, Outcome.BELOW_FLOOR, p_good)
        else:
            found.append((-p_good, candidate.occurred_at, candidate.event_id, index))
    accepted = [_pick(task, index, floor) for *_, index in sorted(found)]
    return accepted + [_identifying(task.candidates[index], index) for index in _unagreed(task)]


def _unagreed(task: Task) -> Iterator[int]:
    """Answers whose users do not agree enough, one of equal ones, in the order that tells most about their users."""
    unknown = [
        (candidate.occurred_at, candidate.event_id, index)
        for index, candidate in passing(task, Strategy.HIGH_QUALITY)
        if candidate.p_good is None and candidate.votes
    ]
    different: dict[tuple[bytes, bytes], int] = {}
    for *_, index in sorted(unknown):
        candidate = task.candidates[index]
        different.setdefault((candidate.context, candidate.answer), index)
    indices = list(different.values())
    voters = [[who for who, _ in task.candidates[index].votes] for index in indices]
    return (indices[position] for position in identifying(voters))


def _identifying(candidate: Candidate, index: int) -> Pick:
    users = "one user" if candidate.users == 1 else f"{candidate.users} users"
    sentence = f"Users do not agree enough, and {users} judged this answer: a decision on it shows whom to believe."
    return Pick(index, Strategy.HIGH_QUALITY, float(candidate.users), sentence, sentence)


def _pick(task: Task, index: int, floor: float) -> Pick:
    candidate = task.candidates[index]
    assert candidate.p_good is not None
    reason = worded(candidate)
    return Pick(
        index,
        Strategy.HIGH_QUALITY,
        candidate.p_good,
        f"{reason[0].upper()}{reason[1:]}.",
        people=people_behind(candidate, floor),
    )


PLUGIN = Plugin(Strategy.HIGH_QUALITY, rank, PARAMETERS, one_answer=True, max_cosine="max_cosine", queues=True)

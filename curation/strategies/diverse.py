"""Answers whose prompts cover the traffic, and of these the better ones."""

from collections.abc import Iterator

import numpy as np

from curation.choices import Outcome, Strategy
from curation.selecting.coverage import facility_location
from curation.selecting.pool import stratified_pool
from curation.strategies.base import Candidate, Parameter, Pick, Plugin, Task, passing
from curation.strategies.evidenced import people_behind, reaches, worded

PARAMETERS = {
    "accept_p_good": Parameter(0.75, 0.5, 0.999, "Lowest probability of being good of an accepted answer."),
    "pool": Parameter(5_000, 10, 50_000, "Prompts that are embedded, drawn at random from each version."),
}
UNJUDGED = 0.5


class NoEmbeddings(Exception):
    """The embedding client returned no vectors for comparing prompts."""

    def __init__(self) -> None:
        super().__init__("The embedding client returned no vectors, which comparing prompts needs.")


def rank(task: Task) -> Iterator[Pick]:
    """Return answers to prompts that represent the others, by facility location with a quality term.

    Parameters
    ----------
    task : Task
        parameters: `accept_p_good`, `pool`. Prompts of the picks before count as covered.

    Returns
    -------
    iterator of Pick
        In the order of selection; the score is the gain in coverage and quality. Answers without enough evidence wait
        in the queue.

    Raises
    ------
    NoEmbeddings
        If no prompt has a vector.

    References
    ----------
    Nemhauser, Wolsey and Fisher (1978), Mathematical Programming 14(1), 265-294.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from curation.strategies.base import Trace
    >>> candidates = [Candidate(name, datetime(2026, 1, 1, tzinfo=UTC), p_good=0.9) for name in "ab"]
    >>> values = PLUGIN.with_defaults({})
    >>> task = Task(candidates, values, Trace(2), lambda found: np.eye(2)[found], np.random.default_rng(1), 5)
    >>> [pick.index for pick in rank(task)]
    [0, 1]
    """
    pool, vectors = pooled(task, Strategy.DIVERSE)
    if not len(pool):
        return
    floor = task.parameters["accept_p_good"]
    quality = np.array([quality_of(task.candidates[index]) for index in pool])
    taken = task.embed(task.kept) if task.kept else None
    chosen = facility_location(vectors, quality, count=task.room, taken=taken)
    for index in pool:
        task.trace.note(Strategy.DIVERSE, int(index), Outcome.NOT_CHOSEN)
    for position, gain in chosen:
        index = int(pool[position])
        yield pick(
            task.candidates[index], index, Strategy.DIVERSE, gain, f"Gain in coverage and quality {gain:.2f}", floor
        )


def pooled(task: Task, strategy: Strategy) -> tuple[np.ndarray, np.ndarray]:
    """Return the indices of a random pool of candidates that may be good, shape (n,), with vectors of their prompts.

    Parameters
    ----------
    task : Task
        parameters: `pool`, the most indices.
    strategy : Strategy
        For the trace.

    Returns
    -------
    indices : ndarray of int
        The earliest first, so that it is kept of equals; without those that have no vector.
    vectors : ndarray of float32, shape (n, d)
        Rows of Euclidean length 1.

    Raises
    ------
    NoEmbeddings
        If there are candidates and none has a vector.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from curation.strategies.base import Trace
    >>> candidates = [Candidate(name, datetime(2026, 1, 1, tzinfo=UTC), p_good=0.9) for name in "ab"]
    >>> values = PLUGIN.with_defaults({})
    >>> task = Task(candidates, values, Trace(2), lambda found: np.eye(2)[found], np.random.default_rng(1), 5)
    >>> pooled(task, Strategy.DIVERSE)[0].tolist()
    [0, 1]
    """
    kept = {task.candidates[index].event_id for index in task.kept}
    usable = []
    for index, candidate in passing(task, strategy):
        if candidate.event_id in kept:
            task.trace.note(strategy, index, Outcome.TAKEN)
        elif candidate.p_good is not None and not reaches(candidate.p_good, UNJUDGED):
            task.trace.note(strategy, index, Outcome.BELOW_FLOOR, candidate.p_good)
        else:
            task.trace.note(strategy, index, Outcome.NOT_IN_POOL)
            usable.append(index)
    if not usable:
        return np.empty(0, dtype=np.int64), np.empty((0, 0), dtype=np.float32)
    names = sorted({task.candidates[index].version for index in usable})
    strata = np.array([names.index(task.candidates[index].version) for index in usable])
    pool = np.array(usable)[stratified_pool(strata, rng=task.rng, size=int(task.parameters["pool"]))].tolist()
    by_time = sorted(pool, key=lambda index: (task.candidates[index].occurred_at, task.candidates[index].event_id))
    drawn = np.array(by_time)
    vectors = task.embed(by_time)
    embedded = np.flatnonzero(vectors.any(axis=1))
    if not len(embedded):
        raise NoEmbeddings
    return drawn[embedded], vectors[embedded]


def quality_of(candidate: Candidate) -> float:
    """Return how good an answer probably is, for weighing it against coverage.

    Parameters
    ----------
    candidate : Candidate

    Returns
    -------
    float
        0 to 1: its `p_good`, or 0.5 without evidence. Its form does not count.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> quality_of(Candidate("a", datetime(2026, 1, 1, tzinfo=UTC)))
    0.5
    """
    return UNJUDGED if candidate.p_good is None else candidate.p_good


def pick(candidate: Candidate, index: int, strategy: Strategy, score: float, why: str, floor: float) -> Pick:
    """Return a pick that is accepted if its probability of being good reaches a floor, and else waits in the queue.

    Parameters
    ----------
    candidate : Candidate
    index : int
        Of the candidate.
    strategy : Strategy
    score : float
    why : str
        A clause: why it was selected.
    floor : float
        Above 0 and below 1.

    Returns
    -------
    Pick
        It rests on everyone without whose votes it falls below the floor.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> one = Candidate("a", datetime(2026, 1, 1, tzinfo=UTC))
    >>> pick(one, 0, Strategy.DIVERSE, 0.4, "Gain 0.40", 0.75).queue_reason
    'No evidence says whether this answer is good.'
    """
    if candidate.p_good is None:
        return Pick(index, strategy, score, f"{why}.", "No evidence says whether this answer is good.")
    reason = f"{why}; {worded(candidate)}."
    if not reaches(candidate.p_good, floor):
        missing = f"Good with probability {candidate.p_good:.2f}, which is below {floor:.2f}."
        return Pick(index, strategy, score, reason, missing)
    return Pick(index, strategy, score, reason, people=people_behind(candidate, floor))


PLUGIN = Plugin(Strategy.DIVERSE, rank, PARAMETERS, queues=True, embeds=True)

"""Answers whose tool calls fit their conversations as other calls do, for traffic that users say nothing about."""

import numpy as np

from curation.choices import Outcome, Strategy
from curation.selecting.pool import stratified_pool
from curation.strategies.base import CallFit, Parameter, Pick, Plugin, Task, passing
from curation.strategies.evidenced import reaches

PARAMETERS = {
    "min_fit": Parameter(0.85, 0.5, 0.999, "Lowest probability that an accepted call fits its conversation."),
    "pool": Parameter(5_000, 100, 20_000, "Answers that are compared, drawn at random from each version."),
}
PROBABLY_BAD = 0.5
# Arguments that a sentence names.
_NAMED = 5


def rank(task: Task) -> list[Pick]:
    """Return answers with tool calls, those that fit their conversations best first.

    Parameters
    ----------
    task : Task
        parameters: `min_fit`, `pool`.

    Returns
    -------
    list of Pick
        The score is the probability that the call fits. Below the floor, without enough answers to compare, or with a
        call that its tool does not take, it waits in the queue. Answers that are probably bad are left out.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from curation.strategies.base import Candidate, Trace
    >>> candidates = [Candidate(name, datetime(2026, 1, 1, tzinfo=UTC)) for name in "ab"]
    >>> fits = [CallFit(0.97, "find", "find"), CallFit(0.2, "book", "find", ("city",))]
    >>> task = Task(candidates, PLUGIN.with_defaults({}), Trace(2), None, np.random.default_rng(1), 5,
    ...             fit_calls=lambda indices, rng: fits)
    >>> [(pick.reason, pick.queue_reason) for pick in rank(task)][0]
    ('Calls find, which fits the conversation with probability 0.97.', '')
    >>> rank(task)[1].queue_reason
    'Calls book, which fits with probability 0.20, below 0.85; usual is find. Not in the conversation: city.'
    """
    strategy, pool = Strategy.CONSISTENT_CALL, _pool(task)
    found = []
    for index, fit in zip(pool, task.fit_calls(pool, task.rng), strict=True):
        if fit is None or not fit.called:
            task.trace.note(strategy, index, Outcome.NO_CALL if fit else Outcome.GONE)
            continue
        candidate, probability = task.candidates[index], fit.probability or 0.0
        found.append((not fit.is_valid, -probability, candidate.occurred_at, candidate.event_id, index, fit))
    floor = task.parameters["min_fit"]
    return [_pick(index, fit, floor) for *_, index, fit in sorted(found, key=lambda one: one[:4])]


def _pool(task: Task) -> list[int]:
    """The answers to compare: those that are not probably bad."""
    strategy, usable = Strategy.CONSISTENT_CALL, []
    for index, candidate in passing(task, strategy):
        if candidate.p_good is not None and not reaches(candidate.p_good, PROBABLY_BAD):
            task.trace.note(strategy, index, Outcome.BELOW_FLOOR, candidate.p_good)
        else:
            task.trace.note(strategy, index, Outcome.NOT_IN_POOL)
            usable.append(index)
    names = sorted({task.candidates[index].version for index in usable})
    strata = np.array([names.index(task.candidates[index].version) for index in usable], dtype=int)
    drawn = stratified_pool(strata, rng=task.rng, size=int(task.parameters["pool"]))
    return [usable[at] for at in drawn]


def _pick(index: int, fit: CallFit, floor: float) -> Pick:
    score = fit.probability or 0.0
    if not fit.is_valid:
        doubt = f"Calls {fit.called}, which the event does not declare, or not with these arguments."
    elif fit.probability is None:
        doubt = f"Calls {fit.called}; too few answers to compare it with."
    elif not reaches(fit.probability, floor):
        usual = f"; usual is {fit.expected or 'an answer without a call'}" if fit.expected != fit.called else ""
        missing = f" Not in the conversation: {', '.join(fit.absent[:_NAMED])}." if fit.absent else ""
        doubt = (
            f"Calls {fit.called}, which fits with probability {fit.probability:.2f}, below {floor:.2f}{usual}.{missing}"
        )
    else:
        return Pick(
            index,
            Strategy.CONSISTENT_CALL,
            score,
            f"Calls {fit.called}, which fits the conversation with probability {score:.2f}.",
        )
    return Pick(index, Strategy.CONSISTENT_CALL, score, doubt, doubt)


PLUGIN = Plugin(Strategy.CONSISTENT_CALL, rank, PARAMETERS, queues=True)

"""Answers that are probably bad, or about which users disagree: material for people, never a target of training."""

import math
from collections import Counter

from curation.choices import Outcome, Strategy
from curation.strategies.base import Candidate, Parameter, Pick, Plugin, Task
from curation.strategies.evidenced import judged, reaches, worded

PARAMETERS = {
    "max_p_good": Parameter(0.20, 0.001, 0.5, "Highest probability of being good of a bad answer."),
    "min_users": Parameter(4, 2, 1_000, "Fewest users who count as disagreeing."),
    "min_spread": Parameter(
        0.5, 0.0, 1.0, "How evenly they are divided at least: 0 if all agree, 1 for half and half."
    ),
    "min_prompts": Parameter(5, 2, 100_000, "An uncertain answer counts if its prompt was asked so often."),
}


def rank(task: Task) -> list[Pick]:
    """Return answers that a person should see: bad ones, those that divide users, and uncertain ones with traffic.

    Parameters
    ----------
    task : Task
        parameters: `max_p_good`; `min_users` and `min_spread`; `min_prompts`.

    Returns
    -------
    list of Pick
        All wait in the queue. The score is 1 - p_good of a bad answer, else how evenly users are divided, times the
        logarithm of the prompt's traffic for an uncertain one; bad ones come first.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> import numpy as np
    >>> from curation.strategies.base import Trace
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> candidates = [Candidate("a", at, p_good=0.1, down=2.0, users=2), Candidate("b", at, p_good=0.95)]
    >>> task = Task(candidates, PLUGIN.with_defaults({}), Trace(2), None, np.random.default_rng(1), 5)
    >>> [(pick.index, pick.score, pick.queue_reason) for pick in rank(task)]
    [(0, 0.9, 'Probably bad: good with probability 0.10: 2 users, 0 for and 2 against it.')]
    """
    asked = Counter(candidate.context for candidate in task.candidates)
    found = []
    for index, candidate, p_good in judged(task, Strategy.HARD_EXAMPLE):
        kind, score = _kind(candidate, p_good, asked[candidate.context], task)
        if kind:
            found.append((kind, -score, -candidate.occurred_at.timestamp(), candidate.event_id, index))
        else:
            task.trace.note(Strategy.HARD_EXAMPLE, index, Outcome.ABOVE_CEILING, p_good)
    return [_pick(task.candidates[index], index, kind, -score) for kind, score, _, _, index in sorted(found)]


_WORDS = {1: "Probably bad", 2: "Users disagree", 3: "Uncertain, and asked often"}


def _kind(candidate: Candidate, p_good: float, asked: int, task: Task) -> tuple[int, float]:
    limits = task.parameters
    if reaches(1 - p_good, 1 - limits["max_p_good"]):
        return 1, 1 - p_good
    divided = candidate.users >= limits["min_users"] and candidate.spread >= limits["min_spread"]
    # More users settle a disagreement: what they make probable is no longer hard.
    if divided and p_good <= 0.5:
        return 2, candidate.spread
    if asked >= limits["min_prompts"] and p_good < 1 - limits["max_p_good"]:
        return 3, (1 - abs(2 * p_good - 1)) * math.log(asked)
    return 0, 0.0


def _pick(candidate: Candidate, index: int, kind: int, score: float) -> Pick:
    sentence = f"{_WORDS[kind]}: {worded(candidate)}."
    return Pick(index, Strategy.HARD_EXAMPLE, score, sentence, sentence)


PLUGIN = Plugin(Strategy.HARD_EXAMPLE, rank, PARAMETERS, queues=True)

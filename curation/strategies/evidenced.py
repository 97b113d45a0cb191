"""The probability that an answer is good, as strategies read and word it."""

import math
from collections.abc import Iterator

from curation.choices import Outcome, Strategy
from curation.strategies.base import Candidate, Task, passing

# Two users who are right three times in four make 0.9, but for the last digit.
_ROUNDING = 1e-9


def reaches(p_good: float, floor: float) -> bool:
    """Return whether a probability reaches a floor, up to rounding.

    Parameters
    ----------
    p_good, floor : float
        0 to 1.

    Returns
    -------
    bool

    Examples
    --------
    >>> reaches(0.8999999999999999, 0.9), reaches(0.89, 0.9)
    (True, False)
    """
    return p_good >= floor - _ROUNDING


def judged(task: Task, strategy: Strategy) -> Iterator[tuple[int, Candidate, float]]:
    """Return the candidates that passed every gate and have a probability of being good.

    Parameters
    ----------
    task : Task
        In its trace the others are noted.
    strategy : Strategy
        For the trace.

    Returns
    -------
    iterator of (int, Candidate, float)
        With their indices and probabilities, in order.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> import numpy as np
    >>> from curation.strategies.base import Trace
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> candidates = [Candidate("a", at, p_good=0.9), Candidate("b", at)]
    >>> task = Task(candidates, {}, Trace(2), None, np.random.default_rng(1), 5)
    >>> [(index, p_good) for index, _, p_good in judged(task, Strategy.DIVERSE)]
    [(0, 0.9)]
    """
    for index, candidate in passing(task, strategy):
        if candidate.p_good is not None:
            yield index, candidate, candidate.p_good
        else:
            missing = Outcome.NO_AGREEMENT if candidate.has_evidence else Outcome.NO_EVIDENCE
            task.trace.note(strategy, index, missing)


def people_behind(candidate: Candidate, floor: float) -> frozenset[int]:
    """Return those without whose votes the candidate falls below a floor.

    Parameters
    ----------
    candidate : Candidate
        Its `p_good` is at least the floor.
    floor : float
        Above 0 and below 1.

    Returns
    -------
    frozenset of int
        Empty if no single person decides.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> votes = ((7, 1.4), (8, 1.4))
    >>> candidate = Candidate("a", datetime(2026, 1, 1, tzinfo=UTC), p_good=0.94, votes=votes)
    >>> sorted(people_behind(candidate, 0.9)), sorted(people_behind(candidate, 0.75))
    ([7, 8], [])
    """
    if candidate.p_good is None:
        return frozenset()
    spare = log_odds(candidate.p_good) - log_odds(floor)
    return frozenset(person for person, added in candidate.votes if added > spare + _ROUNDING)


def people_against(candidate: Candidate, ceiling: float) -> frozenset[int]:
    """Return those without whose votes the candidate rises above a ceiling.

    Parameters
    ----------
    candidate : Candidate
        Its `p_good` is below the ceiling.
    ceiling : float
        Above 0 and below 1.

    Returns
    -------
    frozenset of int
        Empty if no single person decides.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> candidate = Candidate("a", datetime(2026, 1, 1, tzinfo=UTC), p_good=0.25, votes=((7, -1.1),))
    >>> sorted(people_against(candidate, 0.5))
    [7]
    """
    if candidate.p_good is None:
        return frozenset()
    spare = log_odds(ceiling) - log_odds(candidate.p_good)
    return frozenset(person for person, added in candidate.votes if -added > spare - _ROUNDING)


def log_odds(share: float) -> float:
    """Return the log-odds of a share.

    Parameters
    ----------
    share : float
        0 to 1.

    Returns
    -------
    float
        Finite: a share of 0 or 1 counts as one that is 1e-12 away from it.

    Examples
    --------
    >>> round(log_odds(0.9), 3), round(log_odds(1.0), 1)
    (2.197, 27.6)
    """
    share = min(max(share, 1e-12), 1 - 1e-12)
    return math.log(share) - math.log1p(-share)


def worded(candidate: Candidate) -> str:
    """Return a candidate's evidence as a clause.

    Parameters
    ----------
    candidate : Candidate
        With a probability of being good.

    Returns
    -------
    str
        Without a full stop.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> worded(Candidate("a", datetime(2026, 1, 1, tzinfo=UTC), p_good=0.934, up=3.0, down=0.5, users=4))
    'good with probability 0.93: 4 users, 3 for and 0.5 against it'
    """
    known = f"good with probability {candidate.p_good:.2f}"
    if not candidate.users:
        return f"{known}, by gold scores"
    noun = "user" if candidate.users == 1 else "users"
    return f"{known}: {candidate.users} {noun}, {candidate.up:.3g} for and {candidate.down:.3g} against it"

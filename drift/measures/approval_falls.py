"""Whether users approve of less than before: the newest votes against earlier ones, tested again at every check."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from drift.measures.approval_thresholds import MOST_DAYS, SMALLEST_FALL
from feedback.statistics import user_falls, user_shares
from feedback.statistics.user_falls import FallResult
from feedback.statistics.user_shares import FEWEST_USERS, UserShare

# Of evidenced events: the windows that are compared, and how many before a window it is compared with.
SIZES = (100, 200, 500, 1_000)
FEWEST_BEFORE, MOST_BEFORE = 100, 1_000
# The chance that anything is ever reported while nothing has changed.
ALPHA = 0.01
# A new deployment has nothing before; until it has LARGEST_NEW evidenced events, approval should not be below EVEN.
EVEN, LARGEST_NEW = 0.5, 1_000
# Sum of 1 / (n log² n) over n = 2, 3, ...
_SUM = 2.1098
# Shares are sums of floats: .8 - .7 is slightly less than .1.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Votes:
    """The votes on some events, the newest event first.

    Attributes
    ----------
    events : ndarray of int
        Shape (n,), ascending: the index of the event that each vote is about.
    users : ndarray of int
        Shape (n,): the user, 0 to size - 1.
    ups, downs : ndarray
        Shape (n,): what the vote says for and against the answer.
    days : ndarray
        Shape (m,) by event, ascending: its age.
    size : int
        Users in all votes that are compared with each other.
    """

    events: np.ndarray
    users: np.ndarray
    ups: np.ndarray
    downs: np.ndarray
    days: np.ndarray
    size: int

    def share(self, first: int, end: int) -> UserShare | None:
        """Approval over the events of these indices; None with fewer than FEWEST_USERS users."""
        low, high = np.searchsorted(self.events, (first, end))
        users = self.users[low:high]
        if len(users) < FEWEST_USERS or np.count_nonzero(np.bincount(users)) < FEWEST_USERS:
            return None
        return user_shares.user_share(users, self.ups[low:high], self.downs[low:high], size=self.size)

    def only(self, kept: np.ndarray) -> "Votes":
        """The votes on the events that are True in this array, which may be shorter than there are events."""
        events = np.flatnonzero(kept)
        places = np.searchsorted(events, self.events)
        is_kept = np.isin(self.events, events)
        users, ups, downs = self.users[is_kept], self.ups[is_kept], self.downs[is_kept]
        return Votes(places[is_kept], users, ups, downs, self.days[events], self.size)

    def within(self, days: float) -> int:
        """How many events are at most this old."""
        return int(np.searchsorted(self.days, days, side="right"))


@dataclass(frozen=True)
class Comparison:
    """The newest events against earlier ones.

    Attributes
    ----------
    events : int
        How many newest events.
    now : UserShare
        Their approval.
    events_before : int
        How many earlier events; 0 if approval is compared with EVEN.
    before : UserShare or None
        Their approval.
    """

    events: int
    now: UserShare
    events_before: int = 0
    before: UserShare | None = None

    @property
    def expected(self) -> float:
        """The approval that is compared with, 0 to 1."""
        return EVEN if self.before is None else self.before.value


@dataclass(frozen=True)
class Finding:
    """A comparison with how far approval has fallen, and whether that is a reason to act."""

    comparison: Comparison
    fall: FallResult
    is_met: bool


def is_enough(baseline: Votes) -> bool:
    """Return whether a baseline has enough votes to compare with.

    Parameters
    ----------
    baseline : Votes
        On its events.

    Returns
    -------
    bool
        True from FEWEST_BEFORE events and FEWEST_USERS users on.

    Examples
    --------
    >>> votes = Votes(np.arange(100), np.arange(100), np.ones(100), np.zeros(100), np.zeros(100), 100)
    >>> is_enough(votes), is_enough(Votes(votes.events, votes.users % 19, votes.ups, votes.downs, votes.days, 100))
    (True, False)
    """
    return len(baseline.days) >= FEWEST_BEFORE and baseline.share(0, len(baseline.days)) is not None


def comparisons(votes: Votes, baseline: Votes | None = None, *, is_new: bool = False) -> list[Comparison]:
    """Return the comparisons for which there is enough data.

    Parameters
    ----------
    votes : Votes
        Of the newest evidenced events; those after the baseline if there is one.
    baseline : Votes, optional
        Of the events of a pinned baseline that `is_enough`. Without one the events before each window take its place.
    is_new : bool
        Whether there is no baseline and the deployment has never had LARGEST_NEW evidenced events.

    Returns
    -------
    list of Comparison
        One for each of SIZES, and one with EVEN for a new deployment, unless a side has too few events or users.

    Examples
    --------
    >>> day = np.arange(250) / 100
    >>> votes = Votes(np.arange(250), np.arange(250), np.ones(250), np.zeros(250), day, 250)
    >>> [(found.events, found.events_before) for found in comparisons(votes, is_new=True)]
    [(100, 150), (250, 0)]
    """
    fixed = None if baseline is None or not is_enough(baseline) else baseline.share(0, len(baseline.days))
    recent = votes.within(MOST_DAYS)
    found = []
    for size in SIZES:
        if size > recent:
            break
        if baseline is not None and fixed is not None:
            before, number = fixed, len(baseline.days)
        else:
            end = min(size + MOST_BEFORE, votes.within(votes.days[size - 1] + MOST_DAYS))
            number = end - size
            earlier = votes.share(size, end) if number >= FEWEST_BEFORE else None
            if earlier is None:
                continue
            before = earlier
        now = votes.share(0, size)
        if now is not None:
            found.append(Comparison(size, now, number, before))
    if is_new and (everything := votes.share(0, recent)) is not None:
        found.append(Comparison(recent, everything))
    return found


def alpha_of(evaluation: int) -> float:
    """Return the part of ALPHA that one comparison of an evaluation may use.

    Parameters
    ----------
    evaluation : int
        The number of the evaluation among those that saw new evidence, from 1.

    Returns
    -------
    float
        0 to ALPHA. Over all evaluations and comparisons the parts sum to ALPHA.

    Notes
    -----
    1 / (n log² n) sums to a finite number and falls more slowly than 1 / n², so that later evaluations lose less power.

    References
    ----------
    Robbins (1970), Ann. Math. Stat. 41(5), 1397-1409, on such sequences; the union bound does the rest.

    Examples
    --------
    >>> float(f"{alpha_of(1):.3g}"), float(f"{alpha_of(1_000):.3g}")
    (0.000987, 1.98e-08)
    """
    n = evaluation + 1
    return ALPHA / (len(SIZES) + 1) / (_SUM * n * log(n) ** 2)


def judge(compared: Sequence[Comparison], *, evaluation: int) -> list[Finding]:
    """Return what the comparisons of one evaluation show.

    Parameters
    ----------
    compared : sequence of Comparison
        As from `comparisons`.
    evaluation : int
        The number of the evaluation among those that saw new evidence, from 1.

    Returns
    -------
    list of Finding
        In the same order. Met by a fall of SMALLEST_FALL or more whose lower bound is above 0. While nothing changes,
        the chance that any finding of any evaluation is met is at most ALPHA.

    Examples
    --------
    >>> downs = np.repeat([1.0, 0.0], [60, 200])
    >>> votes = Votes(np.arange(260), np.arange(260), 1 - downs, downs, np.zeros(260), 260)
    >>> (finding,) = judge(comparisons(votes), evaluation=1)
    >>> round(finding.fall.value, 2), round(finding.fall.low, 2), finding.is_met
    (0.6, 0.43, True)
    """
    alpha = alpha_of(evaluation)
    found = []
    for one in compared:
        if one.before is None:
            fall = user_falls.fall_below(EVEN, one.now, alpha=alpha)
        else:
            fall = user_falls.fall(one.before, one.now, alpha=alpha)
        found.append(Finding(one, fall, fall.value >= SMALLEST_FALL - _ROUNDING and fall.low > 0))
    return found

"""The share of users who approve of a group of events, such as those of one model version or day."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple, TypeVar

import numpy as np

from feedback.evidence.votes import ANONYMOUS
from feedback.statistics import user_shares

LEVEL = 0.95
Key = TypeVar("Key", bound=Hashable)


class Ballot(NamedTuple):
    """Who voted on one event, and what each said for and against the answer."""

    voters: Sequence[int]
    ups: Sequence[float]
    downs: Sequence[float]


@dataclass(frozen=True)
class GroupApproval:
    """Approval of a group of events.

    Attributes
    ----------
    users, events : int
        How many users voted, and on how many events.
    value : float
        The share of votes that are up, each user with at most 5 % of them, or with as much as every other.
    low, high : float or None
        The ends of the interval at `level`; None for a single user.
    level : float
        0.95.
    """

    users: int
    events: int
    value: float
    low: float | None
    high: float | None
    level: float = LEVEL


def group_approvals(groups: Mapping[Key, Sequence[Ballot]]) -> dict[Key, GroupApproval]:
    """Return the approval of each group of events.

    Parameters
    ----------
    groups : mapping of key to sequence of Ballot
        The votes on the events of each group.

    Returns
    -------
    dict of key to GroupApproval
        Without groups on which no one voted.

    Examples
    --------
    >>> found = group_approvals({"v1": [Ballot([7, 8], [1.0, 1.0], [0.0, 0.0]), Ballot([7], [0.0], [1.0])], "v2": []})
    >>> found["v1"].users, found["v1"].events, found["v1"].value
    (2, 2, 0.75)
    >>> list(found)
    ['v1']
    """
    shares = {key: _share(ballots) for key, ballots in groups.items() if any(one.voters for one in ballots)}
    intervals = user_shares.intervals(list(shares.values()), level=LEVEL)
    return {
        key: GroupApproval(share.users, sum(1 for one in groups[key] if one.voters), share.value, *(ends or _NO_ENDS))
        for (key, share), ends in zip(shares.items(), intervals, strict=True)
    }


_NO_ENDS = (None, None)


def _share(ballots: Sequence[Ballot]) -> user_shares.UserShare:
    voters = np.fromiter(chain.from_iterable(one.voters for one in ballots), np.int64)
    ups, downs = (np.fromiter(chain.from_iterable(one[place] for one in ballots), float) for place in (1, 2))
    users, size = user_shares.numbered(voters, anonymous=ANONYMOUS)
    return user_shares.user_share(users, ups, downs, size=size, fewest=1)

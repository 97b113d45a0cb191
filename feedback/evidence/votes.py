"""The votes on one event: one voter a user, whatever number of signals, and what they say together."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import xxhash

from feedback.choices import FeedbackState
from feedback.evidence.weights import Vote

# Voters without an identity: signals without a user, and all that strangers sent through public keys.
ANONYMOUS, PUBLIC = 0, 1
# The most that the signals of one user about one event weigh together.
STRONGEST = 2.0


@dataclass(frozen=True)
class EventVotes:
    """Voters by 64-bit hash, in ascending order, and what each says for and against the answer.

    ups, downs: together at most STRONGEST a voter, at most 1 of PUBLIC. state: by signals, not by voters.
    """

    voters: tuple[int, ...] = ()
    ups: tuple[float, ...] = ()
    downs: tuple[float, ...] = ()
    state: FeedbackState = FeedbackState.NONE

    @property
    def up(self) -> float:
        """Users for the answer, each counted as at most 1 for and against it together."""
        return sum(up / max(1.0, up + down) for up, down in zip(self.ups, self.downs, strict=True))

    @property
    def down(self) -> float:
        """Users against the answer, counted likewise."""
        return sum(down / max(1.0, up + down) for up, down in zip(self.ups, self.downs, strict=True))


def voter_of(user_hash: str, *, event_user_hash: str, through_public_key: bool) -> int:
    """Return the voter that a signal counts for.

    Parameters
    ----------
    user_hash, event_user_hash : str
        Keyed hashes of the user of the signal and of the user who asked; "" if unknown.
    through_public_key : bool
        Whether the signal came with a key that is in the hands of strangers.

    Returns
    -------
    int
        A signed 64-bit hash; PUBLIC for a stranger's signal, ANONYMOUS for one without a user.

    Examples
    --------
    >>> voter_of("a", event_user_hash="b", through_public_key=True) == PUBLIC
    True
    >>> voter_of("", event_user_hash="b", through_public_key=False) == ANONYMOUS
    True
    """
    if through_public_key and (not user_hash or user_hash != event_user_hash):
        return PUBLIC
    return hash_of_user(user_hash) if user_hash else ANONYMOUS


def hash_of_user(user_hash: str) -> int:
    """Return the voter that stands for a user.

    Parameters
    ----------
    user_hash : str
        The keyed hash of the user.

    Returns
    -------
    int
        A signed 64-bit hash.

    Examples
    --------
    >>> hash_of_user("a")
    5930894301504237147
    """
    return xxhash.xxh64_intdigest(user_hash.encode()) - 2**63


def collect(votes: Iterable[tuple[int, Vote]]) -> EventVotes:
    """Return the votes on one event.

    Parameters
    ----------
    votes : iterable of (int, Vote)
        The voter and the vote of each live signal.

    Returns
    -------
    EventVotes
        Without voters who say nothing.

    Examples
    --------
    >>> collect([(7, Vote(1.0, 0.0)), (9, Vote(0.0, 0.5)), (8, Vote(0.0, 0.0))])
    EventVotes(voters=(7, 9), ups=(1.0, 0.0), downs=(0.0, 0.5), state=FeedbackState.MIXED)
    """
    sums: dict[int, list[float]] = {}
    is_good = is_bad = False
    for voter, (up, down) in votes:
        if up or down:
            held = sums.setdefault(voter, [0.0, 0.0])
            held[0] += up
            held[1] += down
            is_good, is_bad = is_good or up >= down, is_bad or down >= up
    voters = tuple(sorted(sums))
    scales = [min(1.0, (1.0 if voter == PUBLIC else STRONGEST) / (sums[voter][0] + sums[voter][1])) for voter in voters]
    return EventVotes(
        voters,
        tuple(sums[voter][0] * scale for voter, scale in zip(voters, scales, strict=True)),
        tuple(sums[voter][1] * scale for voter, scale in zip(voters, scales, strict=True)),
        _state(is_good, is_bad),
    )


def collect_each(
    events: np.ndarray, voters: np.ndarray, ups: np.ndarray, downs: np.ndarray, *, count: int
) -> list[EventVotes]:
    """Return the votes on each of many events, as `collect` does for one.

    Parameters
    ----------
    events : ndarray of int, shape (m,)
        The event of each live signal, 0 to `count` - 1.
    voters : ndarray of int64, shape (m,)
        Its voter.
    ups, downs : ndarray of float, shape (m,)
        What it says for and against the answer.
    count : int
        How many events there are.

    Returns
    -------
    list of EventVotes
        One for each event.

    Examples
    --------
    >>> ups, downs = np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.5, 0.0])
    >>> found = collect_each(np.array([1, 1, 1]), np.array([7, 9, 8]), ups, downs, count=2)
    >>> found[0] == EventVotes(), found[1] == collect([(7, Vote(1.0, 0.0)), (9, Vote(0.0, 0.5))])
    (True, True)
    """
    says = (ups > 0) | (downs > 0)
    events, voters, ups, downs = events[says], voters[says], ups[says], downs[says]
    is_good, is_bad = (np.bincount(events, side, count) > 0 for side in (ups >= downs, downs >= ups))
    order = np.lexsort((voters, events))
    events, voters, ups, downs = events[order], voters[order], ups[order], downs[order]
    is_first = np.ones(len(events), bool)
    is_first[1:] = (events[1:] != events[:-1]) | (voters[1:] != voters[:-1])
    first = np.flatnonzero(is_first)
    if len(first):
        events, voters = events[first], voters[first]
        ups, downs = np.add.reduceat(ups, first), np.add.reduceat(downs, first)
    scales = np.minimum(1.0, np.where(voters == PUBLIC, 1.0, STRONGEST) / (ups + downs))
    sizes = np.bincount(events, minlength=count)
    ends = np.cumsum(sizes)
    bounds = zip((ends - sizes).tolist(), ends.tolist(), strict=True)
    states = map(_state, is_good.tolist(), is_bad.tolist())
    who, up, down = voters.tolist(), (ups * scales).tolist(), (downs * scales).tolist()
    return [
        EventVotes(tuple(who[start:end]), tuple(up[start:end]), tuple(down[start:end]), state)
        for (start, end), state in zip(bounds, states, strict=True)
    ]


def _state(is_good: bool, is_bad: bool) -> FeedbackState:
    if is_good and is_bad:
        return FeedbackState.MIXED
    return FeedbackState.GOOD if is_good else FeedbackState.BAD if is_bad else FeedbackState.NONE

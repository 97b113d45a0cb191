"""The fit of a deployment's votes: the prior of each version, the reliability of each user, and whether users agree."""

from dataclasses import dataclass

import numpy as np

from feedback.choices import Agreement
from feedback.evidence.arrays import VoteArrays
from feedback.evidence.consensus import DEFAULT_RELIABILITY, Consensus, consensus, gold_log_odds
from feedback.evidence.posterior import STRONGEST_PRIOR, logit
from feedback.evidence.reliability import HIGHEST, LOWEST, Judged, Reliabilities, look_up, reliabilities

# Events with two voters from which on rates and reliabilities are fitted.
FEWEST_EVENTS = 200
# The most that one user weighs in a fit, as a share of all votes.
LARGEST_SHARE = 0.01
_NO_USERS = Reliabilities(np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64))


@dataclass(frozen=True)
class VersionRate:
    """The share of good answers of one version, and the log-odds with which its events begin."""

    events: int
    rate: float
    log_odds: float


@dataclass(frozen=True)
class Fit:
    """What the votes of a deployment say of its versions and its users.

    Attributes
    ----------
    versions : tuple of VersionRate
        By code.
    log_odds : float
        The prior of any other version.
    reliability : float
        Of every user without one of their own, 0.5 to 0.95.
    users_known : Reliabilities
        Users with a reliability of their own.
    agreement : Agreement
        Whether users agree enough for their votes to tell good from bad.
    is_fitted : bool
        Whether rates and reliabilities come from the votes; if not they are the defaults.
    events, votes, users, gold_scores : int
        How many of each there were.
    """

    versions: tuple[VersionRate, ...]
    log_odds: float
    reliability: float
    users_known: Reliabilities
    agreement: Agreement
    is_fitted: bool
    events: int
    votes: int
    users: int
    gold_scores: int

    def log_odds_of(self, versions: np.ndarray) -> np.ndarray:
        """The prior of each event by the code of its version; a code that the fit does not know has the default."""
        known = np.array([*(version.log_odds for version in self.versions), self.log_odds])
        is_known = (versions >= 0) & (versions < len(self.versions))
        return known[np.where(is_known, versions, len(self.versions))]

    def reliabilities_of(self, voters: np.ndarray) -> np.ndarray:
        """The reliability of each voter."""
        known = self.users_known
        return look_up(voters, known.voters, known.values, default=self.reliability)


def fit(arrays: VoteArrays, versions: np.ndarray, *, count: int) -> Fit:
    """Return what the votes of a deployment say of its versions and its users.

    Parameters
    ----------
    arrays : VoteArrays
        The votes on n events and their gold scores.
    versions : ndarray of int, shape (n,)
        The version of each event, from 0 to `count` - 1.
    count : int
        How many versions there are.

    Returns
    -------
    Fit
        The same for the same votes. Below 200 events with two voters rates are 0.5 and users are right as often as
        DEFAULT_RELIABILITY.

    Examples
    --------
    >>> from feedback.evidence.arrays import vote_arrays
    >>> up, down = [1.0, 1.0, 1.0], [0.0, 0.0, 0.0]
    >>> arrays = vote_arrays([[7, 8, 9]] * 250, [up] * 175 + [down] * 75, [down] * 175 + [up] * 75, [[]] * 250)
    >>> found = fit(arrays, np.zeros(250, int), count=1)
    >>> found.agreement.value, found.is_fitted, round(found.reliability, 2), round(found.versions[0].rate, 2)
    ('enough', True, 0.88, 0.69)
    """
    sizes = np.bincount(versions, minlength=count)
    counts = {
        "events": len(arrays),
        "votes": len(arrays.voters),
        "users": len(np.unique(arrays.voters)),
        "gold_scores": len(arrays.gold),
    }
    if np.count_nonzero(np.diff(arrays.offsets) > 1) < FEWEST_EVENTS:
        rates = tuple(VersionRate(int(size), 0.5, 0.0) for size in sizes)
        return Fit(rates, 0.0, DEFAULT_RELIABILITY, _NO_USERS, Agreement.UNKNOWN, False, **counts)
    found = consensus(arrays, versions, _shares(arrays), count=count)
    judged = _judged(arrays, versions, found)
    agreement = Agreement.ENOUGH if found.informedness > 0.1 else Agreement.NOT_ENOUGH
    log_odds = np.clip(logit(found.rates), -STRONGEST_PRIOR, STRONGEST_PRIOR)
    return Fit(
        tuple(
            VersionRate(int(size), float(rate), float(prior))
            for size, rate, prior in zip(sizes, found.rates, log_odds, strict=True)
        ),
        float(np.clip(logit(found.rate), -STRONGEST_PRIOR, STRONGEST_PRIOR)),
        float(np.clip((1 + found.informedness) / 2, LOWEST, HIGHEST)),
        reliabilities(arrays, judged, informedness=found.informedness, variance=0.05),
        agreement,
        True,
        **counts,
    )


def _shares(arrays: VoteArrays) -> np.ndarray:
    """The share of each vote that counts, so that no user weighs more than LARGEST_SHARE of all votes."""
    users = np.unique(arrays.voters, return_inverse=True)[1]
    weights = np.abs(arrays.weights)
    most = max(1.0, LARGEST_SHARE * weights.sum())
    of_users = np.bincount(users, weights)
    return np.minimum(1.0, most / np.maximum(of_users, most))[users]


def _judged(arrays: VoteArrays, versions: np.ndarray, found: Consensus) -> Judged:
    events, weights = arrays.events, arrays.weights
    steps = np.maximum(weights, 0.0) * found.step_up + np.maximum(-weights, 0.0) * found.step_down
    gold = gold_log_odds(arrays)
    prior = logit(found.rates)[versions]
    total = prior + gold + np.bincount(events, steps, len(arrays))
    usual = np.tanh(prior / 2)
    return Judged(
        np.unique(arrays.voters, return_inverse=True)[1],
        np.clip(weights, -1.0, 1.0),
        np.tanh((total[events] - steps) / 2) - usual[events],
        (np.tanh((prior + gold) / 2) - usual)[events],
    )

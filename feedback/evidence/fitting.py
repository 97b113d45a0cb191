"""The fit of a deployment's votes: the prior of each version, the reliability of each user, and whether users agree."""

from dataclasses import dataclass, replace

import numpy as np

from feedback.choices import Agreement
from feedback.evidence.agreement import FEWEST_GOLD, agreement_among_users
from feedback.evidence.arrays import VoteArrays
from feedback.evidence.camps import Judged, kinds_of_users, log_odds_of_votes, shares_of_kinds
from feedback.evidence.consensus import DEFAULT_RELIABILITY, Consensus, consensus, gold_log_odds
from feedback.evidence.gold_agreement import agreement_by_gold, contradicted_by_gold
from feedback.evidence.posterior import STRONGEST_PRIOR, logit
from feedback.evidence.reliability import HIGHEST, LOWEST, Reliabilities, look_up, reliabilities
from feedback.evidence.votes import ANONYMOUS, PUBLIC

# Events with two voters from which on rates and reliabilities are fitted.
FEWEST_EVENTS = 50
# The most that one user weighs in a fit, as a share of all votes.
LARGEST_SHARE = 0.01
# Keeps the informedness of one user comparable with that of users who know nothing.
_LEAST_INFORMEDNESS = 0.01
# Parts of the gold scores, each judged by a fit of the others.
_FOLDS = 5
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
        The same for the same votes. Below FEWEST_EVENTS events with two voters rates are 0.5 and users are right as
        often as DEFAULT_RELIABILITY.

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
    model, decided = _decided(arrays, versions, count)
    found = model.found
    log_odds = np.clip(logit(found.rates), -STRONGEST_PRIOR, STRONGEST_PRIOR)
    return Fit(
        tuple(
            VersionRate(int(size), float(rate), float(prior))
            for size, rate, prior in zip(sizes, found.rates, log_odds, strict=True)
        ),
        float(np.clip(logit(found.rate), -STRONGEST_PRIOR, STRONGEST_PRIOR)),
        model.reliability,
        model.ballots.reliabilities(),
        decided,
        True,
        **counts,
    )


def _decided(arrays: VoteArrays, versions: np.ndarray, count: int) -> tuple["_Model", Agreement]:
    """What the votes say, and whether users agree enough.

    If votes alone agree and gold scores do not contradict them, these judge single users and answers only: answers that
    were chosen for review by their votes would change the rates of all.
    """
    model = _Model(arrays.without_gold(), versions, count)
    decided = agreement_among_users(model.arrays, versions, model.shares, model.found, model.ballots.kinds)
    if not len(arrays.gold):
        return model, decided
    if decided == Agreement.ENOUGH and not contradicted_by_gold(arrays, model.p_good()):
        model.judge_by(arrays)
        return model, decided
    model = _Model(arrays, versions, count)
    by_gold = agreement_by_gold(arrays, model.shares, _by_others(arrays, versions, count))
    among = agreement_among_users(arrays, versions, model.shares, model.found, model.ballots.kinds)
    return model, by_gold or among


class _Model:
    """The consensus on votes, and how users differ from it."""

    def __init__(self, arrays: VoteArrays, versions: np.ndarray, count: int):
        self.arrays, self._versions = arrays, versions
        self.shares = _shares(arrays)
        # Users with very many votes are heard in full once it is known that they know as much as the others.
        self.found = consensus(
            replace(arrays, weights=self.shares * arrays.weights), versions, self.shares, count=count
        )
        self.judge_by(arrays)
        if self.shares.min() < 1.0:
            heard = _heard(arrays, self.shares, self.found, self.ballots.reliabilities())
            self.found = consensus(replace(arrays, weights=heard * arrays.weights), versions, self.shares, count=count)
            self.judge_by(arrays)

    @property
    def reliability(self) -> float:
        """Of users without one of their own."""
        return float(np.clip((1 + self.found.informedness) / 2, LOWEST, HIGHEST))

    def judge_by(self, arrays: VoteArrays) -> None:
        """Judge users by the same votes, with these gold scores."""
        self.ballots = _Ballots(arrays, logit(self.found.rates)[self._versions], self.found)

    def added_by_votes(self) -> np.ndarray:
        """What votes add to the log-odds of each answer."""
        known, arrays = self.ballots.reliabilities(), self.arrays
        right = look_up(arrays.voters, known.voters, known.values, default=self.reliability)
        return np.bincount(arrays.events, arrays.weights * logit(right), len(arrays))

    def p_good(self) -> np.ndarray:
        """The probability of each answer by its version and votes."""
        return 1 / (1 + np.exp(-logit(self.found.rates)[self._versions] - self.added_by_votes()))


def _by_others(arrays: VoteArrays, versions: np.ndarray, count: int) -> np.ndarray:
    """The probability of each answer with a gold score by its votes alone, from fits that do not see this score."""
    scored = np.flatnonzero(np.diff(arrays.gold_offsets))
    found = np.full(len(arrays), 0.5)
    if len(scored) < FEWEST_GOLD:
        return found
    for fold in range(_FOLDS):
        hidden = np.zeros(len(arrays), bool)
        hidden[scored[fold::_FOLDS]] = True
        model = _Model(arrays.without_gold(hidden), versions, count)
        found[hidden] = 1 / (1 + np.exp(-model.added_by_votes()[hidden]))
    return found


def _shares(arrays: VoteArrays) -> np.ndarray:
    """The share of each vote that counts, so that no user weighs more than LARGEST_SHARE of all votes."""
    users = np.unique(arrays.voters, return_inverse=True)[1]
    weights = np.abs(arrays.weights)
    most = max(1.0, LARGEST_SHARE * weights.sum())
    of_users = np.bincount(users, weights)
    return np.minimum(1.0, most / np.maximum(of_users, most))[users]


def _heard(arrays: VoteArrays, shares: np.ndarray, found: Consensus, known: Reliabilities) -> np.ndarray:
    """The share of each vote that judges answers: less than 1 for users with many votes who know less than all do.

    Otherwise one user who votes for every answer makes all answers look good.
    """
    mean = (1 + found.informedness) / 2
    informedness = 2 * look_up(arrays.voters, known.voters, known.values, default=mean) - 1
    is_heard = (shares == 1.0) | (informedness >= found.informedness)
    return np.where(is_heard, 1.0, np.maximum(informedness, 0.0) / max(found.informedness, _LEAST_INFORMEDNESS))


class _Ballots:
    """The votes of known users on events that another voter or a gold score judges, in the order of users.

    kinds: how users differ, seen first beside the votes of all users alike, then beside those of users as they are.
    """

    def __init__(self, arrays: VoteArrays, prior: np.ndarray, found: Consensus):
        self._voters, users = np.unique(arrays.voters, return_inverse=True)
        order = np.argsort(users, kind="stable")
        self._users, self._events, self._votes = users[order], arrays.events[order], arrays.weights[order]
        self._gold = prior + gold_log_odds(arrays)
        has_gold = np.diff(arrays.gold_offsets) > 0
        is_known = ((self._voters != ANONYMOUS) & (self._voters != PUBLIC))[self._users]
        self._has_gold = is_known & has_gold[self._events]
        self._has_others = is_known & (has_gold | (np.diff(arrays.offsets) > 1))[self._events]
        steps = np.maximum(self._votes, 0.0) * found.step_up + np.maximum(-self._votes, 0.0) * found.step_down
        alike = self._beside_others(steps)
        shares = shares_of_kinds(alike, up_if_good=found.up_if_good, up_if_bad=found.up_if_bad)
        steps[self._has_others] = log_odds_of_votes(alike, shares)
        self._judged = self._beside_others(steps)
        self.kinds = kinds_of_users(self._judged, up_if_good=found.up_if_good, up_if_bad=found.up_if_bad)

    def reliabilities(self) -> Reliabilities:
        by_gold = self._beside(self._gold[self._events]).where(self._has_gold)
        return reliabilities(self._voters, self._judged, by_gold, self.kinds.shares)

    def _beside_others(self, steps: np.ndarray) -> Judged:
        totals = self._gold + np.bincount(self._events, steps, len(self._gold))
        return self._beside(totals[self._events] - steps).where(self._has_others)

    def _beside(self, log_odds: np.ndarray) -> Judged:
        votes = np.clip(self._votes, -1.0, 1.0)
        return Judged(self._users, votes, log_odds, len(self._voters))

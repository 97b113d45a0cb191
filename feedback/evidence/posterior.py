"""The two numbers of an event: the share of users who would approve, and the probability that the answer is good."""

from dataclasses import dataclass

import numpy as np

from feedback.choices import Agreement
from feedback.evidence.arrays import VoteArrays
from feedback.statistics.beta import beta_quantile

# Of the approval of an event: Jeffreys' prior for a share.
PRIOR_UP = PRIOR_DOWN = 0.5
# A gold score counts as the vote of a user who is right this often.
GOLD_RELIABILITY = 0.95
# No version is so good or so bad that a few votes cannot say otherwise.
STRONGEST_PRIOR = 3.0


@dataclass(frozen=True)
class Approval:
    """The share of users who would approve, with its equal-tailed 95 % interval; each an array, or one number."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def approval(up: np.ndarray | float, down: np.ndarray | float) -> Approval:
    """Return the posterior of the share of users who would approve.

    Parameters
    ----------
    up, down : array_like of float
        Users for and against each answer, 0 or more; fractions count as such.

    Returns
    -------
    Approval
        0 to 1, in the shape of what came in; NaN without users.

    Notes
    -----
    Beta(up + 1/2, down + 1/2): Jeffreys' prior, the same for every event.

    References
    ----------
    Brown, Cai and DasGupta (2001), Statistical Science 16(2), 101-133.

    Examples
    --------
    >>> found = approval([8, 0], [2, 0])
    >>> found.mean.round(3), found.low.round(3), found.high.round(3)
    (array([0.773,   nan]), array([0.497,   nan]), array([0.956,   nan]))
    """
    up, down = np.broadcast_arrays(np.asarray(up, float), np.asarray(down, float))
    nothing = np.where(up + down > 0, 0.0, np.nan)
    a, b = up + PRIOR_UP, down + PRIOR_DOWN
    return Approval(a / (a + b) + nothing, beta_quantile(0.025, a, b) + nothing, beta_quantile(0.975, a, b) + nothing)


def approval_mean(up: np.ndarray | float, down: np.ndarray | float) -> np.ndarray:
    """Return the mean of `approval` alone, which is fast for millions of events.

    Parameters
    ----------
    up, down : array_like of float
        Users for and against each answer, 0 or more.

    Returns
    -------
    ndarray
        0 to 1; NaN without users.

    Examples
    --------
    >>> approval_mean([8, 0], [2, 0]).round(3)
    array([0.773,   nan])
    """
    up, down = np.asarray(up, float), np.asarray(down, float)
    return np.where(up + down > 0, (up + PRIOR_UP) / (up + down + PRIOR_UP + PRIOR_DOWN), np.nan)


def logit(share: np.ndarray | float) -> np.ndarray:
    """Return the log-odds of shares.

    Parameters
    ----------
    share : array_like of float
        Above 0 and below 1.

    Returns
    -------
    ndarray
        In the shape of what came in.

    Examples
    --------
    >>> logit([0.5, 0.95]).round(3)
    array([0.   , 2.944])
    """
    share = np.asarray(share, float)
    return np.log(share) - np.log1p(-share)


def log_odds_of_gold(score: float) -> float:
    """Return what a gold score adds to the log-odds of its answer.

    Parameters
    ----------
    score : float
        0 to 1.

    Returns
    -------
    float
        Below 0 for a score below 0.5.

    Examples
    --------
    >>> round(log_odds_of_gold(1.0), 3), log_odds_of_gold(0.5)
    (2.944, 0.0)
    """
    return float((2 * score - 1) * logit(GOLD_RELIABILITY))


def p_good(arrays: VoteArrays, log_odds: np.ndarray, reliabilities: np.ndarray, *, agreement: Agreement) -> np.ndarray:
    """Return the probability that each answer is good.

    Parameters
    ----------
    arrays : VoteArrays
        The votes on n events and their gold scores.
    log_odds : ndarray of float, shape (n,)
        The prior of each event: that of its version. It counts up to ±3.
    reliabilities : ndarray of float, shape (m,)
        How often the voter of each vote is right, above 0 and below 1.
    agreement : Agreement
        Whether the users of the deployment agree enough for their votes to tell good from bad.

    Returns
    -------
    ndarray of float, shape (n,)
        0 to 1; NaN for an event with neither votes nor gold scores, and, if the users do not agree enough, for one
        without a gold score.

    Notes
    -----
    The one-coin model: a vote of weight w of a user who is right with probability r adds w · logit(r) to the log-odds.
    A gold score g is a vote of weight 2g - 1 with r = 0.95.

    References
    ----------
    Dawid and Skene (1979), J. R. Stat. Soc. C 28(1), 20-28; here with one error rate a user.

    Examples
    --------
    >>> from feedback.evidence.arrays import vote_arrays
    >>> arrays = vote_arrays([[7, 9], [7]], [[1.0, 1.0], [0.0]], [[0.0, 0.0], [1.0]], [[], [1.0]])
    >>> p_good(arrays, np.zeros(2), np.full(3, 0.8), agreement=Agreement.ENOUGH).round(3)
    array([0.941, 0.826])
    >>> p_good(arrays, np.zeros(2), np.full(3, 0.8), agreement=Agreement.NOT_ENOUGH).round(3)
    array([  nan, 0.826])
    """
    n = len(arrays)
    votes = np.bincount(arrays.events, arrays.weights * logit(reliabilities), n)
    # A sum in place would fail without votes: NumPy then counts in whole numbers.
    evidence = votes + np.bincount(arrays.events_of_gold, (2 * arrays.gold - 1) * logit(GOLD_RELIABILITY), n)
    total = np.clip(log_odds, -STRONGEST_PRIOR, STRONGEST_PRIOR) + evidence
    has_gold = np.diff(arrays.gold_offsets) > 0
    counts = has_gold if agreement == Agreement.NOT_ENOUGH else has_gold | (np.diff(arrays.offsets) > 0)
    with np.errstate(over="ignore"):
        return np.where(counts, 1 / (1 + np.exp(-total)), np.nan)

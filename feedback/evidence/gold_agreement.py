"""Whether gold scores confirm what votes say of answers, or contradict it."""

import numpy as np

from feedback.choices import Agreement
from feedback.evidence.agreement import FEWEST_GOLD, informedness_by_gold
from feedback.evidence.arrays import VoteArrays
from feedback.evidence.posterior import GOLD_RELIABILITY

# Of Student's distribution with 13 degrees of freedom, those of FEWEST_GOLD answers.
_STUDENT = 3.012
_CONTRADICTION = 4.0


def agreement_by_gold(arrays: VoteArrays, shares: np.ndarray, by_others: np.ndarray) -> Agreement | None:
    """Return whether gold scores show that votes tell good answers from bad ones.

    Parameters
    ----------
    arrays : VoteArrays
        The votes on n events and their gold scores.
    shares : ndarray of float, shape (m,)
        The share of each vote that counts, 0 to 1.
    by_others : ndarray of float, shape (n,)
        The probability of each answer with a gold score by its votes, from fits that do not see this score.

    Returns
    -------
    Agreement or None
        None with fewer than FEWEST_GOLD scored events with votes on, or if all scores are alike.

    Notes
    -----
    Votes are enough if they, or what they say once other gold scores show who is reliable, surely rise with gold
    scores.

    Examples
    --------
    >>> from feedback.evidence.arrays import vote_arrays
    >>> gold, up, down = [[1.0], [0.0]] * 20, [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]
    >>> arrays = vote_arrays([[7, 8, 9]] * 40, [up, down] * 20, [down, up] * 20, gold)
    >>> [agreement_by_gold(arrays, np.ones(120), np.tile(given, 20)).value for given in ([0.8, 0.3], [0.3, 0.8])]
    ['enough', 'not_enough']
    """
    by_gold = informedness_by_gold(arrays, shares)
    if by_gold is None:
        return None
    is_enough = by_gold.low > 0 or rises_with_gold(arrays, by_others)
    return Agreement.ENOUGH if is_enough else Agreement.NOT_ENOUGH


def rises_with_gold(arrays: VoteArrays, p_good: np.ndarray) -> bool:
    """Return whether probabilities that know no gold score are surely higher for answers of higher gold scores.

    Parameters
    ----------
    arrays : VoteArrays
        The votes on n events and their gold scores.
    p_good : ndarray of float, shape (n,)
        0 to 1.

    Returns
    -------
    bool
        By Student's t of the correlation, one-sided at 99.5 %.

    Examples
    --------
    >>> from feedback.evidence.arrays import vote_arrays
    >>> arrays = vote_arrays([[7]] * 40, [[1.0], [0.0]] * 20, [[0.0], [1.0]] * 20, [[1.0], [0.0]] * 20)
    >>> rises_with_gold(arrays, np.tile([0.8, 0.3], 20)), rises_with_gold(arrays, np.tile([0.3, 0.8], 20))
    (True, False)
    """
    gold, p_good = _beside_gold(arrays, p_good)
    if len(gold) < FEWEST_GOLD or gold.std() == 0 or p_good.std() == 0:
        return False
    r = float(np.corrcoef(gold, p_good)[0, 1])
    return r * (len(gold) - 2) ** 0.5 > _STUDENT * max(1 - r**2, 1e-12) ** 0.5


def contradicted_by_gold(arrays: VoteArrays, p_good: np.ndarray) -> bool:
    """Return whether gold scores are far less likely by these probabilities than by their opposite or by 0.5.

    Parameters
    ----------
    arrays : VoteArrays
        The votes on n events and their gold scores.
    p_good : ndarray of float, shape (n,)
        0 to 1, without knowledge of gold scores.

    Returns
    -------
    bool
        By a log-likelihood ratio of 4 and more. It does not matter if answers were chosen for review by their votes.

    Examples
    --------
    >>> from feedback.evidence.arrays import vote_arrays
    >>> arrays = vote_arrays([[7]] * 40, [[1.0], [0.0]] * 20, [[0.0], [1.0]] * 20, [[1.0], [0.0]] * 20)
    >>> [contradicted_by_gold(arrays, np.tile(given, 20)) for given in ([0.8, 0.3], [0.3, 0.8])]
    [False, True]
    """
    gold, p_good = _beside_gold(arrays, p_good)
    if not len(gold):
        return False
    p_good = np.clip(p_good, 1 - GOLD_RELIABILITY, GOLD_RELIABILITY)
    likelihoods = [gold @ np.log(p) + (1 - gold) @ np.log(1 - p) for p in (p_good, 1 - p_good, np.full(len(gold), 0.5))]
    return float(max(likelihoods[1:]) - likelihoods[0]) > _CONTRADICTION


def _beside_gold(arrays: VoteArrays, p_good: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean gold score and the probability of each event with gold scores and votes."""
    number = np.diff(arrays.gold_offsets)
    has_both = (number > 0) & (np.diff(arrays.offsets) > 0)
    mean = np.bincount(arrays.events_of_gold, arrays.gold, len(arrays)) / np.maximum(number, 1)
    return mean[has_both], p_good[has_both]

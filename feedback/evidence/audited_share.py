"""The share of good answers, from events that were chosen by chance: who votes has no part in it."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from feedback.statistics.beta import beta_quantile

FEWEST_AUDITS = 20
_PRIOR = 0.5


@dataclass(frozen=True)
class AuditedShare:
    """A share with its interval at `level`; `effective` answers of equal weight would be worth as much."""

    mean: float
    low: float
    high: float
    effective: float
    level: float = 0.95


def audited_share(
    gold: np.ndarray, rates: np.ndarray, strata: Sequence[tuple[Hashable, ...]], *, level: float = 0.95
) -> AuditedShare | None:
    """Return the share of good answers among all events, by self-normalised inverse propensity.

    Parameters
    ----------
    gold : ndarray of float, shape (n,)
        The gold score of each audited event, 0 to 1; NaN while it is unanswered.
    rates : ndarray of float, shape (n,)
        The share of events that were audited when each was chosen, above 0.
    strata : sequence of tuple, length n
        What may decide whether an audit is answered, the most telling first: what the event's users say, whether
        feedback was shown, whether it was asked for.
    level : float
        Of the interval.

    Returns
    -------
    AuditedShare or None
        None below FEWEST_AUDITS answered audits.

    Notes
    -----
    An event is among the answered audits with the propensity p = rate times the share of its stratum that is answered;
    it weighs 1/p, and the weights are divided by their sum. Audits of a stratum of which none is answered join the
    stratum with one fact less. The interval is that of Beta(k + 1/2, m - k + 1/2), where m is the effective number of
    answers (Kish) and k the good ones among them.

    References
    ----------
    Hájek (1971), in Foundations of Statistical Inference, 236. Kish (1965), Survey Sampling. Swaminathan and Joachims
    (2015), NeurIPS 28, 3231-3239.

    Examples
    --------
    Of 100 audits 60 have no votes, and half of those are answered; all 40 with a thumb down are.

    >>> gold = np.array([1.0] * 27 + [0.0] * 3 + [np.nan] * 30 + [0.0] * 40)
    >>> strata = [("none",)] * 60 + [("down",)] * 40
    >>> share = audited_share(gold, np.full(100, 0.02), strata)
    >>> round(share.mean, 3), round(float(np.nanmean(gold)), 3), round(share.effective, 1)
    (0.54, 0.386, 62.5)
    >>> audited_share(gold[:19], np.full(19, 0.02), strata[:19]) is None
    True
    """
    answered = ~np.isnan(gold)
    if np.count_nonzero(answered) < FEWEST_AUDITS:
        return None
    weights = _weights(answered, 1.0 / rates, strata)[answered]
    mean = float(np.average(gold[answered], weights=weights))
    effective = float(weights.sum() ** 2 / np.sum(weights**2))
    a, b = mean * effective + _PRIOR, (1.0 - mean) * effective + _PRIOR
    low, high = (float(beta_quantile(q, a, b)) for q in ((1.0 - level) / 2, (1.0 + level) / 2))
    return AuditedShare(mean, low, high, effective, level)


def upper_bound(share: AuditedShare, *, level: float = 0.95) -> float:
    """Return the one-sided upper bound of a share.

    Parameters
    ----------
    share : AuditedShare
        The share.
    level : float
        The confidence, .5 to 1.

    Returns
    -------
    float
        0 to 1, a quantile of the Beta distribution that the interval of the share is of.

    Examples
    --------
    >>> share = audited_share(np.repeat([1.0, 0.0], [30, 10]), np.full(40, 0.1), [("none",)] * 40)
    >>> round(share.high, 3), round(upper_bound(share), 3), upper_bound(share, level=0.975) == share.high
    (0.864, 0.848, True)
    """
    good = share.mean * share.effective
    return float(beta_quantile(level, good + _PRIOR, share.effective - good + _PRIOR))


def _weights(answered: np.ndarray, inverse_rates: np.ndarray, strata: Sequence[tuple[Hashable, ...]]) -> np.ndarray:
    """What each answered audit stands for: its own events, and those of unanswered audits that are like it."""
    weights = np.where(answered, inverse_rates, 0.0)
    open_places = np.flatnonzero(~answered)
    for facts in range(max(map(len, strata)), -1, -1):
        codes: dict[tuple[Hashable, ...], int] = {}
        stratum = np.array([codes.setdefault(facts_of[:facts], len(codes)) for facts_of in strata])
        mine = np.bincount(stratum, weights, minlength=len(codes))
        theirs = np.bincount(stratum[open_places], inverse_rates[open_places], minlength=len(codes))
        is_like = mine > 0
        share = np.divide(theirs, mine, out=np.zeros(len(codes)), where=is_like)
        weights = weights * (1.0 + share[stratum])
        open_places = open_places[~is_like[stratum[open_places]]]
    return weights

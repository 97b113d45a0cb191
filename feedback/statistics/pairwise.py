"""Verdicts of a judge on pairs of answers shown in both orders: what holds in both, and how biased they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import nan

import numpy as np

from feedback.statistics.intervals import Z_95, IntervalResult, wilson
from feedback.statistics.paired import paired_difference

# Standard deviation of the prior of a coefficient, per doubling of the length: it keeps separated data finite.
_PRIOR_SD = 2.5
_STEPS = 50
_CONVERGED = 1e-9


class Preference(StrEnum):
    """Which of the two answers a judge preferred, by the position in which it was shown."""

    FIRST = "first"
    SECOND = "second"
    TIE = "tie"


class PairVerdict(StrEnum):
    """Which answer of a pair is better."""

    A = "a"
    B = "b"
    TIE = "tie"


@dataclass(frozen=True)
class BothOrders:
    """What a judge said of one pair of answers.

    Attributes
    ----------
    forward : Preference
        With A shown first.
    backward : Preference
        With B shown first.
    length_a, length_b : int
        Characters of the answers.
    people : PairVerdict or None
        What people said of the pair; None if nobody compared it.
    """

    forward: Preference
    backward: Preference
    length_a: int = 0
    length_b: int = 0
    people: PairVerdict | None = None

    @property
    def verdict(self) -> PairVerdict:
        """A or B only if both orders say so; everything else is a tie."""
        return _NAMED.get((self.forward, self.backward), PairVerdict.TIE)

    @property
    def is_consistent(self) -> bool:
        """Whether both orders say the same."""
        return (self.forward, self.backward) in _CONSISTENT

    @property
    def first_share(self) -> float:
        """0 to 1: how much of both calls went to the answer shown first, where a tie is half; 0.5 without a bias."""
        return (_FIRST[self.forward] + _FIRST[self.backward]) / 2


_NAMED = {
    (Preference.FIRST, Preference.SECOND): PairVerdict.A,
    (Preference.SECOND, Preference.FIRST): PairVerdict.B,
}
_CONSISTENT = {*_NAMED, (Preference.TIE, Preference.TIE)}
_FIRST = {Preference.FIRST: 1.0, Preference.TIE: 0.5, Preference.SECOND: 0.0}
_SIGNS = {PairVerdict.A: 1.0, PairVerdict.TIE: 0.0, PairVerdict.B: -1.0}


@dataclass(frozen=True)
class PositionBias:
    """Whether a judge prefers a position.

    Attributes
    ----------
    n : int
        Pairs.
    first : IntervalResult
        Share of calls that preferred the answer shown first, ties as half, with the Wilson interval over pairs.
    inconsistent : IntervalResult
        Share of pairs on which both orders disagree, with its Wilson interval.
    to_first, to_second : int
        The inconsistent pairs by the position that they lean to.
    is_biased : bool
        Whether the Wilson interval of to_first among both excludes one half.
    """

    n: int
    first: IntervalResult
    inconsistent: IntervalResult
    to_first: int
    to_second: int
    is_biased: bool


@dataclass(frozen=True)
class VerbosityBias:
    """Whether a judge prefers the longer answer.

    Attributes
    ----------
    n : int
        Pairs with a consistent preference whose answers differ in length.
    longer : IntervalResult
        Share of them that preferred the longer answer, with its Wilson interval.
    odds_ratio : IntervalResult
        Factor on the odds of an answer for each doubling of its length relative to the other; 1 without an effect.
    compared : int
        Those of the pairs that people decided, too.
    people_longer : IntervalResult
        Share of those on which people preferred the longer answer.
    beyond_people : IntervalResult
        The judge's share minus that of people on the same pairs, with its 95 % interval.
    partial_odds_ratio : IntervalResult
        The odds ratio on those pairs where the preference of people is held constant.
    """

    n: int
    longer: IntervalResult
    odds_ratio: IntervalResult
    compared: int
    people_longer: IntervalResult
    beyond_people: IntervalResult
    partial_odds_ratio: IntervalResult


def position_bias(pairs: Sequence[BothOrders]) -> PositionBias:
    """Return how much a judge prefers the answer that is shown first.

    Parameters
    ----------
    pairs : sequence of BothOrders
        Independent pairs.

    Returns
    -------
    PositionBias
        Shares are NaN without a pair.

    Notes
    -----
    A pair counts as one observation between 0 and 1. Its variance is at most that of a yes or no, so the Wilson
    interval over pairs covers at least 95 %, however the two calls of a pair depend on each other.

    Examples
    --------
    >>> same, flips = BothOrders(Preference.FIRST, Preference.SECOND), BothOrders(Preference.FIRST, Preference.FIRST)
    >>> found = position_bias([same] * 60 + [flips] * 40)
    >>> found.first.value, found.inconsistent.value, found.to_first, found.is_biased
    (0.7, 0.4, 40, True)
    """
    shares = np.array([pair.first_share for pair in pairs])
    to_first, to_second = int((shares > 0.5).sum()), int((shares < 0.5).sum())
    inconsistent = sum(not pair.is_consistent for pair in pairs)
    lean = _share(to_first, to_first + to_second)
    return PositionBias(
        n=len(pairs),
        first=_share(float(shares.sum()), len(pairs)),
        inconsistent=_share(inconsistent, len(pairs)),
        to_first=to_first,
        to_second=to_second,
        is_biased=not lean.low <= 0.5 <= lean.high if to_first + to_second else False,
    )


def verbosity_bias(pairs: Sequence[BothOrders]) -> VerbosityBias:
    """Return how much a judge prefers the longer answer, beyond chance and beyond people.

    Parameters
    ----------
    pairs : sequence of BothOrders
        Independent pairs; ties and answers of one length count for nothing here.

    Returns
    -------
    VerbosityBias
        NaN where there are no pairs for it.

    Notes
    -----
    Longer answers may be better, so a share above one half alone is no bias: compare it with that of people on the same
    pairs. Odds ratios are of a logistic regression without intercept (A and B are only names) with a normal prior of
    standard deviation 2.5 on each coefficient, which keeps them finite if the length decides every pair; their
    intervals are Wald's.

    Examples
    --------
    >>> a, b = (Preference.FIRST, Preference.SECOND), (Preference.SECOND, Preference.FIRST)
    >>> people = [PairVerdict.A, PairVerdict.B] * 20
    >>> found = verbosity_bias([BothOrders(*a, 200, 100, one) for one in people] + [BothOrders(*b, 200, 100)] * 10)
    >>> found.n, found.longer.value, found.compared, found.people_longer.value, found.beyond_people.value
    (50, 0.8, 40, 0.5, 0.5)
    """
    decided = [pair for pair in pairs if pair.verdict != PairVerdict.TIE and pair.length_a != pair.length_b]
    common = [pair for pair in decided if pair.people in (PairVerdict.A, PairVerdict.B)]
    ours = [_prefers_longer(pair, pair.verdict) for pair in decided]
    theirs = [_prefers_longer(pair, pair.people) for pair in common]
    differences = np.array([_prefers_longer(pair, pair.verdict) for pair in common], float) - np.array(theirs, float)
    return VerbosityBias(
        n=len(decided),
        longer=_share(sum(ours), len(decided)),
        odds_ratio=_odds_ratio(decided),
        compared=len(common),
        people_longer=_share(sum(theirs), len(common)),
        beyond_people=paired_difference(differences, range(len(differences))),
        partial_odds_ratio=_odds_ratio(common, with_people=True),
    )


def _share(count: float, n: int) -> IntervalResult:
    return IntervalResult(count / n, *wilson(count, n)) if n else IntervalResult(nan, nan, nan)


def _prefers_longer(pair: BothOrders, verdict: PairVerdict | None) -> bool:
    return (verdict == PairVerdict.A) == (pair.length_a > pair.length_b)


def _odds_ratio(pairs: Sequence[BothOrders], *, with_people: bool = False) -> IntervalResult:
    if not pairs:
        return IntervalResult(nan, nan, nan)
    # An empty answer counts as one of one character.
    ratios = np.array([np.log2(max(pair.length_a, 1) / max(pair.length_b, 1)) for pair in pairs])
    columns = [ratios]
    if with_people:
        columns.append(np.array([_SIGNS[pair.people] for pair in pairs if pair.people]))
    preferred = np.array([pair.verdict == PairVerdict.A for pair in pairs], float)
    value, error = _logistic(np.column_stack(columns), preferred)
    return IntervalResult(*(float(np.exp(value + z * error)) for z in (0.0, -Z_95, Z_95)))


def _logistic(design: np.ndarray, outcomes: np.ndarray) -> tuple[float, float]:
    """The first coefficient of a logistic regression with a normal prior, and its standard error."""
    precision = np.eye(design.shape[1]) / _PRIOR_SD**2
    coefficients = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        fitted = 1 / (1 + np.exp(-np.clip(design @ coefficients, -30, 30)))
        gradient = design.T @ (outcomes - fitted) - precision @ coefficients
        information = (design * (fitted * (1 - fitted))[:, None]).T @ design + precision
        step = np.linalg.solve(information, gradient)
        # A long step overshoots where the curve is flat.
        coefficients = coefficients + step * min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-12))
        if float(np.abs(step).max()) < _CONVERGED:
            break
    return float(coefficients[0]), float(np.sqrt(np.linalg.inv(information)[0, 0]))

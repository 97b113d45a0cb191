"""Differences between groups: each group beside all others, with intervals and a correction for many groups."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf, nan, sqrt
from statistics import NormalDist

from feedback.statistics.intervals import Z_95, IntervalResult, difference
from feedback.statistics.multiplicity import holm

ALPHA = 0.05
_NORMAL = NormalDist()


class GroupVerdict(StrEnum):
    """What is said of a group beside the others."""

    LOWER = "lower"
    HIGHER = "higher"
    NO_DIFFERENCE = "no_difference"
    NOT_ENOUGH_DATA = "not_enough_data"


class ParityVerdict(StrEnum):
    """Whether the ratio of a group keeps a threshold."""

    KEPT = "kept"
    VIOLATED = "violated"
    UNCLEAR = "unclear"
    NOT_ENOUGH_DATA = "not_enough_data"


@dataclass(frozen=True)
class GroupFigure:
    """A share or mean of one group.

    Attributes
    ----------
    name : str
        Of the group.
    n : int
        Of how many users or events.
    estimate : IntervalResult
        With its 95 % interval.
    """

    name: str
    n: int
    estimate: IntervalResult


@dataclass(frozen=True)
class GroupComparison:
    """A group beside all others together.

    Attributes
    ----------
    group, rest : GroupFigure
        The two sides.
    difference, ratio : IntervalResult
        Group minus rest, and group divided by rest, each with its 95 % interval; NaN without enough data.
    p_value, adjusted : float
        That the two are equal; `adjusted` for all groups by Holm's method.
    verdict : GroupVerdict
        By the adjusted p-value at 0.05.
    """

    group: GroupFigure
    rest: GroupFigure
    difference: IntervalResult
    ratio: IntervalResult
    p_value: float
    adjusted: float
    verdict: GroupVerdict


def compare_groups(pairs: Sequence[tuple[GroupFigure, GroupFigure]], *, fewest: int) -> list[GroupComparison]:
    """Compare each group with all others together.

    Parameters
    ----------
    pairs : sequence of (GroupFigure, GroupFigure)
        A group, and the rest.
    fewest : int
        A side of fewer is not compared.

    Returns
    -------
    list of GroupComparison
        In the order given.

    Notes
    -----
    The p-value is that of the normal deviate of the difference over its standard error on the side towards 0. Groups
    that are not compared do not count in the correction.

    References
    ----------
    MOVER: Zou & Donner (2008), Stat. Med. 27(10), 1693-1702.
    Holm (1979), Scand. J. Stat. 6(2), 65-70.

    Examples
    --------
    >>> free = GroupFigure("plan=free", 400, IntervalResult(0.50, 0.45, 0.55))
    >>> paid = GroupFigure("plan=paid", 400, IntervalResult(0.70, 0.65, 0.74))
    >>> found = compare_groups([(free, paid), (paid, free)], fewest=30)
    >>> [one.verdict.value for one in found], round(found[0].difference.value, 2), round(found[0].ratio.value, 3)
    (['lower', 'higher'], -0.2, 0.714)
    """
    enough = [group.n >= fewest and rest.n >= fewest for group, rest in pairs]
    differences = [difference(group.estimate, rest.estimate) for group, rest in pairs]
    p_values = [_p_value(one) if is_enough else nan for one, is_enough in zip(differences, enough, strict=True)]
    corrected = iter(holm([p for p in p_values if p == p]).tolist()) if any(enough) else iter(())
    unknown = IntervalResult(nan, nan, nan)
    found = []
    for (group, rest), is_enough, delta, p_value in zip(pairs, enough, differences, p_values, strict=True):
        if not is_enough:
            verdict = GroupVerdict.NOT_ENOUGH_DATA
            found.append(GroupComparison(group, rest, unknown, unknown, nan, nan, verdict))
            continue
        adjusted = next(corrected)
        moved = GroupVerdict.LOWER if delta.value < 0 else GroupVerdict.HIGHER
        verdict = moved if adjusted < ALPHA else GroupVerdict.NO_DIFFERENCE
        found.append(
            GroupComparison(group, rest, delta, ratio(group.estimate, rest.estimate), p_value, adjusted, verdict)
        )
    return found


def ratio(first: IntervalResult, second: IntervalResult) -> IntervalResult:
    """Return the 95 % interval of the ratio of two independent estimates, from their own intervals.

    Parameters
    ----------
    first, second : IntervalResult
        Estimates of at least 0, each with its 95 % interval.

    Returns
    -------
    IntervalResult
        first divided by second; NaN if both are 0. The upper end is infinite where `second` may be 0.

    References
    ----------
    MOVER-R: Donner & Zou (2012), Stat. Methods Med. Res. 21(4), 347-359.

    Examples
    --------
    >>> found = ratio(IntervalResult(0.4, 0.35, 0.45), IntervalResult(0.5, 0.45, 0.55))
    >>> round(found.value, 2), round(found.low, 2), round(found.high, 2)
    (0.8, 0.68, 0.94)
    """
    if second.value <= 0:
        return IntervalResult(nan, nan, nan) if first.value <= 0 else IntervalResult(inf, nan, inf)
    product = first.value * second.value
    low, high = 0.0, inf
    divisor = second.high * (2 * second.value - second.high)
    if divisor > 0:
        within = product**2 - first.low * (2 * first.value - first.low) * divisor
        low = max(0.0, (product - sqrt(max(0.0, within))) / divisor)
    divisor = second.low * (2 * second.value - second.low)
    if divisor > 0:
        within = product**2 - first.high * (2 * first.value - first.high) * divisor
        high = (product + sqrt(max(0.0, within))) / divisor
    return IntervalResult(first.value / second.value, low, high)


def parity(comparisons: Sequence[GroupComparison], *, threshold: float) -> ParityVerdict:
    """Tell whether every group keeps a ratio to the others.

    Parameters
    ----------
    comparisons : sequence of GroupComparison
        Of all groups.
    threshold : float
        The smallest ratio, 0 to 1, such as 0.8 for the four-fifths rule.

    Returns
    -------
    ParityVerdict
        VIOLATED if the interval of a group's ratio ends below the threshold, KEPT if those of all compared groups begin
        at it or above, UNCLEAR otherwise; NOT_ENOUGH_DATA if no group has enough.

    Examples
    --------
    >>> free = GroupFigure("plan=free", 400, IntervalResult(0.30, 0.26, 0.34))
    >>> paid = GroupFigure("plan=paid", 400, IntervalResult(0.70, 0.65, 0.74))
    >>> parity(compare_groups([(free, paid)], fewest=30), threshold=0.8).value
    'violated'
    """
    known = [
        one for one in comparisons if one.verdict != GroupVerdict.NOT_ENOUGH_DATA and one.ratio.value == one.ratio.value
    ]
    if not known:
        return ParityVerdict.NOT_ENOUGH_DATA
    if any(one.ratio.high < threshold for one in known):
        return ParityVerdict.VIOLATED
    return ParityVerdict.KEPT if all(one.ratio.low >= threshold for one in known) else ParityVerdict.UNCLEAR


def _p_value(delta: IntervalResult) -> float:
    if delta.value == 0:
        return 1.0
    half = delta.value - delta.low if delta.value > 0 else delta.high - delta.value
    if half <= 0:
        return 0.0
    return 2 * (1 - _NORMAL.cdf(abs(delta.value) / (half / Z_95)))

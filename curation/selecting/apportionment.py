"""Divides a number of slots in proportion to weights."""

from collections.abc import Sequence
from fractions import Fraction


def largest_remainder(total: int, weights: Sequence[float]) -> list[int]:
    """Return a total divided in proportion to weights.

    Parameters
    ----------
    total : int
        The number of slots, 0 or more.
    weights : sequence of float
        Finite and 0 or more; only their ratios count.

    Returns
    -------
    list of int
        They add up to the total, and each is its exact quota rounded down or up. Slots that rounding down leaves go to
        the largest remainders, of ties to the first. All 0 if no weight is above 0.

    Raises
    ------
    ValueError
        If the total is negative, or a weight is negative or not finite.

    Notes
    -----
    Also known as Hamilton's method. Quotas are computed exactly, so that equal weights tie on every machine.

    References
    ----------
    Balinski and Young (2001), Fair Representation, 2nd edition, Brookings Institution Press.

    Examples
    --------
    >>> largest_remainder(10, [1, 1, 1]), largest_remainder(10, [0.5, 0.25, 0.25])
    ([4, 3, 3], [5, 3, 2])
    """
    if total < 0:
        raise ValueError(f"The total is {total}, below 0.")
    try:
        exact = [Fraction(weight) for weight in weights]
    except (OverflowError, ValueError):
        raise ValueError(f"Weights must be finite: {list(weights)}.") from None
    if any(weight < 0 for weight in exact):
        raise ValueError(f"Weights must be 0 or more: {list(weights)}.")
    whole = sum(exact)
    if not whole:
        return [0] * len(exact)
    quotas = [total * weight / whole for weight in exact]
    slots = [int(quota) for quota in quotas]
    order = sorted(range(len(slots)), key=lambda index: (slots[index] - quotas[index], index))
    for index in order[: total - sum(slots)]:
        slots[index] += 1
    return slots

"""Divides the slots of a set between strategies, and those of a strategy between segments."""

from collections import Counter
from collections.abc import Mapping, Sequence

from curation.selecting.apportionment import largest_remainder

# The segment of rows that no other share is for.
OTHER = "other"
# Shares that users write add up to 1 only so far.
_ROUNDING = 1e-9


def allocate(limit: int, shares: Mapping[str, float], available: Mapping[str, int]) -> dict[str, int]:
    """Return how many slots each part has.

    Parameters
    ----------
    limit : int
        How many slots there are, 0 or more.
    shares : mapping of str to float
        The share of each part, 0 or more. Only ratios count: 1 and 1 are the same as 0.5 and 0.5.
    available : mapping of str to int
        How many rows each part can fill; 0 where it is missing.

    Returns
    -------
    dict of str to int
        In the order of shares; no part has more than is available, and together they have no more than the limit. Slots
        that a part cannot fill go to the next parts in order, at the end to the first ones. A share of 0 gets none.

    Raises
    ------
    ValueError
        If the limit is negative, or a share is negative or not finite.

    Examples
    --------
    >>> allocate(10, {"edits": 1, "best": 1, "diverse": 1}, {"edits": 2, "best": 9, "diverse": 9})
    {'edits': 2, 'best': 5, 'diverse': 3}
    """
    given = dict(zip(shares, largest_remainder(limit, list(shares.values())), strict=True))
    unused = 0
    slots = {}
    for part, share in given.items():
        most = max(0, available.get(part, 0)) if shares[part] else 0
        slots[part] = min(most, share + unused)
        unused += share - slots[part]
    for part in slots:
        more = min(unused, max(0, available.get(part, 0)) - slots[part] if shares[part] else 0)
        slots[part] += more
        unused -= more
    return slots


def fill(segments: Sequence[str], *, count: int, shares: Mapping[str, float]) -> list[int]:
    """Return the best rows that keep to the shares of segments.

    Parameters
    ----------
    segments : sequence of str
        The segment of each row, best row first: a language, a version, or the value of a key of metadata.
    count : int
        How many rows at most.
    shares : mapping of str to float
        The share of each segment, 0 to 1. Rows of all other segments are "other"; unless that has a share of its own,
        its share is what is missing to 1. Empty: no segment has a share, so any row may be taken.

    Returns
    -------
    list of int
        Positions in the ranking, ascending. What a segment cannot fill goes to the next ones in the order of shares,
        "other" last. A share of 0 keeps a segment out.

    Raises
    ------
    ValueError
        If shares add up to more than 1, or one is negative or not finite, or the count is negative.

    Examples
    --------
    >>> fill(["de", "de", "de", "en", "en", "fr"], count=4, shares={"de": 0.5, "en": 0.5})
    [0, 1, 3, 4]
    >>> fill(["de", "de", "de", "en", "fr", "it"], count=4, shares={"de": 0.5, "en": 0.25})
    [0, 1, 3, 4]
    >>> fill(["de", "de", "de", "de", "en"], count=4, shares={"de": 0.25, "en": 0.75})
    [0, 1, 2, 4]
    """
    complete = _with_other(shares)
    known = [segment if segment in complete else OTHER for segment in segments]
    slots = allocate(count, complete, Counter(known))
    taken = []
    for row, segment in enumerate(known):
        if slots[segment]:
            slots[segment] -= 1
            taken.append(row)
    return taken


def _with_other(shares: Mapping[str, float]) -> dict[str, float]:
    whole = sum(shares.values())
    if whole > 1 + _ROUNDING:
        raise ValueError(f"Shares add up to {whole:g}, above 1.")
    missing = 1 - whole if whole < 1 - _ROUNDING else 0.0
    return {**shares} if OTHER in shares else {**shares, OTHER: missing}

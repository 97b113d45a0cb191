"""Divides the slots of a set between strategies."""

from collections.abc import Iterator

from curation.strategies.picks import Candidate, Pick


class Basket:
    """Picks in selection order, without duplicate events or contents.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from curation.choices import Strategy
    >>> one = Candidate("a", "Hello", "Hi", datetime(2026, 1, 1, tzinfo=UTC))
    >>> basket = Basket()
    >>> basket.take(iter([Pick(one, Strategy.DIVERSE, 1.0, ""), Pick(one, Strategy.DIVERSE, 0.5, "")]), 2)
    1
    >>> basket.holds(one)
    True
    """

    def __init__(self) -> None:
        self.picks: list[Pick] = []
        self._seen: set[str | tuple[str, str]] = set()

    def take(self, ranking: Iterator[Pick], count: int) -> int:
        """Take up to `count` picks from the front of a ranking and return how many."""
        before = len(self.picks)
        while len(self.picks) - before < count and (pick := next(ranking, None)) is not None:
            if not self.holds(pick.candidate):
                self._seen |= {pick.candidate.event_id, pick.candidate.content}
                self.picks.append(pick)
        return len(self.picks) - before

    def holds(self, candidate: Candidate) -> bool:
        """Return whether the candidate's event or content is already in the basket."""
        return candidate.event_id in self._seen or candidate.content in self._seen


def even_shares(total: int, parts: int) -> list[int]:
    """Return a total split into even parts.

    Parameters
    ----------
    total : int
        The total, >= 0.
    parts : int
        The number of parts; 0 gives an empty list.

    Returns
    -------
    list of int
        They add up to the total; the first ones get the remainder.

    Examples
    --------
    >>> even_shares(10, 3)
    [4, 3, 3]
    """
    return [total // parts + (index < total % parts) for index in range(parts)]

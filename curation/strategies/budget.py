"""How the slots of a set are shared between strategies."""

from collections.abc import Iterator

from curation.strategies.picks import Candidate, Pick


class Basket:
    """Picks in the order taken: no event twice, no content twice.

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
        """Return whether the candidate's event or its content is taken."""
        return candidate.event_id in self._seen or candidate.content in self._seen


def even_shares(total: int, parts: int) -> list[int]:
    """Return how a total divides evenly.

    Parameters
    ----------
    total : int
        What is divided, >= 0.
    parts : int
        Into how many parts; 0 gives none.

    Returns
    -------
    list of int
        Their sum is the total; the first ones take the rest.

    Examples
    --------
    >>> even_shares(10, 3)
    [4, 3, 3]
    """
    return [total // parts + (index < total % parts) for index in range(parts)]

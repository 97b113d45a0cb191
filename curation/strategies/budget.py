"""How the slots of a set are shared between strategies."""

from collections.abc import Iterator

from curation.strategies.picks import Candidate, Pick


class Basket:
    """Picks in the order taken: no event twice, no content twice."""

    def __init__(self) -> None:
        self.picks: list[Pick] = []
        self._seen: set[str | tuple[str, str]] = set()

    def take(self, ranking: Iterator[Pick], count: int) -> int:
        """Take up to `count` picks from the front of a ranking; return how many."""
        before = len(self.picks)
        while len(self.picks) - before < count and (pick := next(ranking, None)) is not None:
            if not self.holds(pick.candidate):
                self._seen |= {pick.candidate.event_id, pick.candidate.content}
                self.picks.append(pick)
        return len(self.picks) - before

    def holds(self, candidate: Candidate) -> bool:
        return candidate.event_id in self._seen or candidate.content in self._seen


def even_shares(total: int, parts: int) -> list[int]:
    return [total // parts + (index < total % parts) for index in range(parts)]

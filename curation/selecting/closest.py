"""Chooses the two answers to a context for which it is least certain which one is better."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from heapq import nsmallest

from curation.selecting.pairs import EVEN, PAIRS_A_CONTEXT, Answer, comparable

# Of the rows with one context; more of them would show the same prompt again and again.
_ROWS_A_CONTEXT = 20


@dataclass(frozen=True)
class ClosePair:
    """Two answers to one context. gap: the difference of their `p_good`, 0 to 1."""

    row_id: str
    other_id: str
    gap: float


def closest_pairs(
    rows: Iterable[Answer],
    answers: Iterable[Answer],
    *,
    known: Collection[frozenset[str]] = (),
    per_context: int = PAIRS_A_CONTEXT,
) -> list[ClosePair]:
    """Return pairs of the answer of a row and another answer to the same context, the closest ones.

    Parameters
    ----------
    rows : iterable of Answer
        The answers of rows. A `p_good` of None counts as 0.5.
    answers : iterable of Answer
        All answers, those of rows may be among them. Of equal ones that with the least id is used.
    known : collection of frozenset of str
        Ids of two answers each that make no pair.
    per_context : int
        How many pairs a context has at most.

    Returns
    -------
    list of ClosePair
        By rising gap, then by ids, independent of the input order. No two of them are of the same two answers.

    Examples
    --------
    >>> row = Answer("a", "1 + 1?", "2", 0.6)
    >>> others = [Answer("b", "1 + 1?", "two", 0.5), Answer("c", "1 + 1?", "3", 0.1), Answer("d", "2 + 2?", "4", 0.6)]
    >>> [(pair.row_id, pair.other_id, round(pair.gap, 1)) for pair in closest_pairs([row], others)]
    [('a', 'b', 0.1), ('a', 'c', 0.5)]
    >>> closest_pairs([row], others, known=[frozenset("ab"), frozenset("ac")])
    []
    """
    different: dict[str, dict[str, Answer]] = defaultdict(dict)
    for answer in sorted(answers, key=lambda one: one.event_id):
        different[answer.context].setdefault(comparable(answer.text), answer)
    of_context: dict[str, list[Answer]] = defaultdict(list)
    for row in sorted(rows, key=lambda one: one.event_id):
        of_context[row.context].append(row)
    found: list[ClosePair] = []
    for context, some in of_context.items():
        pairs = (
            pair
            for row in some[:_ROWS_A_CONTEXT]
            for pair in _with_each(row, different[context])
            if frozenset((pair.row_id, pair.other_id)) not in known
        )
        once = {frozenset((pair.row_id, pair.other_id)): pair for pair in pairs}
        found += nsmallest(per_context, once.values(), key=_order)
    return sorted(found, key=_order)


def _with_each(row: Answer, others: dict[str, Answer]) -> Iterable[ClosePair]:
    text = comparable(row.text)
    for other_text, other in others.items():
        if other_text != text and other.event_id != row.event_id:
            yield ClosePair(row.event_id, other.event_id, abs(_probability(row) - _probability(other)))


def _probability(answer: Answer) -> float:
    return EVEN if answer.p_good is None else answer.p_good


def _order(pair: ClosePair) -> tuple[float, str, str]:
    return pair.gap, pair.row_id, pair.other_id

"""Makes preference pairs of answers to one context: from votes, edits and regenerations."""

import heapq
import math
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from curation.choices import PairSource
from feedback.signatures import normalised

# Votes make a pair of an answer that is likely good and one that is likely bad.
EVEN = 0.5
MIN_GAP = 0.3
PAIRS_A_CONTEXT = 3
# Of equal margins.
_FIRST = {PairSource.EDIT: 0, PairSource.VOTES: 1, PairSource.REGENERATE: 2}
# 0.7 - 0.4 is a gap of 0.3.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Answer:
    """An answer to a context, which is given by its key. p_good: None or NaN if nothing is known."""

    event_id: str
    context: str
    text: str
    p_good: float | None = None


@dataclass(frozen=True)
class Edit:
    """What a user made of an answer."""

    original: Answer
    edited: str


@dataclass(frozen=True)
class Regeneration:
    """An answer that a user had generated again, and the next one. Of different contexts it makes no pair."""

    first: Answer
    second: Answer


@dataclass(frozen=True)
class Pair:
    """Two answers to a context of which the chosen one is better.

    chosen_id, rejected_id: the events; both the same for an edit. margin: 0 to 1, how much better.
    """

    context: str
    chosen_id: str
    rejected_id: str
    chosen: str
    rejected: str
    source: PairSource
    margin: float

    @property
    def rank(self) -> tuple:
        """Ascending from the largest margin; different for any two pairs that differ."""
        ids = (self.chosen_id, self.rejected_id, self.chosen, self.rejected)
        return (-self.margin, self.context, _FIRST[self.source], *ids)


def comparable(text: str) -> str:
    """Return a text in the form in which both sides of a pair must differ.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        In Unicode's form NFKC, case-folded, with single spaces. Punctuation stays: users may have preferred it.

    Examples
    --------
    >>> comparable("  Well,\\nYES! ")
    'well, yes!'
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def preference_pairs(
    answers: Iterable[Answer],
    edits: Iterable[Edit] = (),
    regenerations: Iterable[Regeneration] = (),
    *,
    per_context: int = PAIRS_A_CONTEXT,
    min_gap: float = MIN_GAP,
) -> list[Pair]:
    """Return pairs of a better and a worse answer to the same context.

    Parameters
    ----------
    answers : iterable of Answer
        Votes make a pair of one with `p_good` above 0.5 and one below.
    edits : iterable of Edit
        The edited text is chosen, unless it is empty or differs in case, punctuation and white space alone. The margin
        is 1 - `p_good` of the original, 0.5 if that is unknown.
    regenerations : iterable of Regeneration
        The second answer is chosen, unless `p_good`, which is 0.5 where it is unknown, says that it is no better.
    per_context : int
        How many pairs a context has at most: those of the largest margins.
    min_gap : float
        The smallest margin of a pair from votes. For votes and regenerations the margin is the difference of `p_good`.

    Returns
    -------
    list of Pair
        By falling margin, then by context, source and ids, independent of the input order. Both sides differ in
        their comparable form. Of pairs of the same texts the first is kept, and none if another pair of the context
        says the reverse.

    Raises
    ------
    ValueError
        If `per_context` is negative.

    Examples
    --------
    >>> good, bad = Answer("a", "1 + 1?", "2", 0.9), Answer("b", "1 + 1?", "3", 0.2)
    >>> (pair,) = preference_pairs([good, bad])
    >>> pair.chosen, pair.rejected, pair.source.value, round(pair.margin, 2)
    ('2', '3', 'votes', 0.7)
    >>> [pair.chosen for pair in preference_pairs([], [Edit(bad, "Two."), Edit(bad, "3.")])]
    ['Two.']
    """
    if per_context < 0:
        raise ValueError(f"A context cannot have {per_context} pairs.")
    contexts: dict[str, _Context] = defaultdict(_Context)
    for answer in answers:
        contexts[answer.context].add_answer(answer)
    for edit in edits:
        original = edit.original
        if normalised(edit.edited) not in ("", normalised(original.text)):
            margin = 1 - _known(original.p_good)
            contexts[original.context].add(original, edit.edited, original, PairSource.EDIT, margin)
    for again in regenerations:
        if _is_better(again):
            margin = _known(again.second.p_good) - _known(again.first.p_good)
            contexts[again.first.context].add(
                again.second, again.second.text, again.first, PairSource.REGENERATE, margin
            )
    found = (pair for context in contexts.values() for pair in context.pairs(per_context, min_gap))
    return sorted(found, key=lambda pair: pair.rank)


@dataclass
class _Context:
    """What is known about the answers to a context, by comparable text."""

    good: dict[str, Answer] = field(default_factory=dict)
    bad: dict[str, Answer] = field(default_factory=dict)
    stated: list[Pair] = field(default_factory=list)

    def add_answer(self, answer: Answer) -> None:
        """Keep the best of those with one text as good, the worst as bad."""
        p_good = _known(answer.p_good)
        if p_good != EVEN:
            sign = 1 if p_good < EVEN else -1
            kept = self.bad if p_good < EVEN else self.good
            text = comparable(answer.text)
            kept[text] = min(kept.get(text, answer), answer, key=lambda one: (sign * _known(one.p_good), _order(one)))

    def add(self, chosen: Answer, text: str, rejected: Answer, source: PairSource, margin: float) -> None:
        ids = (rejected.context, chosen.event_id, rejected.event_id)
        self.stated.append(Pair(*ids, text, rejected.text, source, margin))

    def pairs(self, count: int, min_gap: float) -> list[Pair]:
        self.stated.sort(key=lambda pair: pair.rank)
        reversed_texts = {(comparable(pair.rejected), comparable(pair.chosen)) for pair in self.stated}
        found: dict[tuple[str, str], Pair] = {}
        for pair in heapq.merge(self.stated, *self._from_votes(min_gap), key=lambda pair: pair.rank):
            if len(found) == count:
                break
            texts = chosen, rejected = comparable(pair.chosen), comparable(pair.rejected)
            is_contradicted = texts in reversed_texts or self._votes_say(rejected, chosen, min_gap)
            if chosen != rejected and texts not in found and not is_contradicted:
                found[texts] = pair
        return list(found.values())

    def _from_votes(self, min_gap: float) -> Iterator[Iterator[Pair]]:
        """For each good answer its pairs, by falling margin."""
        worst_first = sorted(self.bad.values(), key=lambda one: (_known(one.p_good), _order(one)))
        for answer in sorted(self.good.values(), key=_order):
            yield self._with_each(answer, worst_first, min_gap)

    def _with_each(self, chosen: Answer, worst_first: list[Answer], min_gap: float) -> Iterator[Pair]:
        for rejected in worst_first:
            margin = _known(chosen.p_good) - _known(rejected.p_good)
            if margin < min_gap - _ROUNDING:
                return
            ids = (chosen.context, chosen.event_id, rejected.event_id)
            yield Pair(*ids, chosen.text, rejected.text, PairSource.VOTES, margin)

    def _votes_say(self, chosen: str, rejected: str, min_gap: float) -> bool:
        good, bad = self.good.get(chosen), self.bad.get(rejected)
        return good is not None and bad is not None and any(self._with_each(good, [bad], min_gap))


def _known(p_good: float | None) -> float:
    return EVEN if p_good is None or math.isnan(p_good) else p_good


def _order(answer: Answer) -> tuple[str, str]:
    return answer.event_id, answer.text


def _is_better(again: Regeneration) -> bool:
    if again.first.context != again.second.context:
        return False
    is_unknown = _known(again.first.p_good) == _known(again.second.p_good) == EVEN
    return is_unknown or _known(again.second.p_good) > _known(again.first.p_good)

"""Chooses which two answers reviewers of a set compare: those for which it is least certain which one is better."""

from collections.abc import Sequence

from curation.choices import Strategy
from curation.models import Comparison, CuratedExample, CuratedPair, CuratedSet
from curation.selecting.closest import closest_pairs
from curation.selecting.pairs import EVEN, Answer
from curation.sets.pairing import UNFIT
from curation.strategies.base import Candidate

MOST = 1_000


def comparisons(
    curated_set: CuratedSet,
    candidates: Sequence[Candidate],
    examples: Sequence[CuratedExample],
    pairs: Sequence[CuratedPair],
) -> list[Comparison]:
    """The answers of rows against other answers to their prompts, and edits that make no pair against the original."""
    known = {frozenset((str(pair.chosen_event_id), str(pair.rejected_event_id))) for pair in pairs}
    of_event = {str(example.event_id): example for example in examples}
    answers = {
        one.event_id: Answer(one.event_id, one.context.hex(), one.answer.hex(), one.p_good)
        for one in candidates
        if one.gate not in UNFIT
    }
    edited = {key for key, example in of_event.items() if example.strategy == Strategy.USER_EDIT}
    rows = [answers[key] for key in of_event if key in answers and key not in edited]
    found = [
        Comparison(curated_set=curated_set, example=of_event[pair.row_id], other_event_id=pair.other_id, gap=pair.gap)
        for pair in closest_pairs(rows, answers.values(), known=known)
    ]
    found += [
        Comparison(curated_set=curated_set, example=of_event[key], gap=_gap_of_edit(of_event[key]))
        for key in sorted(edited)
        if frozenset((key,)) not in known and of_event[key].response.strip()
    ]
    return sorted(found, key=lambda one: one.gap)[:MOST]


def _gap_of_edit(example: CuratedExample) -> float:
    """As the margin of a pair of an edit."""
    return 1 - (EVEN if example.p_good is None else example.p_good)

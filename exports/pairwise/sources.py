"""The pairs of answers of a run, read where they are stored."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from curation.choices import ComparisonVerdict, PairSource
from curation.models import Comparison, CuratedPair, GoldenRow
from curation.review.comparisons import answers
from exports.choices import GateOutcome, GateSide, PairwiseSource
from exports.models import GateAnswer, PairwiseRun
from exports.products.base import Options
from exports.products.conversations import answer_of, context
from feedback.statistics.pairwise import PairVerdict

# The column of a verdict that names its pair.
COLUMNS = {
    PairwiseSource.GATE: "golden_row_id",
    PairwiseSource.COMPARISONS: "comparison_id",
    PairwiseSource.PAIRS: "pair_id",
}
# What a person said; votes are of many people and not of the pair.
_BY_PERSON = (PairSource.EDIT, PairSource.REGENERATE, PairSource.REVIEW)


@dataclass(frozen=True)
class AnswerPair:
    """Two answers to one conversation, and what people said of them."""

    conversation: Sequence[dict[str, Any]]
    a: str
    b: str
    people: PairVerdict | None = None


def pair_ids(run: PairwiseRun) -> list[int]:
    """The pairs of a run in the order in which they are asked, which a later worker repeats."""
    found = list(_rows(run).order_by("pk").values_list("pk", flat=True))
    random.Random(run.seed).shuffle(found)  # noqa: S311 - an order, not a secret
    return found[: run.most]


def read(run: PairwiseRun, pair_id: int) -> AnswerPair | None:
    """The texts of a pair; None if one of them is gone, empty or may no longer be used."""
    row = _rows(run).filter(pk=pair_id).first()
    found = _READ[PairwiseSource(run.source)](run, row) if row else None
    return found if found and found.a.strip() and found.b.strip() else None


def lock(run: PairwiseRun, pair_id: int) -> bool:
    """Keep the row of a pair until the transaction ends; return whether it is there."""
    return _rows(run).filter(pk=pair_id).select_for_update(no_key=True, of=("self",)).exists()


def _rows(run: PairwiseRun) -> QuerySet:
    if run.source == PairwiseSource.GATE:
        return GoldenRow.objects.filter(golden_set=run.gate.golden_set_id).by_people().up_to(run.gate.last_row)
    if run.source == PairwiseSource.COMPARISONS:
        return Comparison.objects.of_set(run.curated_set_id).decided().select_related("example__curated_set")
    return CuratedPair.objects.filter(curated_set=run.curated_set_id, erased_at=None)


def _of_gate(run: PairwiseRun, row: GoldenRow) -> AnswerPair | None:
    stored = GateAnswer.objects.filter(gate=run.gate_id, row=row).exclude(outcome=GateOutcome.MISSING)
    found = dict(stored.values_list("side", "response"))
    if len(found) < len(GateSide):
        return None
    return AnswerPair(context(row, Options()), found[GateSide.CANDIDATE], found[GateSide.CURRENT])


def _of_comparison(run: PairwiseRun, comparison: Comparison) -> AnswerPair | None:
    both = answers.both(comparison)
    if both is None:
        return None
    ours, other = (_shown(one.text, one.message) for one in both)
    return AnswerPair(context(comparison.example, Options()), ours, other, _people(comparison))


def _people(comparison: Comparison) -> PairVerdict:
    if comparison.verdict in (ComparisonVerdict.A, ComparisonVerdict.B):
        return PairVerdict.B if comparison.prefers_other else PairVerdict.A
    return PairVerdict.TIE


def _of_pair(run: PairwiseRun, pair: CuratedPair) -> AnswerPair:
    people = PairVerdict.A if pair.pair_source in _BY_PERSON else None
    chosen, rejected = _shown(pair.chosen, pair.chosen_message), _shown(pair.rejected, pair.rejected_message)
    return AnswerPair(context(pair, Options()), chosen, rejected, people)


def _shown(text: str, message: dict[str, Any] | None) -> str:
    """An answer as a text, with the calls of tools that it makes."""
    turn = answer_of(text, message, Options()) or {}
    calls = turn.get("tool_calls")
    return f"{turn.get('content') or ''}\n{calls}".strip() if calls else text


_READ = {
    PairwiseSource.GATE: _of_gate,
    PairwiseSource.COMPARISONS: _of_comparison,
    PairwiseSource.PAIRS: _of_pair,
}

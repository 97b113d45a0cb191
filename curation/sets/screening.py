"""Compares picks with the rows that a set keeps already: near-copies, and prompts that are too alike."""

from collections.abc import Sequence

from curation.candidates import texts
from curation.candidates.embedding import KeptVectors, PromptVectors
from curation.choices import LinkKind, Outcome
from curation.decontamination.decontaminator import Hit
from curation.duplicates import known_rows
from curation.duplicates.earlier_rows import near_rows_of_sets
from curation.duplicates.near_copies import Match, NearCopies
from curation.duplicates.signed_rows import SignedRows, sign
from curation.duplicates.texts import answer_text
from curation.models import CuratedExample, CuratedSet, DuplicateLink
from curation.sets.evaluation import Author, EvaluationSets
from curation.sets.snapshots import edit_id, message_of
from curation.strategies.base import Candidate, Pick
from curation.strategies.filling import Failed
from curation.strategies.registry import STRATEGIES


class Screening:
    """The comparisons of one build."""

    def __init__(self, curated_set: CuratedSet, candidates: Sequence[Candidate], vectors: PromptVectors):
        self._set, self._candidates, self._vectors = curated_set, candidates, vectors
        self._copies = NearCopies()
        self._signed: SignedRows | None = None
        self._position: dict[int, int] = {}
        self._earlier: list[Match | None] = []
        self._links: dict[int, tuple[Match, bool]] = {}
        self._kept: list[tuple[Pick, SignedRows, int]] = []
        self._kept_vectors: dict[str, KeptVectors] = {}
        self._limits = {
            name: STRATEGIES[name].with_defaults(curated_set.parameters.get(name, {}))[STRATEGIES[name].max_cosine]
            for name in curated_set.strategies
            if STRATEGIES[name].max_cosine
        }
        self.evaluation = EvaluationSets(curated_set.deployment_id)
        self._contaminated: dict[str, Hit] = {}
        known_rows.catch_up(curated_set.deployment_id)

    def prepare(self, picks: Sequence[Pick]) -> None:
        """Read the texts of picks, sign them, and find rows of earlier sets that are like them."""
        prompts, answers = self._texts(picks)
        self._signed = sign(prompts, answers)
        authors = [_author(self._candidates[pick.index]) for pick in picks]
        self._contaminated = self.evaluation.hits(authors, prompts, answers)
        self._position = {pick.index: position for position, pick in enumerate(picks)}
        sets = CuratedSet.objects.of_deployment(self._set.deployment_id)
        among = sets.exported() if self._set.only_new else sets
        self._earlier = near_rows_of_sets(self._set.deployment_id, self._signed, among=among).matches
        compared = [pick.index for pick in picks if pick.strategy in self._limits]
        if compared:
            self._vectors(compared)

    def failure(self, pick: Pick) -> Failed | None:
        """A near-copy of a kept row, one of what was exported, or a prompt too similar to one of the same strategy."""
        signed, at = self._at(pick)
        self._links.pop(pick.index, None)
        if hit := self._contaminated.get(self._candidates[pick.index].event_id):
            return Failed(Outcome.CONTAMINATED, hit.similarity)
        earlier = self._earlier[at]
        if earlier is not None:
            self._links[pick.index] = earlier, True
            if self._set.only_new and earlier.kind == LinkKind.DROPPED:
                return Failed(Outcome.EXPORTED, earlier.similarity)
        match = self._copies.find(signed, at)
        if match is not None:
            self._links[pick.index] = match, False
            if match.kind == LinkKind.DROPPED:
                return Failed(Outcome.NEAR_COPY, match.similarity)
        cosine = self._highest_cosine(pick)
        if cosine is not None and cosine >= self._limits[pick.strategy]:
            return Failed(Outcome.SIMILAR, cosine)
        return None

    def links(self, examples: Sequence[CuratedExample]) -> list[DuplicateLink]:
        """Which candidates repeat a row of this set or of an earlier one, or have a prompt like its prompt."""
        rows = {str(example.event_id) for example in examples}
        earlier = CuratedExample.objects.in_bulk(
            [match.kept for match, is_earlier in self._links.values() if is_earlier]
        )
        links = []
        for index, (match, is_earlier) in self._links.items():
            kept = earlier.get(match.kept) if is_earlier else None
            kept_event = str(kept.event_id) if kept else "" if is_earlier else self._candidates[match.kept].event_id
            candidate = self._candidates[index]
            # The same event in an earlier set repeats nothing, and a row that was taken back keeps nothing out.
            if kept_event and kept_event != candidate.event_id and (kept or kept_event in rows):
                links.append(_link(self._set, candidate, match, kept_event, kept, is_row=candidate.event_id in rows))
        return links

    def keep(self, pick: Pick) -> None:
        self._keep(pick, *self._at(pick))

    def forget(self, picks: Sequence[Pick]) -> None:
        gone = {pick.index for pick in picks}
        kept = [one for one in self._kept if one[0].index not in gone]
        self._copies, self._kept, self._kept_vectors = NearCopies(), [], {}
        for one in kept:
            self._keep(*one)

    def _keep(self, pick: Pick, signed: SignedRows, at: int) -> None:
        self._kept.append((pick, signed, at))
        self._copies.keep(signed, at, row_id=pick.index)
        if pick.strategy in self._limits:
            self._kept_vectors.setdefault(pick.strategy, KeptVectors()).add(self._vectors([pick.index])[0])

    def _at(self, pick: Pick) -> tuple[SignedRows, int]:
        if self._signed is None:
            raise ValueError("Prepare picks before they are compared.")
        return self._signed, self._position[pick.index]

    def _highest_cosine(self, pick: Pick) -> float | None:
        """None without embeddings, or without a kept row to compare with."""
        kept = self._kept_vectors.get(pick.strategy)
        return None if kept is None else kept.highest_cosine(self._vectors([pick.index])[0])

    def _texts(self, picks: Sequence[Pick]) -> tuple[list[str], list[str]]:
        """The prompt and the answer of each pick, of an edit the edited one."""
        chosen = [self._candidates[pick.index] for pick in picks]
        signals = {pick.index: edit_id(candidate, pick) for candidate, pick in zip(chosen, picks, strict=True)}
        edits = texts.of_edits([signal for signal in signals.values() if signal])
        prompts, answers = [], []
        for pick, (_, row) in zip(picks, texts.of_events([one.event_id for one in chosen]), strict=True):
            prompts.append(row["prompt"] if row else "")
            edited = edits.get(signals[pick.index], "")
            message = message_of(row["response_message"]) if row else None
            answers.append(answer_text(row["response"], edited_response=edited, message=message) if row else "")
        return prompts, answers


def _author(candidate: Candidate) -> Author:
    return Author(candidate.event_id, candidate.user, candidate.edit.editor if candidate.edit else "")


def _link(
    curated_set: CuratedSet,
    candidate: Candidate,
    match: Match,
    kept_event: str,
    kept: CuratedExample | None,
    *,
    is_row: bool,
) -> DuplicateLink:
    return DuplicateLink(
        curated_set=curated_set,
        kind=LinkKind.LINKED if is_row else match.kind,
        method=match.method,
        similarity=match.similarity,
        kept_event_id=kept_event,
        kept_example=kept,
        dropped_event_id=candidate.event_id,
        user_hash=candidate.user,
        editor_hash=candidate.edit.editor if candidate.edit else "",
    )

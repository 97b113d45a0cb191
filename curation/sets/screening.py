"""Compares picks with the rows that a set keeps already: near-copies, and prompts that are too alike."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from curation.choices import LinkKind, Outcome, Strategy
from curation.duplicates.near_copies import Match, NearCopies
from curation.duplicates.signed_rows import SignedRows, sign
from curation.models import CuratedSet
from curation.sets import keys, texts
from curation.sets.embedding import PromptVectors
from curation.strategies.base import Candidate, Pick
from curation.strategies.filling import Failed
from curation.strategies.registry import STRATEGIES
from feedback.quality.assessment import answer_of_row


@dataclass(frozen=True)
class Found:
    """A near-copy that was met: the row kept, and the pick that was dropped or linked."""

    kept: int
    other: int
    match: Match


class Screening:
    """The comparisons of one build."""

    def __init__(self, curated_set: CuratedSet, candidates: Sequence[Candidate], vectors: PromptVectors):
        self.found: list[Found] = []
        self._set, self._candidates, self._vectors = curated_set, candidates, vectors
        self._copies = NearCopies()
        self._signed: SignedRows | None = None
        self._position: dict[int, int] = {}
        self._kept_vectors: dict[str, list[np.ndarray]] = {}
        self._limits = {
            name: STRATEGIES[name].with_defaults(curated_set.parameters.get(name, {}))[STRATEGIES[name].max_cosine]
            for name in curated_set.strategies
            if STRATEGIES[name].max_cosine
        }

    def prepare(self, picks: Sequence[Pick]) -> None:
        """Read the texts of picks and sign them."""
        prompts, answers = self._texts(picks)
        self._signed = sign(prompts, answers)
        self._position = {pick.index: position for position, pick in enumerate(picks)}
        compared = [pick.index for pick in picks if pick.strategy in self._limits]
        if compared:
            self._vectors(compared)

    def failure(self, pick: Pick) -> Failed | None:
        """A near-copy of a kept row, or a prompt too similar to one of the same strategy."""
        signed, at = self._at(pick)
        match = self._copies.find(signed, at)
        if match is not None:
            self.found.append(Found(match.kept, pick.index, match))
            if match.kind == LinkKind.DROPPED:
                return Failed(Outcome.NEAR_COPY, match.similarity)
        cosine = self._highest_cosine(pick)
        if cosine is not None and cosine >= self._limits[pick.strategy]:
            return Failed(Outcome.SIMILAR, cosine)
        return None

    def keep(self, pick: Pick) -> None:
        signed, at = self._at(pick)
        self._copies.keep(signed, at, row_id=pick.index)
        if pick.strategy in self._limits:
            self._kept_vectors.setdefault(pick.strategy, []).append(self._vectors([pick.index])[0])

    def _at(self, pick: Pick) -> tuple[SignedRows, int]:
        if self._signed is None:
            raise ValueError("Prepare picks before they are compared.")
        return self._signed, self._position[pick.index]

    def _highest_cosine(self, pick: Pick) -> float | None:
        """None without embeddings, or without a kept row to compare with."""
        kept = self._kept_vectors.get(pick.strategy)
        if not kept:
            return None
        vector = self._vectors([pick.index])[0]
        return float((np.stack(kept) @ vector).max()) if vector.size else None

    def _texts(self, picks: Sequence[Pick]) -> tuple[list[str], list[str]]:
        """The prompt and the answer of each pick, of an edit the edited one."""
        chosen = [self._candidates[pick.index] for pick in picks]
        edits = texts.of_edits(
            [one.edit.signal_id for one, pick in zip(chosen, picks, strict=True) if _is_edit(one, pick)]
        )
        prompts, answers = [], []
        rows = texts.of_events([one.event_id for one in chosen])
        for candidate, pick, (_, row) in zip(chosen, picks, rows, strict=True):
            prompts.append(row["prompt"] if row else "")
            edited = edits.get(candidate.edit.signal_id) if _is_edit(candidate, pick) else None
            answers.append(edited if edited is not None else keys.answer_text(answer_of_row(row)) if row else "")
        return prompts, answers


def _is_edit(candidate: Candidate, pick: Pick) -> bool:
    return pick.strategy == Strategy.USER_EDIT and candidate.edit is not None

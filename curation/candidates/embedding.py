"""Vectors of the prompts of candidates, each computed once."""

from collections.abc import Callable, Sequence

import numpy as np

from curation.candidates.reading import rows
from curation.strategies.base import Candidate
from feedback.embeddings import clients
from feedback.stores import event_store
from feedback.stores.base import EventFilter, Paging

_BATCH = 1_000


class PromptVectors:
    """Embeds prompts when they are first asked for; an event that is gone has a row of zeros.

    check: called between batches; it may end the build by raising an exception.
    """

    def __init__(self, candidates: Sequence[Candidate], check: Callable[[], None] = lambda: None):
        self._candidates, self._check = candidates, check
        self._vectors: dict[int, np.ndarray] = {}

    def __call__(self, indices: Sequence[int]) -> np.ndarray:
        unknown = [index for index in indices if index not in self._vectors]
        for start in range(0, len(unknown), _BATCH):
            self._check()
            some = unknown[start : start + _BATCH]
            vectors = clients.embed(self._prompts(some))
            self._vectors.update(zip(some, vectors, strict=True))
        if not indices:
            return np.empty((0, 0), dtype=np.float32)
        return np.stack([self._vectors[index] for index in indices])

    def _prompts(self, indices: Sequence[int]) -> list[str]:
        ids = [self._candidates[index].event_id for index in indices]
        cut = Paging(limit=len(ids), characters=clients.MAX_CHARACTERS)
        prompts = {
            row["id"]: row["prompt"] for row in rows(event_store().scan(EventFilter(ids=ids), ["id", "prompt"], cut))
        }
        return [prompts.get(event_id, "") for event_id in ids]


class KeptVectors:
    """Unit vectors of kept rows, in an array that doubles when it is full."""

    def __init__(self) -> None:
        self._rows = np.empty((0, 0), dtype=np.float32)
        self._size = 0

    def add(self, vector: np.ndarray) -> None:
        if self._size == len(self._rows):
            grown = np.empty((max(64, 2 * self._size), len(vector)), dtype=np.float32)
            grown[: self._size] = self._rows[: self._size].reshape(self._size, len(vector))
            self._rows = grown
        self._rows[self._size] = vector
        self._size += 1

    def highest_cosine(self, vector: np.ndarray) -> float | None:
        """None if vectors have no dimension."""
        return float((self._rows[: self._size] @ vector).max()) if vector.size and self._size else None

"""Finds rows that repeat rows that are kept: an index in memory, fed with rows from the best to the least."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from curation.choices import CopyMethod, LinkKind
from curation.duplicates.signed_rows import LARGEST_BUCKET, THRESHOLD, SignedRows
from feedback.signatures import PERMUTATIONS, similarity

_Key = int | bytes


@dataclass(frozen=True)
class Match:
    """A kept row that another row is like. `similarity`: 0 to 1, that of prompt or answer, whichever is less alike."""

    kept: int
    kind: LinkKind
    method: CopyMethod
    similarity: float


class NearCopies:
    """The rows that are kept so far, and which of them another row repeats.

    Feed rows from the best one on: call `find`, and `keep` unless the row is dropped. A
    row whose prompt and answer are near-copies of the same kept row's repeats it. One whose prompt alone is a
    near-copy is linked to it: the same question with another answer is no repetition.

    cosine: the similarity of embeddings from which a row repeats a kept one as well; None compares none.
    """

    def __init__(
        self, *, threshold: float = THRESHOLD, largest: int = LARGEST_BUCKET, cosine: float | None = None
    ) -> None:
        self._threshold = threshold
        self._cosine = cosine
        self._ids: list[int] = []
        self._prompts, self._answers, self._vectors = _Rows(np.uint32), _Rows(np.uint32), _Rows(np.float32)
        self._exact: dict[_Key, int] = {}
        self._normal: dict[_Key, int] = {}
        self._same_prompt: dict[_Key, int] = {}
        self._joint, self._of_prompt = _Buckets(largest), _Buckets(largest)

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def skipped(self) -> int:
        """The number of keys that so many kept rows share that no row is compared by them."""
        return self._joint.skipped + self._of_prompt.skipped

    def find(self, rows: SignedRows, at: int, *, vector: np.ndarray | None = None) -> Match | None:
        """The kept row that row `at` repeats, else the one with a near-copy of its prompt, else None.

        vector: the unit vector of its embedding, if embeddings are compared.
        """
        kept = self._exact.get(rows.exact_keys[at])
        if kept is not None:
            return self._match(kept, LinkKind.DROPPED, CopyMethod.EXACT)
        kept = self._normal.get(rows.normal_keys[at])
        if kept is not None:
            return self._match(kept, LinkKind.DROPPED, CopyMethod.NORMALISED)
        prompt, answer = rows.prompts[at], rows.answers[at]
        candidates = self._joint.of(rows.joint_bands[at].tolist())
        of_prompts = self._similar(self._prompts, candidates, prompt)
        both = np.minimum(of_prompts, self._similar(self._answers, candidates, answer))
        repeated = self._best(candidates, both, LinkKind.DROPPED, CopyMethod.MINHASH, self._threshold)
        return repeated or self._by_cosine(vector) or self._by_prompt(rows, at)

    def keep(self, rows: SignedRows, at: int, *, row_id: int, vector: np.ndarray | None = None) -> None:
        """Keep row `at` under this id, which `Match.kept` names. `vector`: for every row or for none."""
        number = len(self._ids)
        prompt, answer = rows.prompts[at], rows.answers[at]
        self._ids.append(row_id)
        self._prompts.append(prompt)
        self._answers.append(answer)
        if vector is not None:
            self._vectors.append(vector)
        self._exact.setdefault(rows.exact_keys[at], number)
        self._normal.setdefault(rows.normal_keys[at], number)
        self._same_prompt.setdefault(rows.prompt_keys[at], number)
        self._joint.add(rows.joint_bands[at].tolist(), number)
        self._of_prompt.add(rows.prompt_bands[at].tolist(), number)

    def place(self, rows: SignedRows, row_ids: Sequence[int]) -> list[Match | None]:
        """Find each row's match, in order, and keep those that are not dropped."""
        matches = []
        for at, row_id in enumerate(row_ids):
            match = self.find(rows, at)
            if match is None or match.kind != LinkKind.DROPPED:
                self.keep(rows, at, row_id=row_id)
            matches.append(match)
        return matches

    def _by_cosine(self, vector: np.ndarray | None) -> Match | None:
        if self._cosine is None or vector is None:
            return None
        cosines = self._vectors.all() @ vector if len(self) else np.empty(0)
        return self._best(range(len(cosines)), cosines, LinkKind.DROPPED, CopyMethod.COSINE, self._cosine)

    def _by_prompt(self, rows: SignedRows, at: int) -> Match | None:
        kept = self._same_prompt.get(rows.prompt_keys[at])
        if kept is not None:
            return self._match(kept, LinkKind.LINKED, CopyMethod.NORMALISED)
        candidates = self._of_prompt.of(rows.prompt_bands[at].tolist())
        similarities = self._similar(self._prompts, candidates, rows.prompts[at])
        return self._best(candidates, similarities, LinkKind.LINKED, CopyMethod.MINHASH, self._threshold)

    def _similar(self, kept: "_Rows", candidates: list[int], signature: np.ndarray) -> np.ndarray:
        return similarity(kept.all()[candidates], signature) if candidates else np.empty(0)

    def _best(
        self,
        candidates: Sequence[int],
        similarities: np.ndarray,
        kind: LinkKind,
        method: CopyMethod,
        threshold: float,
    ) -> Match | None:
        """The most similar candidate, the first kept of equals, if it is similar enough."""
        if not len(candidates):
            return None
        best = int(np.argmax(similarities))
        if similarities[best] < threshold:
            return None
        return self._match(candidates[best], kind, method, float(similarities[best]))

    def _match(self, number: int, kind: LinkKind, method: CopyMethod, similarity: float = 1.0) -> Match:
        return Match(self._ids[number], kind, method, similarity)


class _Buckets:
    """Which kept rows have a key, up to a number beyond which the key is not used."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        # A list only where a second row has the key: most keys have one.
        self._rows: dict[int, int | list[int] | None] = {}
        self.skipped = 0

    def add(self, keys: list[int], number: int) -> None:
        if self._rows.keys().isdisjoint(keys):
            self._rows.update(dict.fromkeys(keys, number))
            return
        for key in keys:
            held = self._rows.setdefault(key, number)
            if isinstance(held, int):
                if held != number:
                    self._rows[key] = [held, number]
            elif held is not None and len(held) < self._largest:
                held.append(number)
            elif held is not None:
                self._rows[key] = None
                self.skipped += 1

    def of(self, keys: list[int]) -> list[int]:
        """The rows that share a key, in the order in which they were kept."""
        if self._rows.keys().isdisjoint(keys):
            return []
        found: set[int] = set()
        for key in keys:
            held = self._rows.get(key)
            if isinstance(held, int):
                found.add(held)
            elif held:
                found.update(held)
        return sorted(found)


class _Rows:
    """An array that rows are appended to."""

    def __init__(self, dtype: type[np.generic]) -> None:
        self._dtype = dtype
        self._rows: np.ndarray | None = None
        self._size = 0

    def append(self, row: np.ndarray) -> None:
        if self._rows is None:
            self._rows = np.empty((64, len(row)), self._dtype)
        if self._size == len(self._rows):
            self._rows = np.concatenate([self._rows, np.empty_like(self._rows)])
        self._rows[self._size] = row
        self._size += 1

    def all(self) -> np.ndarray:
        return np.empty((0, PERMUTATIONS), self._dtype) if self._rows is None else self._rows[: self._size]

"""Finds rows that repeat rows that are kept: an index in memory, fed with rows from the best to the least."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from curation.choices import CopyMethod, LinkKind
from curation.duplicates.short_texts import ShortRow, row_similarities
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
    """

    def __init__(self, *, threshold: float = THRESHOLD, largest: int = LARGEST_BUCKET) -> None:
        self._threshold = threshold
        self._ids: list[int] = []
        self._prompts, self._answers = _Rows(), _Rows()
        self._short: list[ShortRow] = []
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

    def find(self, rows: SignedRows, at: int) -> Match | None:
        """The kept row that row `at` repeats, else the one with a near-copy of its prompt, else None."""
        kept = self._exact.get(rows.exact_keys[at])
        if kept is not None:
            return self._match(kept, LinkKind.DROPPED, CopyMethod.EXACT)
        kept = self._normal.get(rows.normal_keys[at])
        if kept is not None:
            return self._match(kept, LinkKind.DROPPED, CopyMethod.NORMALISED)
        return self._by_row(rows, at) or self._by_prompt(rows, at)

    def keep(self, rows: SignedRows, at: int, *, row_id: int) -> None:
        """Keep row `at` under this id, which `Match.kept` names."""
        number = len(self._ids)
        self._ids.append(row_id)
        self._prompts.append(rows.prompts[at])
        self._answers.append(rows.answers[at])
        self._short.append(rows.short[at])
        self._exact.setdefault(rows.exact_keys[at], number)
        self._normal.setdefault(rows.normal_keys[at], number)
        self._same_prompt.setdefault(rows.prompt_keys[at], number)
        self._joint.add(rows.joint_keys(at), number)
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

    def _by_row(self, rows: SignedRows, at: int) -> Match | None:
        candidates = self._joint.of(rows.joint_keys(at))
        if not candidates:
            return None
        of_prompts = similarity(self._prompts.all()[candidates], rows.prompts[at])
        of_answers = similarity(self._answers.all()[candidates], rows.answers[at])
        estimates = np.minimum(of_prompts, of_answers)
        found = row_similarities(
            of_prompts, of_answers, rows.short[at], [self._short[one] for one in candidates], threshold=self._threshold
        )
        best = self._best(found)
        if best is None:
            return None
        method = CopyMethod.MINHASH if estimates[best] >= self._threshold else CopyMethod.WORDS
        return self._match(candidates[best], LinkKind.DROPPED, method, float(found[best]))

    def _by_prompt(self, rows: SignedRows, at: int) -> Match | None:
        kept = self._same_prompt.get(rows.prompt_keys[at])
        if kept is not None:
            return self._match(kept, LinkKind.LINKED, CopyMethod.NORMALISED)
        candidates = self._of_prompt.of(rows.prompt_bands[at].tolist())
        if not candidates:
            return None
        found = similarity(self._prompts.all()[candidates], rows.prompts[at])
        best = self._best(found)
        if best is None:
            return None
        return self._match(candidates[best], LinkKind.LINKED, CopyMethod.MINHASH, float(found[best]))

    def _best(self, similarities: np.ndarray) -> int | None:
        """The position of the highest similarity, the first of equals, if it is high enough."""
        best = int(np.argmax(similarities))
        return best if similarities[best] >= self._threshold else None

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
    """Signatures that more are appended to."""

    def __init__(self) -> None:
        self._rows = np.empty((64, PERMUTATIONS), np.uint32)
        self._size = 0

    def append(self, row: np.ndarray) -> None:
        if self._size == len(self._rows):
            self._rows = np.concatenate([self._rows, np.empty_like(self._rows)])
        self._rows[self._size] = row
        self._size += 1

    def all(self) -> np.ndarray:
        return self._rows[: self._size]

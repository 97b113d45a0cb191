"""Finds texts of registered evaluation sets in the texts of candidates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from curation.choices import ContaminationMethod
from curation.decontamination.grams import gram_hashes, word_grams
from curation.decontamination.short_texts import Embed, ShortTexts
from curation.decontamination.signing import SignedTexts
from curation.duplicates.near_pairs import near_pairs
from curation.duplicates.signed_rows import THRESHOLD
from feedback.signatures import PERMUTATIONS, normal_key, signatures

# A gram of more texts of a set is part of its template, such as "choose the best of the following answers and".
MOST_TEXTS = 10


@dataclass(frozen=True)
class Hit:
    """A text of an evaluation set that another text has: the set, the row of its source, how it was found.

    matched: the eight words that both have, else "". similarity: 1, the estimate of MinHash, or the cosine.
    """

    evaluation_set: str
    row: int
    method: ContaminationMethod
    matched: str
    similarity: float

    def __str__(self) -> str:
        how = {
            ContaminationMethod.NORMALISED: "the same text",
            ContaminationMethod.NGRAM: f"“{self.matched}”",
            ContaminationMethod.MINHASH: f"{self.similarity:.2f} of the text",
            ContaminationMethod.EMBEDDING: f"cosine {self.similarity:.2f}",
        }[self.method]
        return f"{self.evaluation_set}, row {self.row:,}: {how}"


class Decontaminator:
    """The evaluation sets to keep out of training data, given as {name: signed texts}.

    embed: gives the unit vectors of short texts, which are compared by their cosine; None compares none.
    """

    def __init__(
        self, sets: dict[str, Iterable[SignedTexts]], *, threshold: float = THRESHOLD, embed: Embed | None = None
    ) -> None:
        self._threshold = threshold
        self._names: list[str] = []
        self._of_key: dict[bytes, int] = {}
        # Per text of all sets: which set it is of, and which row.
        owners: list[np.ndarray] = []
        rows, signed = [np.empty(0, np.int64)], [np.empty((0, PERMUTATIONS), np.uint32)]
        grams, gram_texts = [np.empty(0, np.uint64)], [np.empty(0, np.int64)]
        short: dict[int, str] = {}
        size = 0
        for name, parts in sets.items():
            first = size
            of_set, of_texts = [np.empty(0, np.uint64)], [np.empty(0, np.int64)]
            for part in parts:
                for at, key in enumerate(part.normal_keys):
                    self._of_key.setdefault(key, size + at)
                short.update((size + at, text) for at, text in enumerate(part.short_texts) if text)
                size += len(part)
                rows.append(part.rows)
                signed.append(part.signatures)
                of_set.append(part.grams)
                of_texts.append(part.gram_texts.astype(np.int64) + first)
            telling, texts = _telling(np.concatenate(of_set), np.concatenate(of_texts))
            grams.append(telling)
            gram_texts.append(texts)
            owners.append(np.full(size - first, len(self._names)))
            self._names.append(name)
        self._short = ShortTexts(short, embed)
        self._owners = np.concatenate([np.empty(0, np.int64), *owners])
        self._rows, self._signatures = np.concatenate(rows), np.concatenate(signed)
        order = np.argsort(np.concatenate(grams), kind="stable")
        self._grams, self._gram_texts = np.concatenate(grams)[order], np.concatenate(gram_texts)[order]

    def __len__(self) -> int:
        return len(self._rows)

    def hit(self, text: str) -> Hit | None:
        """Which text of the evaluation sets this one has, if any."""
        return self.hits([text])[0]

    def hits(self, texts: Sequence[str]) -> list[Hit | None]:
        """The same for many texts at once, which is faster.

        A text is a hit if it is equal to one of an evaluation set when normalised, has eight words in a row of one, is
        a near-copy of one, or is short and has nearly the vector of a short one. The first of these that applies is
        reported.
        """
        if not len(self):
            return [None] * len(texts)
        pairs = near_pairs(self._signatures, signatures(texts), threshold=self._threshold)
        # The most similar text comes last, and of equals the first one of the sets.
        order = np.lexsort((-pairs.members, pairs.similarities))
        near = {int(pairs.queries[at]): (int(pairs.members[at]), float(pairs.similarities[at])) for at in order}
        alike = self._short.most_alike(texts)
        return [
            self._equal(text)
            or self._by_grams(text)
            or self._near(near.get(at), ContaminationMethod.MINHASH)
            or self._near(alike.get(at), ContaminationMethod.EMBEDDING)
            for at, text in enumerate(texts)
        ]

    def _equal(self, text: str) -> Hit | None:
        found = self._of_key.get(normal_key(text))
        return None if found is None else self._hit(found, ContaminationMethod.NORMALISED)

    def _by_grams(self, text: str) -> Hit | None:
        grams = word_grams(text)
        if not grams or not len(self._grams):
            return None
        hashes = gram_hashes(grams)
        at = np.minimum(np.searchsorted(self._grams, hashes), len(self._grams) - 1)
        found = np.flatnonzero(self._grams[at] == hashes)
        if not len(found):
            return None
        return self._hit(int(self._gram_texts[at[found[0]]]), ContaminationMethod.NGRAM, grams[found[0]])

    def _near(self, found: tuple[int, float] | None, method: ContaminationMethod) -> Hit | None:
        return None if found is None else self._hit(found[0], method, similarity=found[1])

    def _hit(self, text: int, method: ContaminationMethod, matched: str = "", similarity: float = 1.0) -> Hit:
        return Hit(self._names[self._owners[text]], int(self._rows[text]), method, matched, similarity)


def _telling(grams: np.ndarray, texts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The grams of a set that are no template."""
    _, at, counts = np.unique(grams, return_inverse=True, return_counts=True)
    is_telling = counts[at] <= MOST_TEXTS
    return grams[is_telling], texts[is_telling]

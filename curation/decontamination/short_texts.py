"""Compares short texts by their embeddings: a question of a few words has no 8-gram and hardly a near-copy."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from curation.decontamination.grams import WORDS
from curation.duplicates.short_texts import telling
from feedback.signatures import normalised

# A text is short from two words on up to the size at which it has an 8-gram.
LEAST_WORDS, MAX_CHARACTERS = 2, 200
# Chosen so that of a thousand unrelated short prompts none is a hit: see docs/curation.md.
MIN_COSINE = 0.95
# Texts of evaluation sets whose cosines are in memory at a time.
_BLOCK = 8_192
Embed = Callable[[list[str]], np.ndarray]


def is_short(text: str) -> bool:
    """Return whether a text is compared by its embedding.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    bool
        Whether it has at most 200 characters and two to seven words.

    Examples
    --------
    >>> is_short("Who wrote Faust?"), is_short("Faust"), is_short("Who of the poets of that time wrote Faust?")
    (True, False, False)
    """
    return len(text) <= MAX_CHARACTERS and LEAST_WORDS <= len(normalised(text).split()) < WORDS


class ShortTexts:
    """The short texts of evaluation sets, given as {number: text}, and which of them others are like."""

    def __init__(self, texts: Mapping[int, str], embed: Embed | None) -> None:
        self._numbers, self._texts, self._embed = list(texts), list(texts.values()), embed
        self._vectors = np.empty((0, 0), np.float16)
        if embed and texts:
            # Half precision: an error of at most 0.001, and half the memory.
            blocks = [embed(self._texts[start : start + _BLOCK]) for start in range(0, len(texts), _BLOCK)]
            self._vectors = np.concatenate(blocks).astype(np.float16)

    def most_alike(self, texts: Sequence[str]) -> dict[int, tuple[int, float]]:
        """{position: (number, cosine)} of those of these texts that are like one of the sets: the most similar one.

        Texts that differ in a number, a negation or a sign of calculation are not alike.
        """
        asked = [at for at, text in enumerate(texts) if is_short(text)] if self._vectors.size else []
        if not asked or self._embed is None:
            return {}
        vectors = self._embed([texts[at] for at in asked])
        found: dict[int, tuple[int, float]] = {}
        for start in range(0, len(self._vectors), _BLOCK):
            cosines = vectors @ self._vectors[start : start + _BLOCK].astype(np.float32).T
            for row, column in np.argwhere(cosines >= MIN_COSINE).tolist():
                at, cosine = asked[row], min(float(cosines[row, column]), 1.0)
                is_better = at not in found or cosine > found[at][1]
                if is_better and _says_the_same(texts[at], self._texts[start + column]):
                    found[at] = self._numbers[start + column], cosine
        return found


def _says_the_same(text: str, other: str) -> bool:
    return telling(normalised(text)) == telling(normalised(other))

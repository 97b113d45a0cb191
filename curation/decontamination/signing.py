"""What is kept of the texts of an evaluation set: keys, signatures, hashes of word 8-grams, and the short texts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from curation.decontamination.grams import gram_hashes, word_grams
from curation.decontamination.short_texts import is_short
from feedback.signatures import normal_key, signatures

# Of one set. They bound the memory of a comparison: 520 bytes a text, 512 more for a short one, and 12 a gram.
MAX_TEXTS = 200_000
MAX_GRAMS = 20_000_000
MAX_CHARACTERS = 1_000_000
# What is in memory at a time.
BATCH, BATCH_CHARACTERS = 2_000, 4_000_000


class TooLarge(ValueError):
    """An evaluation set, or a text of it, beyond what can be compared."""


@dataclass(frozen=True)
class SignedTexts:
    """n texts of a set, each once: `rows` of its source, keys, signatures; `grams` with the text that each is of.

    short_texts: those that embeddings compare, "" in the place of the others.
    """

    rows: np.ndarray
    normal_keys: list[bytes]
    signatures: np.ndarray
    grams: np.ndarray
    gram_texts: np.ndarray
    short_texts: list[str]

    def __len__(self) -> int:
        return len(self.normal_keys)


def signed_texts(texts: Iterable[tuple[int, str]]) -> Iterator[SignedTexts]:
    """Yield what is kept of texts, some at a time.

    Parameters
    ----------
    texts : iterable of (int, str)
        Texts with the number of their row, from 1. Those that are equal when normalised are kept once.

    Yields
    ------
    SignedTexts
        At most 2,000 texts each. `gram_texts` count from the first text of all.

    Raises
    ------
    TooLarge
        For more than 200,000 texts or 20,000,000 grams, or a text of more than 1,000,000 characters.

    Examples
    --------
    >>> some, = signed_texts([(1, "What is the capital of France?"), (2, "what is the capital of france")])
    >>> len(some), some.rows.tolist(), some.signatures.shape, some.grams.size
    (1, [1], (1, 128), 0)
    """
    known: set[bytes] = set()
    grams = 0
    for batch in _batches(texts):
        start = len(known)
        new = {}
        for row, text in batch:
            key = normal_key(text)
            if key not in known:
                known.add(key)
                new[key] = row, text
        if len(known) > MAX_TEXTS:
            raise TooLarge(f"The set has more than {MAX_TEXTS:,} different texts. Register a part of it.")
        some = _signed(new, start)
        grams += len(some.grams)
        if grams > MAX_GRAMS:
            advice = "Name the column of the questions, or register a part."
            raise TooLarge(f"The texts have more than {MAX_GRAMS:,} word 8-grams. {advice}")
        if len(some):
            yield some


def _batches(texts: Iterable[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    batch: list[tuple[int, str]] = []
    characters = 0
    for row, text in texts:
        if len(text) > MAX_CHARACTERS:
            raise TooLarge(f"Row {row:,} has a text of more than {MAX_CHARACTERS:,} characters.")
        batch.append((row, text))
        characters += len(text)
        if len(batch) == BATCH or characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _signed(new: dict[bytes, tuple[int, str]], start: int) -> SignedTexts:
    texts = [text for _, text in new.values()]
    hashes = [np.unique(gram_hashes(word_grams(text))) for text in texts]
    return SignedTexts(
        rows=np.array([row for row, _ in new.values()], np.int64),
        normal_keys=list(new),
        signatures=signatures(texts),
        grams=np.concatenate([np.empty(0, np.uint64), *hashes]),
        gram_texts=np.repeat(np.arange(start, start + len(texts), dtype=np.int32), [len(some) for some in hashes]),
        short_texts=[text if is_short(text) else "" for text in texts],
    )

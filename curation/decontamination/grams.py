"""Word 8-grams of texts: eight words in a row that two texts share are hardly a coincidence."""

from collections.abc import Sequence

import numpy as np
import xxhash

from feedback.signatures import normalised

WORDS = 8


def word_grams(text: str) -> list[str]:
    """Return the pieces of eight words of a text.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    list of str
        In order, of the normalised text; none if it has fewer than eight words, as one in a language that puts no
        spaces between words.

    Examples
    --------
    >>> word_grams("Anna sold clips to 48 of her friends, in April.")[1:]
    ['sold clips to 48 of her friends in', 'clips to 48 of her friends in april']
    """
    words = normalised(text).split()
    return [" ".join(words[start : start + WORDS]) for start in range(len(words) - WORDS + 1)]


def gram_hashes(grams: Sequence[str]) -> np.ndarray:
    """Return a hash of each piece.

    Parameters
    ----------
    grams : sequence of str
        n pieces.

    Returns
    -------
    ndarray of uint64, shape (n,)
        XXH3 of 64 bits. Of 20 million stored and 10 million sought pieces that differ, two have the same hash with a
        probability of 1e-5.

    Examples
    --------
    >>> gram_hashes(["to be or not to be that is"]).tolist()
    [5179809686704319292]
    """
    found = (xxhash.xxh3_64_intdigest(gram.encode("utf-8", "surrogatepass")) for gram in grams)
    return np.fromiter(found, np.uint64, len(grams))

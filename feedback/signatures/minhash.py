"""MinHash signatures of texts: how many of their shingles two texts share, from 512 bytes each."""

from collections.abc import Iterator, Sequence

import numpy as np
from rensa import RMinHash

from feedback.signatures.keys import normalised

PERMUTATIONS = 128
SHINGLE = 5
SEED = 42
BANDS = 32
# Signatures are comparable within one version: of the normal form, the hash of shingles and rensa.
VERSION = "1 nfkc lower char-5 permutations-128 seed-42 rensa-0.5"
_ROWS_EACH = PERMUTATIONS // BANDS
# Characters whose shingles are in memory at a time.
_BLOCK = 200_000
_ODD, _MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)
_OF_BAND = np.arange(1, BANDS + 1, dtype=np.uint64) * _ODD


def signatures(texts: Sequence[str]) -> np.ndarray:
    """Return the MinHash signature of each text.

    Parameters
    ----------
    texts : sequence of str
        n texts of any length. They are normalised first.

    Returns
    -------
    ndarray of uint32, shape (n, 128)
        The least hash of a text's shingles under each permutation. The shingles of a text are its pieces of five
        characters, each once; a text of one to four characters is one shingle. A text of none has 4,294,967,295
        everywhere. The element-wise minimum of two signatures is that of both texts' shingles.

    References
    ----------
    Broder (1997), On the resemblance and containment of documents, SEQUENCES 97, 21-29.

    Examples
    --------
    >>> one, other = signatures(["How do I reset my password?", "how do i reset my  PASSWORD"])
    >>> one.dtype, one.shape, bool((one == other).all())
    (dtype('uint32'), (128,), True)
    """
    found = np.empty((len(texts), PERMUTATIONS), np.uint32)
    for start, block in _blocks(texts):
        hashes, offsets = _shingles(block)
        matrix = RMinHash.digest_matrix_from_flat_token_hashes(hashes, offsets, PERMUTATIONS, SEED)
        found[start : start + len(block)] = matrix.to_rows()
    return found


def band_keys(signatures: np.ndarray) -> np.ndarray:
    """Return the keys by which near-copies are found: those of them that are alike share at least one.

    Parameters
    ----------
    signatures : ndarray of uint32, shape (n, 128)

    Returns
    -------
    ndarray of int64, shape (n, 32)
        A key of each band of four values. A key names its band too, so keys of different bands differ.

    Notes
    -----
    Two texts with a Jaccard similarity s of their shingles share a key with probability 1 - (1 - s**4)**32: 0.9998
    at 0.7 and 0.23 at 0.3. Whoever finds a pair by a key verifies it by its similarity.

    References
    ----------
    Leskovec, Rajaraman and Ullman (2020), Mining of Massive Datasets, 3rd edition, section 3.4.

    Examples
    --------
    >>> keys = band_keys(signatures(["How do I reset my password?", "How do I reset my pass word?", "Thanks"]))
    >>> keys.shape, bool((keys[0] == keys[1]).any()), bool((keys[0] == keys[2]).any())
    ((3, 32), True, False)
    """
    return np.stack([keys_of_band(signatures, band) for band in range(BANDS)], axis=1)


def keys_of_band(signatures: np.ndarray, band: int) -> np.ndarray:
    """Return the keys of one band, without the memory that those of all bands need.

    Parameters
    ----------
    signatures : ndarray of uint32, shape (n, 128)
    band : int
        0 to 31.

    Returns
    -------
    ndarray of int64, shape (n,)
        Column `band` of `band_keys`.

    Examples
    --------
    >>> some = signatures(["How do I reset my password?", "Thanks"])
    >>> bool((keys_of_band(some, 3) == band_keys(some)[:, 3]).all())
    True
    """
    keys = np.full(len(signatures), _OF_BAND[band])
    for column in range(band * _ROWS_EACH, (band + 1) * _ROWS_EACH):
        keys = _mixed(keys, signatures[:, column].astype(np.uint64))
    return keys.view(np.int64)


def similarity(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the estimated Jaccard similarity of texts' shingles.

    Parameters
    ----------
    one, other : ndarray of uint32, shape (..., 128)
        Signatures; they broadcast.

    Returns
    -------
    ndarray of float, shape (...)
        0 to 1. The standard error of a similarity s is sqrt(s (1 - s) / 128): 0.04 at 0.7.

    Examples
    --------
    >>> one, other = signatures(["The train leaves at nine from platform two", "The train leaves at ten, platform two"])
    >>> float(similarity(one, one)), 0.3 < similarity(one, other) < 0.7
    (1.0, np.True_)
    """
    return np.count_nonzero(one == other, axis=-1) / PERMUTATIONS


def _blocks(texts: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """The normal forms of texts, as many as are in memory at a time, and where they start."""
    block: list[str] = []
    characters = 0
    for at, text in enumerate(texts):
        block.append(normalised(text))
        characters += len(text)
        if characters >= _BLOCK:
            yield at + 1 - len(block), block
            block, characters = [], 0
    if block:
        yield len(texts) - len(block), block


def _shingles(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """The hashes of all shingles, one text's after the other's, and where each text's begin and the last end.

    They are computed for all texts at once, in less than half the time that lists of strings take.
    """
    padded = [text.ljust(SHINGLE, "\0") if text else "" for text in texts]
    lengths = np.fromiter(map(len, padded), np.int64, len(padded))
    codes = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    offsets = np.zeros(len(texts) + 1, np.uint64)
    np.cumsum(np.maximum(lengths - SHINGLE + 1, 0), out=offsets[1:])
    if not len(codes):
        return np.empty(0, np.uint64), offsets
    whole = len(codes) - SHINGLE + 1
    hashes = np.zeros(whole, np.uint64)
    for step in range(SHINGLE):
        hashes = _mixed(hashes, codes[step : step + whole])
    is_within = np.ones(len(codes), bool)
    ends = np.cumsum(lengths)[lengths > 0]
    for back in range(1, SHINGLE):
        is_within[ends - back] = False
    return hashes[is_within[:whole]], offsets


def _mixed(hashes: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Hashes that take in one more value each. Overflow is meant."""
    mixed = hashes * _ODD
    mixed ^= values
    mixed ^= mixed >> np.uint64(29)
    mixed *= _MIX
    mixed ^= mixed >> np.uint64(32)
    return mixed

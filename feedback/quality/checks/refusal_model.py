"""A linear model of how answers that refuse begin: weights of hashed pieces of their openings."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

OPENING = 400
"""Characters that are read of each text."""
BUCKET_BITS = 18
PIECES = (3, 4, 6, 8, 12)
"""Bytes of UTF-8 in each kind of piece, from parts of words to two or three words."""

WEIGHTS = Path(__file__).with_name("refusal_weights.npz")
_GAP = "\0" * max(PIECES)
_APOSTROPHES = re.compile("['’ʼ´`]")
_MULTIPLIERS = tuple(map(np.uint32, (2654435761, 2246822519, 3266489917, 668265263, 374761393, 3735928559)))
_HALVES = ((1, 1), (2, 1), (2, 2), (4, 2), (4, 4), (8, 4))
"""Which pieces are put together to longer ones."""

# So many openings fit into the cache of a processor together with what is computed of them.
_AT_ONCE = 64


def _plain_bytes() -> bytes:
    table = bytearray(range(256))
    table[ord("0") : ord("9") + 1] = b"0" * 10
    for sign in b"\t\n\r\x0b\x0c.,;!?-*_#/\\|()[]{}~+=&%$@^<":
        table[sign] = ord(" ")
    return bytes(table)


_PLAIN = _plain_bytes()


def logits(texts: Sequence[str]) -> np.ndarray:
    """Rate how much the openings of texts read like refusals.

    Parameters
    ----------
    texts : sequence of str
        Any texts.

    Returns
    -------
    numpy.ndarray
        Logits as float64 of shape (n,): above 0 a refusal is the likelier reading.

    Notes
    -----
    Logistic regression on counts of hashed pieces. `benchmarks.refusals` trains it.

    Examples
    --------
    >>> found = logits(["I'm sorry, but I can't help with that.", "The kettle is empty."])
    >>> (found > 0).tolist()
    [True, False]
    """
    weights, scale, bias = _weights()
    sums = [_sums(texts[start : start + _AT_ONCE], weights) for start in range(0, len(texts), _AT_ONCE)]
    return np.concatenate([np.zeros(0), *sums]) * scale + bias


def buckets(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Hash every piece of the openings of texts.

    Parameters
    ----------
    texts : sequence of str
        Any texts.

    Returns
    -------
    starts : numpy.ndarray
        Shape (n,): the first column of each text.
    buckets : numpy.ndarray
        Shape (kinds of pieces, columns): a bucket below 2 ** `BUCKET_BITS` for each piece; 0 for none, as
        in the gap after a text.

    Notes
    -----
    Case, apostrophes and punctuation do not count, and all digits are equal. The hash of a piece is that of its first
    half, multiplied, plus that of its second.

    Examples
    --------
    >>> starts, found = buckets(["I can't", "i cant"])
    >>> len(starts), bool((found[:, starts[0] : starts[1]] == found[:, starts[1] :]).all())
    (2, True)
    """
    data = _joined(texts)
    starts = _starts(data)
    if len(starts) != len(texts):
        data = _joined([text[:OPENING].replace("\0", " ") for text in texts])
        starts = _starts(data)
    first = data.astype(np.uint32) * _MULTIPLIERS[0]
    first ^= first >> np.uint32(15)
    hashes = {1: first}
    for multiplier, (left, right) in zip(_MULTIPLIERS, _HALVES, strict=True):
        piece = hashes[left] * multiplier
        piece[:-left] += hashes[right][left:]
        hashes[left + right] = piece
    found = np.empty((len(PIECES), len(data)), np.uint32)
    for row, size in enumerate(PIECES):
        np.multiply(hashes[size], _MULTIPLIERS[size % len(_MULTIPLIERS)], out=found[row])
    found >>= np.uint32(32 - BUCKET_BITS)
    found *= data != 0
    return starts, found


def _sums(texts: Sequence[str], weights: np.ndarray) -> np.ndarray:
    starts, found = buckets(texts)
    return np.add.reduceat(weights.take(found).sum(axis=0, dtype=np.int32), starts).astype(np.float64)


def _joined(texts: Sequence[str]) -> np.ndarray:
    """Return the openings as plain bytes, each begun by a space and ended by a gap of zeros."""
    joined = "".join([f" {text[:OPENING].lstrip()} {_GAP}" for text in texts]).lower()
    plain = _APOSTROPHES.sub("", joined).encode("utf-8", "replace").translate(_PLAIN)
    return np.frombuffer(plain.replace(b"  ", b" ").replace(b"  ", b" "), np.uint8)


def _starts(data: np.ndarray) -> np.ndarray:
    is_text = data != 0
    is_text[1:] &= ~is_text[:-1]
    return np.flatnonzero(is_text)


@cache
def _weights() -> tuple[np.ndarray, float, float]:
    with np.load(WEIGHTS) as stored:
        return stored["weights"], float(stored["scale"]), float(stored["bias"])

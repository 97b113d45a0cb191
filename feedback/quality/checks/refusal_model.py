"""Linear models of how answers that refuse begin: weights of hashed pieces of their openings and of sentences."""

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

# How much surer one sentence of several has to be than an opening, by the logarithm of their number.
_CHANCES = 1.8
_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？؟])|\n+")
# So many sentences fit into the cache of a processor together with what is computed of them.
_AT_ONCE = 256


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
    Two logistic regressions on counts of hashed pieces: one of the opening as a whole, and one of its sentences, of
    which the likeliest counts. `benchmarks.refusals` trains them.

    Examples
    --------
    >>> found = logits(["I'm sorry, but I can't help with that.", "The kettle is empty."])
    >>> (found > 0).tolist()
    [True, False]
    """
    weights, scales, biases = _weights()
    parts = [sentences(text) for text in texts]
    starts = np.cumsum([0, *map(len, parts)])[:-1]
    every = [sentence for sentences_of in parts for sentence in sentences_of]
    sums = [_sums(every[start : start + _AT_ONCE], weights) for start in range(0, len(every), _AT_ONCE)]
    return largest(np.concatenate([np.zeros((2, 0), np.int32), *sums], axis=1), starts, scales, biases)


def largest(sums: np.ndarray, starts: np.ndarray, scales: np.ndarray, biases: np.ndarray) -> np.ndarray:
    """Put together what the two models say of the sentences of texts.

    Parameters
    ----------
    sums : numpy.ndarray
        Shape (2, sentences): the weights of the pieces of each sentence, summed, by the model of openings and by that
        of sentences.
    starts : numpy.ndarray
        Shape (n,): the first sentence of each text.
    scales, biases : numpy.ndarray
        Shape (2,): logit = sum * scale + bias.

    Returns
    -------
    numpy.ndarray
        Logits as float64 of shape (n,).

    Notes
    -----
    The likeliest of n sentences had n chances, so it counts less, by a multiple of the logarithm of n.

    Examples
    --------
    >>> largest(np.array([[-2, -2], [4, -4]]), np.array([0]), np.ones(2), np.zeros(2)).round(2)
    array([2.75])
    """
    if not len(starts):
        return np.zeros(0)
    whole = np.add.reduceat(sums[0], starts) * scales[0] + biases[0]
    counts = np.diff([*starts, sums.shape[1]])
    return np.maximum(whole, np.maximum.reduceat(sums[1], starts) * scales[1] + biases[1] - _CHANCES * np.log(counts))


def sentences(text: str) -> list[str]:
    """Split the opening of a text into sentences, at least one.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    list of str

    Examples
    --------
    >>> sentences("No. 不行。我不做")
    ['No.', '不行。', '我不做']
    """
    opening = text[:OPENING]
    return [sentence for sentence in _END.split(opening) if sentence and not sentence.isspace()] or [opening]


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
    return np.stack([np.add.reduceat(model.take(found).sum(axis=0, dtype=np.int32), starts) for model in weights])


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
def _weights() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    with np.load(WEIGHTS) as stored:
        return stored["weights"], stored["scales"], stored["biases"]

"""The nearest rows of each row of an embedding matrix, by exact search."""

from dataclasses import dataclass

import numpy as np

# Numbers that one block of similarities holds: 16 MiB of float32.
_BLOCK = 2**22
# Similarities are multiples of this. They add up without rounding, in any order.
STEP = 2.0**-16


@dataclass(frozen=True)
class Neighbours:
    """The k nearest other rows of each of n rows, nearest first.

    Attributes
    ----------
    indices : ndarray of int32, shape (n, k)
        The rows.
    similarities : ndarray of float32, shape (n, k)
        Their cosine, -1 to 1, in multiples of STEP.
    """

    indices: np.ndarray
    similarities: np.ndarray


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """Return rows scaled to Euclidean length 1.

    Parameters
    ----------
    vectors : ndarray, shape (n, d)
        Finite numbers.

    Returns
    -------
    ndarray of float32, shape (n, d)
        Zero rows stay zero.

    Raises
    ------
    ValueError
        If the array has not two dimensions or holds NaN or infinity.

    Examples
    --------
    >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    if vectors.ndim != 2:
        raise ValueError(f"Vectors must be an array of two dimensions, not {vectors.ndim}.")
    # By the largest number first: squares of very large or small numbers leave the range of float32.
    largest = np.abs(vectors).max(axis=1, initial=0.0)
    if not np.isfinite(largest).all():
        raise ValueError("Vectors must be finite.")
    scaled = (vectors / np.where(largest > 0, largest, 1.0)[:, np.newaxis]).astype(np.float32)
    lengths = np.linalg.norm(scaled, axis=1)
    return scaled / np.where(lengths > 0, lengths, 1.0)[:, np.newaxis].astype(np.float32)


def nearest_neighbours(vectors: np.ndarray, *, count: int) -> Neighbours:
    """Return the nearest other rows of each row.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, d)
        Rows of Euclidean length 1.
    count : int
        How many neighbours a row has; fewer if there are fewer other rows.

    Returns
    -------
    Neighbours
        Of rows that are equally near, those of lower index.

    Notes
    -----
    Compares all pairs, a block of rows at a time: time grows with the square of n, memory with n.

    Examples
    --------
    >>> found = nearest_neighbours(np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]], np.float32), count=1)
    >>> found.indices.tolist(), found.similarities.round(2).tolist()
    ([[2], [2], [1]], [[0.6000000238418579], [0.800000011920929], [0.800000011920929]])
    """
    n = len(vectors)
    k = max(0, min(count, n - 1))
    indices, similarities = np.empty((n, k), np.int32), np.empty((n, k), np.float32)
    if not k:
        return Neighbours(indices, similarities)
    block = max(1, _BLOCK // n)
    for start in range(0, n, block):
        compared = _steps(vectors[start : start + block], vectors)
        rows = np.arange(len(compared))
        compared[rows, start + rows] = -np.inf
        lowest = np.partition(compared, n - k, axis=1)[:, n - k]
        for row, limit in enumerate(lowest):
            indices[start + row], similarities[start + row] = _nearest(compared[row], limit, k)
    return Neighbours(indices, np.clip(similarities * STEP, -1.0, 1.0))


def highest_similarities(vectors: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the cosine of each row to the nearest of others.

    Parameters
    ----------
    vectors, others : ndarray of float32, shapes (n, d) and (m, d)
        Rows of Euclidean length 1 or 0.

    Returns
    -------
    ndarray of float32, shape (n,)
        -1 to 1, in multiples of STEP; -1 without others.

    Examples
    --------
    >>> highest_similarities(np.eye(2, dtype=np.float32), np.array([[0.6, 0.8]], np.float32)).round(1).tolist()
    [0.6000000238418579, 0.800000011920929]
    """
    highest = np.full(len(vectors), -1 / STEP, dtype=np.float32)
    block = max(1, _BLOCK // max(1, len(others)))
    for start in range(0, len(vectors) if len(others) else 0, block):
        highest[start : start + block] = _steps(vectors[start : start + block], others).max(axis=1)
    return np.clip(highest * STEP, -1.0, 1.0)


def _steps(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Cosines as whole numbers of steps."""
    compared = (rows * np.float32(1 / STEP)) @ others.T
    return np.rint(compared, out=compared)


def _nearest(compared: np.ndarray, limit: float, k: int) -> tuple[np.ndarray, np.ndarray]:
    found = np.flatnonzero(compared >= limit)
    order = np.argsort(-compared[found], kind="stable")[:k]
    return found[order], compared[found[order]]

"""Selects the rows of an embedding matrix that cover it best."""

import numpy as np


def without_outliers(vectors: np.ndarray, *, share: float = 0.02, neighbours: int = 10, block: int = 512) -> np.ndarray:
    """Return the rows that have close neighbours.

    Parameters
    ----------
    vectors : ndarray
        Float array of shape (n, d), each row of Euclidean length 1.
    share : float
        How much of the rows is dropped, 0 to 1: floor(share * n) rows, so fewer than 1 / share rows lose none.
    neighbours : int
        How many nearest rows count.
    block : int
        How many rows are compared at once.

    Returns
    -------
    ndarray
        Indices in ascending order, without the rows of the lowest mean cosine to their nearest rows; of ties the later
        row is dropped.

    Notes
    -----
    Farthest-first selection would otherwise pick outliers first.

    Examples
    --------
    >>> vectors = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    >>> without_outliers(vectors, share=0.34, neighbours=1).tolist()
    [0, 2]
    """
    dropped = int(len(vectors) * share)
    if not dropped:
        return np.arange(len(vectors))
    nearest = min(neighbours, len(vectors) - 1)
    closeness = np.empty(len(vectors), dtype=np.float32)
    for start in range(0, len(vectors), block):
        similarity = vectors[start : start + block] @ vectors.T
        similarity[np.arange(len(similarity)), np.arange(start, start + len(similarity))] = -np.inf
        closeness[start : start + block] = np.partition(similarity, -nearest, axis=1)[:, -nearest:].mean(axis=1)
    return np.sort(np.argsort(-closeness, kind="stable")[: len(vectors) - dropped])


def farthest_first(
    vectors: np.ndarray, *, taken: np.ndarray, count: int, max_similarity: float, rng: np.random.Generator
) -> list[tuple[int, float]]:
    """Return the rows that are farthest from everything selected before.

    Parameters
    ----------
    vectors, taken : ndarray
        Float arrays of shape (n, d) and (m, d), each row of Euclidean length 1.
    count : int
        How many rows at most.
    max_similarity : float
        Rows with at least this cosine to a taken one are near-duplicates and never returned.
    rng : numpy.random.Generator
        Draws the first row if nothing is selected yet; its distance counts as 1.

    Returns
    -------
    list of tuple
        Row index and cosine distance, 0 to 2, to the nearest row selected before, in selection order. Ties go to the
        first row.

    References
    ----------
    Gonzalez (1985), Theoretical Computer Science 38, 293-306.

    Examples
    --------
    >>> vectors = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])
    >>> rng = np.random.default_rng(1)
    >>> farthest_first(vectors, taken=vectors[:1], count=3, max_similarity=0.9, rng=rng)
    [(2, 1.0), (1, 0.19999999999999996)]
    """
    picks: list[tuple[int, float]] = []
    if not len(vectors) or count < 1:
        return picks
    nearest = (vectors @ taken.T).max(axis=1) if len(taken) else None
    if nearest is None:
        index = int(rng.integers(len(vectors)))
        picks.append((index, 1.0))
        nearest = vectors @ vectors[index]
        nearest[index] = np.inf
    while len(picks) < count:
        index = int(nearest.argmin())
        if nearest[index] >= max_similarity:
            break
        picks.append((index, float(1 - nearest[index])))
        nearest = np.maximum(nearest, vectors @ vectors[index])
        nearest[index] = np.inf
    return picks

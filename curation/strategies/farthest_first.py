"""Which rows of an embedding matrix cover it best."""

import numpy as np


def without_outliers(vectors: np.ndarray, *, share: float = 0.02, neighbours: int = 10, block: int = 512) -> np.ndarray:
    """Return the indices of the rows that have company, in ascending order.

    vectors: float array of shape (n, d), each row of Euclidean length 1.
    Drops the floor(share * n) rows with the lowest mean cosine to their `neighbours` nearest rows; ties drop the later.
    Fewer than 1 / share rows lose none. Farthest-first selection would otherwise begin with the rubbish.
    """
    dropped = int(len(vectors) * share)
    if not dropped:
        return np.arange(len(vectors))
    nearest = min(neighbours, len(vectors) - 1)
    company = np.empty(len(vectors), dtype=np.float32)
    for start in range(0, len(vectors), block):
        similarity = vectors[start : start + block] @ vectors.T
        similarity[np.arange(len(similarity)), np.arange(start, start + len(similarity))] = -np.inf
        company[start : start + block] = np.partition(similarity, -nearest, axis=1)[:, -nearest:].mean(axis=1)
    return np.sort(np.argsort(-company, kind="stable")[: len(vectors) - dropped])


def farthest_first(
    vectors: np.ndarray, *, taken: np.ndarray, count: int, max_similarity: float, rng: np.random.Generator
) -> list[tuple[int, float]]:
    """Return up to `count` pairs (row index, cosine distance to the nearest row taken before), in the order taken.

    vectors, taken: float arrays of shape (n, d) and (m, d), each row of Euclidean length 1. Distances lie in 0 to 2.
    With nothing taken yet, the first row is drawn by `rng` and has distance 1. Ties take the first row. It stops as
    soon as every row left has a cosine of at least `max_similarity` to a taken one, so no near-duplicate is returned.
    Source: Gonzalez (1985), Theoretical Computer Science 38, 293-306.
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

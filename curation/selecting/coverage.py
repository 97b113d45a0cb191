"""Selects rows that are good and that together represent all others: facility location with a quality term."""

import heapq

import numpy as np

from curation.selecting.neighbours import Neighbours, highest_similarities, nearest_neighbours, unit_rows

# Rows above this cosine say the same.
MAX_SIMILARITY = 0.95
# Of rows in sparse regions, which are mostly garbage, this share is never selected.
TRIMMED = 0.02
DENSITY_NEIGHBOURS = 10
# A row of quality 1 is worth as much as representing this many more rows than one of quality 0.
QUALITY_WEIGHT = 10.0
# Cosines in float32 are exact to this.
_ROUNDING = 1e-6


def facility_location(
    vectors: np.ndarray,
    quality: np.ndarray,
    *,
    count: int,
    neighbours: int = 100,
    quality_weight: float = QUALITY_WEIGHT,
    taken: np.ndarray | None = None,
) -> list[tuple[int, float]]:
    """Return rows that are good and represent the others, the most useful first.

    Parameters
    ----------
    vectors : ndarray, shape (n, d)
        Embeddings of any length; memory is bounded for n up to 50,000. A row of zeros has no embedding: it is never
        selected and need not be represented.
    quality : ndarray of float, shape (n,)
        Usually 0 to 1.
    count : int
        How many rows at most.
    neighbours : int
        A row represents those that have it among so many nearest rows.
    quality_weight : float
        What a unit of quality is worth, in rows represented; 0 or more.
    taken : ndarray, shape (m, d), optional
        Embeddings of rows selected before: they represent rows, and none too similar to them is selected.

    Returns
    -------
    list of tuple
        Row and gain in selection order: what it adds to the sum, over all rows, of the cosine to the nearest selected
        row that represents it, plus its weighted quality. Ties go to the first row. No two rows, taken ones included,
        have a cosine above 0.95. Fewer than `count` when no other row is left.

    Raises
    ------
    ValueError
        If shapes do not fit, a number is not finite, the weight is negative, or there are no neighbours to look for.

    Notes
    -----
    First the 2 % of rows (rounded down) with the lowest mean cosine to their 10 nearest rows are set aside: garbage,
    and topics of fewer than ten rows. Each gain is exact; without the rule on similar rows the sum would be at least
    1 - 1/e of the largest possible.

    References
    ----------
    Nemhauser, Wolsey and Fisher (1978), Mathematical Programming 14, 265-294. Minoux (1978), Lecture Notes in Control
    and Information Sciences 7, 234-243.

    Examples
    --------
    >>> vectors = np.array([[1.0, 0.0], [0.9, 0.5], [0.8, 0.6], [0.0, 1.0]])
    >>> [(row, round(gain, 2)) for row, gain in facility_location(vectors, np.zeros(4), count=2)]
    [(2, 3.39), (3, 0.4)]
    >>> facility_location(vectors, np.array([0.0, 0.0, 0.0, 1.0]), count=1)[0][0]
    3
    """
    units, quality = _checked(vectors, quality, neighbours, quality_weight)
    before = _checked_taken(taken, units.shape[1])
    embedded = np.flatnonzero(units.any(axis=1))
    graph = nearest_neighbours(units[embedded], count=neighbours)
    is_kept = np.ones(len(embedded), dtype=bool)
    is_kept[_sparsest(graph)] = False
    represented = _represented_by(before, units[embedded], graph)
    selection = _Selection(graph, is_kept, represented, quality_weight * quality[embedded])
    picks: list[tuple[int, float]] = []
    chosen = np.concatenate([before, np.empty((max(0, min(count, len(embedded))), units.shape[1]), np.float32)])
    while len(picks) < count and (best := selection.next_best()) is not None:
        row, gain = int(embedded[best[0]]), best[1]
        held = chosen[: len(before) + len(picks)]
        if len(held) and float((held @ units[row]).max()) > MAX_SIMILARITY - _ROUNDING:
            continue
        chosen[len(held)] = units[row]
        selection.take(best[0])
        picks.append((row, gain))
    return picks


class _Selection:
    """The rows that may still be selected, by an upper bound of their gains."""

    def __init__(self, graph: Neighbours, is_kept: np.ndarray, represented: np.ndarray, worth: np.ndarray) -> None:
        rows = np.repeat(np.arange(len(is_kept), dtype=np.int32), graph.indices.shape[1] + 1)
        own = np.arange(len(is_kept), dtype=np.int32)[:, np.newaxis]
        columns = np.concatenate([own, graph.indices], axis=1).ravel()
        similarities = np.concatenate([np.ones_like(own, np.float32), graph.similarities], axis=1).ravel()
        counts = is_kept[rows] & is_kept[columns] & (similarities > 0)
        rows, columns, similarities = rows[counts], columns[counts], similarities[counts]
        order = np.argsort(columns, kind="stable")
        self._rows, self._similarities = rows[order], similarities[order]
        self._ends = np.cumsum(np.bincount(columns, minlength=len(is_kept)))
        self._represented, self._worth = represented, worth
        self._heap = [(-self._gain(row), row) for row in np.flatnonzero(is_kept).tolist()]
        heapq.heapify(self._heap)
        self._is_current = np.ones(len(is_kept), dtype=bool)

    def next_best(self) -> tuple[int, float] | None:
        """Take the row of the highest gain off the heap; gains never grow, so most need no second look."""
        while self._heap:
            bound, row = self._heap[0]
            if self._is_current[row]:
                heapq.heappop(self._heap)
                return row, -bound
            self._is_current[row] = True
            heapq.heapreplace(self._heap, (-self._gain(row), row))
        return None

    def take(self, row: int) -> None:
        edges = self._edges(row)
        rows = self._rows[edges]
        self._represented[rows] = np.maximum(self._represented[rows], self._similarities[edges])
        self._is_current[:] = False

    def _gain(self, row: int) -> float:
        edges = self._edges(row)
        more = self._similarities[edges] - self._represented[self._rows[edges]]
        return float(np.maximum(more, 0.0).sum(dtype=np.float64) + self._worth[row])

    def _edges(self, row: int) -> slice:
        return slice(int(self._ends[row - 1]) if row else 0, int(self._ends[row]))


def _checked(
    vectors: np.ndarray, quality: np.ndarray, neighbours: int, quality_weight: float
) -> tuple[np.ndarray, np.ndarray]:
    units, quality = unit_rows(vectors), np.asarray(quality, np.float64)
    if quality.shape != (len(units),):
        raise ValueError(f"{len(units)} vectors need as many qualities, not an array of shape {quality.shape}.")
    if not np.isfinite(quality).all():
        raise ValueError("Qualities must be finite.")
    if not 0 <= quality_weight < np.inf:
        raise ValueError(f"The weight of quality must be 0 or more, not {quality_weight}.")
    if neighbours < 1:
        raise ValueError(f"A row needs at least one neighbour, not {neighbours}.")
    return units, quality


def _checked_taken(taken: np.ndarray | None, dimension: int) -> np.ndarray:
    if taken is None or not len(taken):
        return np.empty((0, dimension), np.float32)
    units = unit_rows(taken)
    if units.shape[1] != dimension:
        raise ValueError(f"Vectors have {dimension} dimensions, those taken before {units.shape[1]}.")
    return units


def _sparsest(graph: Neighbours) -> np.ndarray:
    """The rows to set aside, of equals the later ones."""
    if not graph.indices.shape[1]:
        return np.empty(0, dtype=np.int64)
    density = graph.similarities[:, :DENSITY_NEIGHBOURS].mean(axis=1, dtype=np.float64)
    return np.argsort(-density, kind="stable")[len(density) - int(len(density) * TRIMMED) :]


def _represented_by(taken: np.ndarray, units: np.ndarray, graph: Neighbours) -> np.ndarray:
    """How well each row is represented by those taken: as if they were rows of the graph."""
    best = highest_similarities(units, taken)
    farthest = graph.similarities[:, -1] if graph.indices.shape[1] else np.float32(0)
    return np.where(best >= np.maximum(farthest, 0), best, np.float32(0))

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import diverse
from curation.selecting.coverage import MAX_SIMILARITY, facility_location
from curation.selecting.neighbours import nearest_neighbours, unit_rows

# Fewer rows lose none to the trim of 2 %.
UNTRIMMED = 49


def _cosines(one, other):
    return one.astype(np.float64) @ other.astype(np.float64).T


def _greedy(vectors, quality, count, neighbours, weight, taken):
    """Greedy selection from its definition: every gain is computed again for every pick."""
    units, before = unit_rows(vectors), unit_rows(taken)
    graph = nearest_neighbours(units, count=neighbours)
    edges = np.eye(len(units))
    rows = np.repeat(np.arange(len(units)), graph.indices.shape[1])
    edges[rows, graph.indices.ravel()] = np.maximum(graph.similarities.ravel(), 0)
    held = (np.rint(_cosines(units, before) * 2**16) / 2**16).max(axis=1, initial=0)
    held[held < np.maximum(graph.similarities[:, -1], 0)] = 0
    picks, allowed = [], (_cosines(units, before) <= MAX_SIMILARITY).all(axis=1)
    while len(picks) < count and allowed.any():
        gains = np.maximum(edges - held[:, np.newaxis], 0).sum(axis=0) + weight * quality
        gains[~allowed] = -np.inf
        best = int(gains.argmax())
        picks.append((best, gains[best]))
        held = np.maximum(held, edges[:, best])
        allowed &= _cosines(units, units[[best]])[:, 0] <= MAX_SIMILARITY
        allowed[best] = False
    return picks


# The kernel computes cosines in single precision, so that gains which differ less may change places.
@settings(deadline=None, max_examples=60, derandomize=True)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(3, UNTRIMMED),
    neighbours=st.integers(1, 60),
    count=st.integers(0, 60),
    taken=st.integers(0, 3),
)
def test_the_selection_is_greedy_by_exact_gains(seed, n, neighbours, count, taken):
    rng = np.random.default_rng(seed)
    vectors, quality = rng.normal(size=(n, 3)), rng.random(n)
    before = rng.normal(size=(taken, 3))

    found = facility_location(
        vectors, quality, count=count, neighbours=neighbours, quality_weight=1.5, taken=before if taken else None
    )

    expected = _greedy(vectors, quality, count, neighbours, 1.5, before)
    assert [row for row, _ in found] == [row for row, _ in expected]
    assert [gain for _, gain in found] == pytest.approx([gain for _, gain in expected], abs=1e-4)
    assert found == facility_location(
        7 * vectors, quality, count=count, neighbours=neighbours, quality_weight=1.5, taken=before if taken else None
    )


def test_every_topic_is_selected_without_garbage_or_near_duplicates():
    population = diverse.drawn(np.random.default_rng(2), rows=6_000)

    picks = [row for row, _ in facility_location(population.vectors, population.quality, count=300)]

    chosen = population.vectors[picks]
    cosines = _cosines(chosen, chosen)
    np.fill_diagonal(cosines, 0)
    assert len(set(picks)) == 300
    assert set(population.topics[picks]) == set(range(diverse.TOPICS))
    assert cosines.max() <= MAX_SIMILARITY
    assert population.quality[picks].mean() > population.quality.mean() + 0.15


def test_rows_in_sparse_regions_are_set_aside_even_with_the_best_quality(rng):
    cloud = np.array([1.0, 0, 0, 0]) + 0.3 * rng.normal(size=(198, 4))
    vectors = np.concatenate([cloud, [[-1.0, 0, 0, 0], [-1.0, 0, 1.0, 0]]])
    quality = np.concatenate([np.full(198, 0.5), [1.0, 1.0]])
    quality[:4] = 0.9

    found = facility_location(vectors, quality, count=200)

    assert {row for row, _ in found}.isdisjoint({198, 199})
    assert len(found) > 10


def test_rows_without_an_embedding_are_never_selected():
    vectors = np.array([[0.0, 0.0], [0.0, 2.0], [0.0, 0.0]])

    assert facility_location(vectors, np.array([1.0, 0.5, 1.0]), count=3, quality_weight=2.0) == [(1, 2.0)]
    assert facility_location(np.zeros((5, 2)), np.ones(5), count=3) == []


def test_of_equal_rows_one_is_selected_and_represents_all():
    quality = np.array([0.25, 0.75, 0.75, 0.5])

    assert facility_location(np.ones((4, 3)), quality, count=4, quality_weight=4.0) == [(1, 7.0)]


@pytest.mark.parametrize(
    ("n", "count", "expected"), [(0, 5, []), (1, 5, [(0, 6.0)]), (1, 0, []), (2, 5, [(0, 6.0), (1, 6.0)])]
)
def test_few_rows_and_large_counts(n, count, expected):
    assert facility_location(np.eye(2)[:n], np.full(n, 0.5), count=count) == expected


def test_nothing_close_to_rows_taken_before_is_selected():
    vectors = np.array([[1.0, 0.0], [0.96, 0.28], [0.6, 0.8]])

    found = facility_location(vectors, np.zeros(3), count=3, taken=np.array([[5.0, 0.0]]))

    assert [row for row, _ in found] == [2]
    assert facility_location(vectors, np.zeros(3), count=3, taken=np.empty((0, 2))) == facility_location(
        vectors, np.zeros(3), count=3
    )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"vectors": np.array([[1.0, np.nan], [0.0, 1.0]])}, "Vectors must be finite."),
        ({"vectors": np.ones(2)}, "Vectors must be an array of two dimensions, not 1."),
        ({"quality": np.ones(3)}, "2 vectors need as many qualities, not an array of shape (3,)."),
        ({"quality": np.array([1.0, np.nan])}, "Qualities must be finite."),
        ({"quality_weight": -1.0}, "The weight of quality must be 0 or more, not -1.0."),
        ({"quality_weight": np.nan}, "The weight of quality must be 0 or more, not nan."),
        ({"neighbours": 0}, "A row needs at least one neighbour, not 0."),
        ({"taken": np.ones((1, 3))}, "Vectors have 2 dimensions, those taken before 3."),
    ],
)
def test_invalid_input_is_named(changed, message):
    arguments = {"vectors": np.eye(2), "quality": np.ones(2), "count": 1} | changed

    with pytest.raises(ValueError, match="^" + message.replace("(", r"\(").replace(")", r"\)") + "$"):
        facility_location(**arguments)


def test_lengths_beyond_single_precision_make_no_difference():
    units = unit_rows(np.array([[3e200, 4e200], [3e-200, 4e-200], [0.0, 0.0]]))

    assert units == pytest.approx(np.array([[0.6, 0.8], [0.6, 0.8], [0.0, 0.0]]))


def test_neighbours_are_those_of_a_full_sort(rng):
    units = unit_rows(rng.normal(size=(3_000, 5)))

    found = nearest_neighbours(units, count=7)

    cosines = units @ units.T
    np.fill_diagonal(cosines, -np.inf)
    expected = -np.sort(-cosines, axis=1)[:, :7]
    assert found.similarities == pytest.approx(expected, abs=2**-16)
    assert np.take_along_axis(cosines, found.indices, axis=1) == pytest.approx(expected, abs=2**-16)

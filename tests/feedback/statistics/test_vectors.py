import numpy as np
import pytest

from feedback.statistics import vectors


def unit(values):
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def topics(rng, n, *, symmetric=0.0, new=0.0, dimensions=64):
    """Unit vectors around one centre; a share of them in two clusters on either side of it, or in one new cluster."""
    vectors_ = rng.normal(size=(n, dimensions))
    place = rng.random(n)
    side = rng.choice([-1.0, 1.0], n)[:, None]
    vectors_ = np.where((place < symmetric)[:, None], 0.3 * vectors_ + side, vectors_)
    return unit(np.where((place < new)[:, None], 0.3 * vectors_ + 1, vectors_))


def mmd(reference, current, permutations=199):
    return vectors.mmd(reference, current, rng=np.random.default_rng(0), permutations=permutations)


def test_the_squared_discrepancy_is_that_of_the_gaussian_kernel(rng):
    reference, current = topics(rng, 300), topics(rng, 200, new=0.5)
    pooled = np.concatenate([reference, current])
    squares = ((pooled[:, None] - pooled) ** 2).sum(axis=2)
    kernel = np.exp(-squares / np.median(squares[np.triu_indices(500, 1)]) / 2)

    found = mmd(reference, current)

    within = [
        (block.sum() - len(block)) / len(block) / (len(block) - 1) for block in (kernel[:300, :300], kernel[300:, 300:])
    ]
    exact = sum(within) - 2 * kernel[:300, 300:].mean()
    assert found.squared == pytest.approx(exact, rel=0.1)
    assert found.distance == pytest.approx(np.sqrt(exact / sum(within)), rel=0.05)


def test_the_interval_covers_the_distance_whatever_features_are_drawn():
    """Features drawn anew give another distance of the same samples; with many rows that is most of the uncertainty."""
    rng = np.random.default_rng(7)
    found = [
        vectors.mmd(topics(rng, 1500), topics(rng, 1500, symmetric=0.2), rng=rng, permutations=99) for _ in range(40)
    ]

    true = np.sqrt(np.mean([one.distance**2 for one in found]))
    assert sum(one.low <= true <= one.high for one in found) >= 36


def test_a_symmetric_cluster_that_keeps_the_mean_is_caught_and_its_null_is_not(rng):
    still = [mmd(topics(rng, 500), topics(rng, 400)) for _ in range(25)]
    caught = [mmd(topics(rng, 500), topics(rng, 400, symmetric=0.2)) for _ in range(10)]

    assert sum(found.p_value <= 0.005 for found in still) == 0
    assert all(found.p_value <= 0.001 and found.low > 0.015 for found in caught)


def test_the_permutation_p_is_uniform_without_drift(rng):
    p_values = np.array([mmd(rng.normal(size=(40, 4)), rng.normal(size=(30, 4)), 99).p_value for _ in range(300)])

    assert 0.02 <= np.mean(p_values <= 0.05) <= 0.08
    assert 0.42 <= np.mean(p_values <= 0.5) <= 0.58


def test_blocks_of_rows_keep_the_level(rng, monkeypatch):
    monkeypatch.setattr(vectors, "BLOCKS", 40)
    p_values = np.array([mmd(rng.normal(size=(103, 4)), rng.normal(size=(81, 4)), 99).p_value for _ in range(300)])

    assert 0.02 <= np.mean(p_values <= 0.05) <= 0.08


def test_a_sample_that_no_relabelling_reaches_is_relabelled_ten_times_as_often(rng):
    moved, still = mmd(topics(rng, 100), topics(rng, 100, new=1.0)), mmd(topics(rng, 100), topics(rng, 100))

    assert (moved.permutations, moved.p_value) == (1990, 1 / 1991)
    assert still.permutations == 199
    assert still.p_value > 0.05


def test_the_same_seed_gives_the_same_result(rng):
    reference, current = topics(rng, 100), topics(rng, 90)

    assert mmd(reference, current) == mmd(reference, current)


def test_one_vector_everywhere_is_no_drift():
    found = mmd(np.ones((20, 3)), np.ones((15, 3)))

    assert (found.squared, found.distance, found.p_value) == (
        pytest.approx(0, abs=1e-6),
        pytest.approx(0, abs=1e-3),
        1.0,
    )


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_vectors_give_nan(n):
    found = mmd(np.empty((n, 4)), np.ones((5, 4)))

    assert np.isnan([found.squared, found.distance, found.p_value]).all()
    assert found.permutations == 0


@pytest.mark.parametrize(
    ("current", "words"),
    [(np.ones((5, 3)), "4 and 3 dimensions"), (np.full((5, 4), np.inf), "not a finite number")],
)
def test_embeddings_that_cannot_be_compared_are_rejected(current, words):
    with pytest.raises(ValueError, match=words):
        mmd(np.ones((6, 4)), current)

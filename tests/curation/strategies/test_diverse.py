import numpy as np

from curation.strategies.diverse import farthest_first, without_outliers

EAST, NORTH, WEST = [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]
NOTHING = np.empty((0, 2))


def unit(degrees):
    return [np.cos(np.radians(degrees)), np.sin(np.radians(degrees))]


def farthest(vectors, *, rng, taken=NOTHING, count=10, max_similarity=0.95):
    return farthest_first(np.array(vectors), taken=np.array(taken), count=count, max_similarity=max_similarity, rng=rng)


def test_the_row_farthest_from_what_is_taken_comes_first(rng):
    picks = farthest([unit(30), unit(100), unit(170)], taken=[EAST], rng=rng)

    assert [index for index, _ in picks] == [2, 1, 0]
    assert np.allclose(
        [distance for _, distance in picks], [1 - np.cos(np.radians(a)) for a in (170, 70, 30)], atol=1e-9
    )


def test_near_duplicates_of_taken_rows_and_of_each_other_are_left_out(rng):
    picks = farthest([unit(5), unit(90), unit(92), unit(180)], taken=[EAST], rng=rng)

    assert [index for index, _ in picks] == [3, 1]


def test_with_nothing_taken_the_generator_draws_the_first_row():
    vectors = [EAST, NORTH, WEST]

    first = farthest(vectors, rng=np.random.default_rng(1))
    again = farthest(vectors, rng=np.random.default_rng(1))

    assert first == again
    assert first[0][1] == 1.0
    assert sorted(index for index, _ in first) == [0, 1, 2]


def test_at_most_count_rows_are_returned(rng):
    assert len(farthest([EAST, NORTH, WEST], count=2, rng=rng)) == 2
    assert farthest([EAST], count=0, rng=rng) == []
    assert farthest(NOTHING, rng=rng) == []


def test_every_topic_is_covered_where_the_original_takes_the_outskirts(rng):
    topics = np.linalg.qr(rng.normal(size=(32, 20)))[0].T
    of_topic = rng.integers(0, 20, size=400)
    vectors = topics[of_topic] + rng.normal(scale=0.05, size=(400, 32))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)

    picks = farthest_first(vectors, taken=np.empty((0, 32)), count=20, max_similarity=0.95, rng=rng)

    assert len({of_topic[index] for index, _ in picks}) == 20


def test_outliers_are_dropped(rng):
    crowd = np.array([unit(angle) for angle in rng.uniform(0, 20, size=98)])
    vectors = np.vstack([crowd[:50], [WEST], crowd[50:], [unit(250)]])

    kept = without_outliers(vectors, share=0.02)

    assert sorted(set(range(100)) - set(kept)) == [50, 99]


def test_few_rows_lose_none():
    assert without_outliers(np.array([EAST, NORTH, WEST])).tolist() == [0, 1, 2]

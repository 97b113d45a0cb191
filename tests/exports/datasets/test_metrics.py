"""Metrics of predictions, against worked values and the library's own."""

import numpy as np
import pytest
from sacrebleu.metrics import BLEU

from exports.datasets.metrics import exact_match, f1, normalised, scores

SAID = ["the cat sat on the mat", "there is a dog in the garden", "no", "it rained all day in Paris"]
WANTED = ["the cat sat on a mat", "there is a dog in the yard", "yes", "it rained all day in Paris"]


def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The Beatles", "beatles"),
        ("An  apple, a day!", "apple day"),
        ("theatre and another", "theatre and another"),
        ("U.S.A.", "usa"),
        ("\tA\nthe ", ""),
        ("Öl für 5 €", "öl für 5 €"),
    ],
)
def test_texts_are_normalised_as_squad_does(text, found):
    assert normalised(text) == found


@pytest.mark.parametrize(
    ("said", "wanted", "exact", "shared"),
    [
        ("The Eiffel Tower", "Eiffel tower!", 1, 1),
        ("Eiffel tower in Paris", "Eiffel tower", 0, 2 / 3),
        ("in Paris", "in London", 0, 0.5),
        ("Rome", "Paris", 0, 0),
        ("", "the", 1, 1),
        ("", "Paris", 0, 0),
        ("a b b", "b b b", 0, 0.8),
    ],
)
def test_exact_match_and_f1(said, wanted, exact, shared):
    assert (exact_match(said, wanted), f1(said, wanted)) == (exact, pytest.approx(shared))


def test_bleu_is_that_of_the_library_over_all_rows():
    found = scores(SAID, WANTED, range(4), metric="bleu", rng=rng())

    assert found.value == pytest.approx(BLEU().corpus_score(SAID, [WANTED]).score / 100, abs=1e-12)
    assert (found.n, found.groups) == (4, 4)


@pytest.mark.parametrize("metric", ["exact_match", "f1", "bleu"])
def test_a_perfect_prediction_scores_one_and_nothing_in_common_scores_none(metric):
    same = scores(WANTED, WANTED, range(4), metric=metric, rng=rng())
    other = scores(["x y z w v"] * 4, WANTED, range(4), metric=metric, rng=rng())

    assert (same.value, same.low, same.high) == (pytest.approx(1), pytest.approx(1), pytest.approx(1))
    assert other.value == pytest.approx(0)


def test_the_interval_holds_the_value_and_is_wider_where_rows_of_a_group_are_alike():
    said = ["yes"] * 60 + ["no"] * 40
    apart = scores(said, ["yes"] * 100, range(100), metric="exact_match", rng=rng())
    groups = [row // 10 for row in range(100)]
    together = scores(said, ["yes"] * 100, groups, metric="exact_match", rng=rng())

    assert (apart.value, together.value, together.groups) == (0.6, 0.6, 10)
    assert apart.low < 0.6 < apart.high
    # The standard error of a share of 100 is 0.049, of 10 groups 0.155.
    assert apart.high - apart.low == pytest.approx(0.19, abs=0.03)
    assert together.high - together.low == pytest.approx(0.6, abs=0.11)


def test_the_interval_covers_the_truth_as_often_as_it_says():
    draw = np.random.default_rng(7)
    covered = 0
    for _ in range(300):
        said = ["yes" if hit else "no" for hit in draw.random(80) < 0.7]
        found = scores(said, ["yes"] * 80, range(80), metric="exact_match", rng=draw, draws=400)
        covered += found.low <= 0.7 <= found.high

    # 95 % of 300 with a standard error of 1.3 %; a percentile interval of 80 rows covers a little less.
    assert 0.90 <= covered / 300 <= 0.985


def test_one_group_has_no_interval():
    found = scores(["a b", "b"], ["a b", "c"], [5, 5], metric="exact_match", rng=rng())

    assert (found.value, found.low, found.high, found.groups) == (0.5, None, None, 1)


def test_the_same_seed_gives_the_same_interval():
    assert scores(SAID, WANTED, range(4), metric="f1", rng=rng()) == scores(
        SAID, WANTED, range(4), metric="f1", rng=rng()
    )

"""Lengths of pairs and labels of answers, against independent arithmetic."""

import numpy as np
import pytest

from exports.products.figures import Labels, PairLengths


def lengths_of(chosen, rejected, margins):
    found = PairLengths()
    for one in zip(chosen, rejected, margins, strict=True):
        found.add(*one)
    return found


def test_lengths_are_those_of_numpy(rng):
    chosen, rejected = rng.integers(1, 5_000, 700), rng.integers(1, 4_000, 700)
    margins = rng.random(700) + (chosen - rejected) / 4_000

    found = lengths_of(chosen.tolist(), rejected.tolist(), margins.tolist())

    assert found.pairs == 700
    assert found.mean_chosen == pytest.approx(chosen.mean())
    assert found.mean_rejected == pytest.approx(rejected.mean())
    assert found.chosen_longer == (chosen > rejected).sum()
    assert found.correlation == pytest.approx(np.corrcoef(margins, chosen - rejected)[0, 1])


@pytest.mark.parametrize(
    ("chosen", "rejected", "difference", "is_biased"),
    [
        ([120], [100], 0.2, False),
        ([121], [100], 0.21, True),
        ([100], [130], -3 / 13, True),
        ([10, 300], [30, 280], 0.0, False),
        ([5], [0], None, True),
        ([0], [0], None, False),
    ],
)
def test_answers_differ_in_length_above_a_fifth(chosen, rejected, difference, is_biased):
    found = lengths_of(chosen, rejected, [None] * len(chosen))

    assert found.difference == pytest.approx(difference)
    assert (found.is_biased, found.correlation) == (is_biased, None)


def test_equal_margins_have_no_correlation():
    assert lengths_of([1, 5, 9], [4, 4, 4], [0.5] * 3).correlation is None


@pytest.mark.parametrize("desirable", [1, 7, 90, 100, 133, 134, 500, 12_345])
@pytest.mark.parametrize("undesirable", [1, 10, 100, 4_321])
def test_suggested_weights_are_within_the_ratio_of_trl(desirable, undesirable):
    good, bad = Labels(desirable, undesirable).weights

    assert 1 <= good * desirable / (bad * undesirable) <= 4 / 3
    assert min(good, bad) == 1


@pytest.mark.parametrize(("desirable", "undesirable"), [(0, 0), (3, 0), (0, 3)])
def test_one_label_alone_has_no_weights(desirable, undesirable):
    assert Labels(desirable, undesirable).weights is None

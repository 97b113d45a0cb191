"""Samples that cannot be compared give a result with a problem, never an exception or NaN."""

from math import isfinite, nan

import numpy as np
import pytest

from drift.bench.choosing import UnsuitableTest, choose
from drift.bench.comparison import compare, compare_arms
from drift.bench.findings import Finding, finding, summary
from drift.bench.pairs import compare_pair
from drift.bench.results import StatisticalTest
from drift.bench.samples import sample_of


@pytest.mark.parametrize(
    ("control", "treatment", "problem", "shows"),
    [
        ([], [1, 2, 3], "An arm has no values.", Finding.IMPOSSIBLE),
        ([], [], "An arm has no values.", Finding.IMPOSSIBLE),
        ([nan, nan], [1, 2], "An arm has no values.", Finding.IMPOSSIBLE),
        ([1], [1, 2, 3], "An arm has only one value.", Finding.IMPOSSIBLE),
        ([7, 7, 7], [7, 7], "All values are 7.", Finding.EQUIVALENT),
        ([1, 1], [1, 1, 1], "All values are 1.", Finding.EQUIVALENT),
    ],
)
def test_arms_that_cannot_be_tested_have_a_problem(control, treatment, problem, shows):
    found = compare(control, treatment)

    assert (found.pair.problem, found.p_value, found.test) == (problem, None, None)
    assert finding(found.pair, None) == shows
    assert problem in found.interpretation


@pytest.mark.parametrize(
    ("control", "treatment"),
    [
        ([7] * 30, [9] * 30),
        ([7] * 5, [9] * 4),
        ([0] * 40, [1] * 40),
        ([0] * 40, [0] * 39 + [1]),
        ([7] * 30, [7] * 29 + [8]),
        ([1, 2], [3, 4]),
        ([1e60, -1e60, 0], [1e-300, 2, 3]),
        ([0.1] * 7, [0.1] * 6 + [0.3]),
    ],
)
def test_constant_and_extreme_arms_are_tested(control, treatment):
    found = compare(control, treatment)

    assert 0 <= found.p_value <= 1
    assert finding(found.pair, found.p_value) != Finding.IMPOSSIBLE
    assert all(isfinite(end) for end in found.confidence_interval)


@pytest.mark.parametrize(
    ("test", "control", "treatment", "p_value"),
    [
        ("welch_t", [4, 4], [5, 5], 1 / 3),
        ("student_t", [4, 4, 4], [5, 5, 5], 1 / 10),
        ("clustered_t", ([0] * 6, [0, 0, 1, 1, 1, 1]), ([1] * 6, [2, 2, 3, 3, 3, 3]), 1 / 3),
        ("clustered_ranks", ([1, 2, 3, 4], [0, 0, 1, 1]), ([5, 6, 7, 8], [2, 2, 3, 3]), 1 / 3),
        ("clustered_t", ([0] * 6, [0, 0, 1, 1, 2, 2]), ([1] * 6, [0, 0, 1, 1, 2, 2]), 1 / 4),
    ],
)
def test_few_values_that_do_not_vary_are_not_certain(test, control, treatment, p_value):
    before, after = (sample_of(*one) if isinstance(one, tuple) else sample_of(one) for one in (control, treatment))

    found = compare_pair(before, after, rng=np.random.default_rng(1), asked=StatisticalTest(test))

    assert found.p_value == pytest.approx(p_value)
    assert (found.power, found.needed) != (0, 0)


def test_equal_differences_of_two_prompts_are_not_certain():
    before, after = (sample_of(values, prompts=[0, 1]) for values in ([1, 5], [2, 6]))

    found = compare_pair(before, after, rng=np.random.default_rng(1))

    assert (found.result.test, found.p_value) == (StatisticalTest.PAIRED, pytest.approx(0.5))


def test_users_who_agree_leave_a_share_uncertain():
    found = summary(sample_of([1] * 6, users=[0, 0, 0, 1, 1, 1]))

    assert (found.mean, found.high, found.low < 0.5) == (1, pytest.approx(1), True)


def test_values_that_are_no_numbers_are_left_out_and_counted():
    found = compare([1, 2, 3, nan, np.inf], [2, 3, 4, -1e300])

    assert "3 values are missing; they are left out." in found.pair.notes


@pytest.mark.parametrize("control", [[[1, 2]], [1, 2, 3]])
def test_arrays_of_unequal_length_are_rejected(control):
    with pytest.raises(ValueError, match="one length"):
        sample_of(control, users=[1])


@pytest.mark.parametrize(
    ("test", "samples", "message"),
    [
        ("fisher", ([1, 2, 3], [0, 1]), "not all 0 or 1"),
        ("sign", ([1, 2], [1, 2]), "fewer than two prompts"),
        ("anova", ([1, 2], [1, 3]), "does not compare 2 arms"),
        ("welch_t", ([1, 2], [1, 3], [2, 3]), "does not compare 3 arms"),
        ("welch_anova", ([1, 1], [1, 3], [2, 3]), "an arm is constant"),
    ],
)
def test_a_test_that_does_not_suit_the_values_is_rejected(test, samples, message):
    samples = [sample_of(values) for values in samples]

    with pytest.raises(UnsuitableTest, match=message):
        choose(samples, asked=StatisticalTest(test))


def test_relabelling_users_of_both_arms_is_rejected():
    before, after = sample_of([1, 2, 4], users=[0, 1, 2]), sample_of([2, 3, 3], users=[2, 3, 4])

    with pytest.raises(UnsuitableTest, match="a user is in both arms"):
        compare_pair(before, after, rng=np.random.default_rng(1), asked=StatisticalTest.PERMUTATION)


@pytest.mark.parametrize("samples", [([1, 1], [1, 1], [1]), ([], [1], [2]), ([5, 5], [5, 5], [5, 5])])
def test_several_arms_without_a_test(samples):
    found = compare_arms([sample_of(values) for values in samples])

    assert found.problem
    assert found.result is None

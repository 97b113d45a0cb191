import numpy as np
import pytest

from feedback.statistics import multiplicity, power

P_VALUES = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216]


def test_benjamini_hochberg_agrees_with_the_worked_example():
    adjusted = multiplicity.benjamini_hochberg(P_VALUES)

    expected = [0.01, 0.04, 0.084, 0.084, 0.084, 0.1, 0.105714, 0.216, 0.216, 0.216]
    assert adjusted == pytest.approx(expected, abs=1e-6)
    assert multiplicity.benjamini_hochberg(P_VALUES[::-1]) == pytest.approx(adjusted[::-1])
    assert len(multiplicity.benjamini_hochberg([], at_least=10)) == 0


def test_one_p_that_is_no_number_does_not_hide_the_others():
    with pytest.raises(ValueError, match="NaN"):
        multiplicity.benjamini_hochberg([0.0001, np.nan, 0.5])


def test_a_small_family_counts_as_a_larger_one():
    assert multiplicity.benjamini_hochberg([0.004, 0.2], at_least=10).tolist() == [0.04, 1.0]
    assert multiplicity.benjamini_hochberg(P_VALUES, at_least=5) == pytest.approx(
        multiplicity.benjamini_hochberg(P_VALUES)
    )


def test_the_stronger_of_two_tests_counts_by_its_weight():
    assert multiplicity.combined((0.04, 0.5), (0.8, 0.2)) == pytest.approx(0.05)
    assert multiplicity.combined((0.5, 0.001), (0.8, 0.2)) == pytest.approx(0.005)
    assert multiplicity.combined((1.0, 1.0), (0.8, 0.2)) == 1.0


def test_fewer_values_reveal_only_larger_effects():
    detectable = [power.smallest_detectable_delta(n, n, alpha=0.01) for n in (0, 1, 20, 200, 2000)]

    assert detectable[:2] == [1.0, 1.0]
    assert detectable == sorted(detectable, reverse=True)
    assert detectable[3] == pytest.approx(0.198, abs=0.002)


def test_fewer_events_reveal_only_larger_shares():
    detectable = [power.smallest_detectable_share(0.05, n, n, alpha=0.05) for n in (0, 100, 435, 10_000)]

    assert detectable == sorted(detectable, reverse=True)
    assert detectable[0] == 1.0
    assert detectable[2] == pytest.approx(0.1, abs=0.001)
    assert power.smallest_detectable_h(0, 5, alpha=0.05) == np.pi

import numpy as np
import pytest
from scipy.special import betaincinv

from feedback.statistics.beta import beta_quantile


@pytest.mark.parametrize("largest", [5, 500, 1e5])
@pytest.mark.parametrize("q", [0.025, 0.5, 0.975])
def test_quantiles_are_those_of_scipy(rng, largest, q):
    a, b = np.exp(rng.uniform(np.log(0.5), np.log(largest), (2, 300)))
    a[:50], b[25:75] = 0.5, 0.5

    assert beta_quantile(q, a, b) == pytest.approx(betaincinv(a, b, q), abs=1e-9)


def test_the_shape_is_that_of_what_comes_in():
    assert beta_quantile(0.5, 2, 2) == pytest.approx(0.5, abs=1e-9)
    assert beta_quantile(0.5, [[2.0], [3.0]], [2.0, 3.0, 4.0]).shape == (2, 3)
    assert beta_quantile(0.5, [], []).shape == (0,)

from math import inf

import numpy as np
import pytest
from scipy import integrate, stats

from benchmarks import bench_anytime
from drift.bench import anytime, clustered
from drift.bench.anytime import Advice, Look
from drift.bench.clustered import Contrast
from drift.bench.samples import sample_of


@pytest.mark.parametrize(("value", "error", "tuned_to"), [(0.3, 0.1, 0.3), (-2, 1.5, 0.7), (0, 0.2, 5), (8, 2, 1)])
def test_the_ratio_is_that_of_a_mixture_of_normal_likelihoods(value, error, tuned_to):
    def mixed(difference):
        return stats.norm.pdf(value, difference, error) * stats.norm.pdf(difference, 0, tuned_to)

    expected = integrate.quad(mixed, -60, 60, points=[0, value])[0] / stats.norm.pdf(value, 0, error)

    assert np.exp(anytime.log_ratio(value, error, tuned_to=tuned_to)) == pytest.approx(expected, rel=1e-6)


def test_the_interval_is_the_boundary_of_howard_and_others():
    """Their equation 14 in intrinsic time: sqrt((v + rho) log((v + rho) / (rho alpha**2))), divided by v."""
    v, rho, alpha = 250.0, 40.0, 0.05

    found = anytime.look(Contrast(0.0, v**-0.5, 100, 100, 1.0), tuned_to=rho**-0.5, level=alpha)

    assert found.high == pytest.approx(np.sqrt((v + rho) * np.log((v + rho) / (rho * alpha**2))) / v)


def test_an_end_of_the_interval_at_0_has_the_level_as_p_value():
    contrast = Contrast(0.4, 0.1, 100, 100, 1.0)
    margin = anytime.look(contrast, tuned_to=0.2).high - 0.4

    found = anytime.look(Contrast(margin, 0.1, 100, 100, 1.0), tuned_to=0.2)

    assert (found.low, found.p_value) == pytest.approx((0, 0.05), abs=1e-12)


@pytest.mark.parametrize(
    "contrast", [Contrast(3.0, 0.1, 49, 60, 1.0), Contrast(3.0, 0.0, 80, 90, 1.0), Contrast(0.0, 0.0, 80, 90, 1.0)]
)
def test_few_users_and_constant_arms_say_nothing(contrast):
    found = anytime.look(contrast, tuned_to=0.2)

    assert (found.low, found.high, found.p_value) == (-inf, inf, 1.0)
    assert anytime.advice(found, margin=1, better="higher") == Advice.WAIT


@pytest.mark.parametrize(
    ("low", "high", "better", "advice"),
    [
        (0.1, 0.5, "higher", Advice.SWITCH),
        (0.1, 0.5, "lower", Advice.KEEP),
        (-0.5, -0.1, "lower", Advice.SWITCH),
        (0.1, 0.5, "", Advice.DIFFERENT),
        (-0.1, 0.5, "higher", Advice.GO_ON),
        (-0.04, 0.03, "higher", Advice.STOP),
        (0.01, 0.03, "higher", Advice.STOP),
    ],
)
def test_advice(low, high, better, advice):
    assert anytime.advice(Look((low + high) / 2, low, high, 0.5), margin=0.05, better=better) == advice


def test_looks_of_the_benchmark_are_those_of_the_kernel(rng):
    before, after = rng.normal(size=(1, 300)), rng.normal(0.4, 1, (1, 300))

    values, errors, freedom = bench_anytime._looks(before, after)

    contrast = clustered.mean_difference(sample_of(before[0, :120]), sample_of(after[0, :120]))
    assert (values[0, 119], errors[0, 119], freedom[0, 119]) == pytest.approx(
        (contrast.value, contrast.error, contrast.freedom)
    )


def test_looking_after_every_event_is_rarely_wrong():
    # Of 400 with a rate of .05, all but 2 in 1,000 are below .09.
    lines = list(bench_anytime.null_lines(400, 500))
    ((*_, with_users, ignored),) = bench_anytime.clustered_lines(200, 500)

    assert max(line[3] for line in lines) <= 0.09
    assert min(line[4] for line in lines) > 0.2
    assert with_users <= 0.09 < ignored


def test_a_difference_is_found_nearly_as_early_as_by_a_fixed_test():
    for _, _, _, found, _, _, ratio, _ in bench_anytime.stopping_lines(150):
        assert found > 0.97
        assert ratio <= 1.5

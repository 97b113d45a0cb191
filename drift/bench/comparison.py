"""Compares arms of one outcome; `compare` is the twin of `Bench.compare` of the original."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from drift.bench import choosing, effects, several
from drift.bench.effects import Effect
from drift.bench.findings import finding, sentence, summary
from drift.bench.pairs import PairResult, compare_pair, problem_of
from drift.bench.results import StatisticalResult, StatisticalTest
from drift.bench.samples import Sample, is_constant, sample_of


@dataclass(frozen=True)
class BenchResult:
    """The comparison of a control and a treatment, as the original returns it."""

    test: StatisticalTest | None
    p_value: float | None
    effect_size: dict[str, float | str]
    confidence_interval: tuple[float, float] | None
    interpretation: str
    pair: PairResult


def compare(
    control: ArrayLike,
    treatment: ArrayLike,
    *,
    test: StatisticalTest | None = None,
    outcome: str = "mean",
    seed: int = 0,
) -> BenchResult:
    """Compare two plain samples.

    Parameters
    ----------
    control, treatment : array_like
        Shapes (n,) and (m,); NaN is a missing value.
    test : StatisticalTest, optional
        The test to use instead of the one that suits.
    outcome : str
        What the values are, for the sentence.
    seed : int
        Of the bootstrap and permutations.

    Returns
    -------
    BenchResult

    Examples
    --------
    >>> found = compare([0.89, 0.87, 0.90, 0.88, 0.91], [0.96, 0.97, 0.94, 0.95, 0.98], outcome="accuracy")
    >>> print(found.interpretation)
    treatment has a higher accuracy (M=0.96, SD=0.0158) than control (M=0.89, SD=0.0158), t(8.00)=7.00, p<0.001, d=4.43.
    """
    before, after = sample_of(control), sample_of(treatment)
    pair = compare_pair(before, after, rng=np.random.default_rng(seed), asked=test)
    first = pair.effects[0] if pair.effects else None
    found = finding(pair, pair.p_value)
    return BenchResult(
        pair.result.test if pair.result else None,
        pair.p_value,
        {first.name: first.value, "interpretation": first.size} if first else {},
        pair.difference.interval if pair.difference else None,
        sentence(pair, found, ("control", summary(before)), ("treatment", summary(after)), outcome),
        pair,
    )


@dataclass(frozen=True)
class ArmsResult:
    """Three arms or more compared at once.

    Attributes
    ----------
    problem : str
        Why they could not be compared; "" if they were.
    reason : str
        Why this test.
    effects : tuple of Effect
        How much of the outcome the arms explain.
    """

    problem: str = ""
    reason: str = ""
    result: StatisticalResult | None = None
    effects: tuple[Effect, ...] = ()


def compare_arms(samples: Sequence[Sample], *, asked: StatisticalTest | None = None) -> ArmsResult:
    """Return whether any of several arms differ.

    Parameters
    ----------
    samples : sequence of Sample
        Three or more.
    asked : StatisticalTest, optional
        The test to use instead of the one that suits.

    Returns
    -------
    ArmsResult

    Raises
    ------
    UnsuitableTest
        If the test that was asked for cannot be computed from these values.

    Examples
    --------
    >>> groups = [0.89, 0.87, 0.9, 0.88, 0.91], [0.96, 0.97, 0.94, 0.95, 0.98], [0.92, 0.93, 0.9, 0.91, 0.94]
    >>> compare_arms([sample_of(one) for one in groups], asked=StatisticalTest.ANOVA).result.written()
    'F(2, 12)=24.67, p<0.001'
    """
    if problem := problem_of(samples):
        return ArmsResult(problem=problem)
    if is_constant(samples):
        return ArmsResult(problem=f"All values are {samples[0].values[0]:g}.")
    choice = choosing.choose(samples, asked=asked)
    n, arms = sum(one.n for one in samples), len(samples)
    if choice.blocks is not None:
        result = several.friedman(choice.blocks.means)
        return ArmsResult("", choice.reason, result, (effects.kendalls_w(result.statistic, choice.blocks.n, arms),))
    kernels = {
        StatisticalTest.ANOVA: several.anova,
        StatisticalTest.WELCH_ANOVA: several.welch_anova,
        StatisticalTest.CLUSTERED_ANOVA: several.clustered_anova,
        StatisticalTest.KRUSKAL_WALLIS: several.kruskal_wallis,
        StatisticalTest.CHI_SQUARE: several.chi_square,
    }
    result = kernels[choice.test](samples)
    return ArmsResult("", choice.reason, result, tuple(_effects_of(result, samples, n, arms)))


def _effects_of(result: StatisticalResult, samples: Sequence[Sample], n: int, arms: int) -> list[Effect]:
    if result.test == StatisticalTest.CHI_SQUARE:
        return [effects.cramers_v(result.statistic, n, arms)]
    if result.test == StatisticalTest.KRUSKAL_WALLIS:
        return [effects.of_ranks(result.statistic, n, arms)]
    # Sizes describe the events, so they are those of the plain analysis of variance.
    if any(one.sd > 0 for one in samples):
        return effects.of_variance(several.anova(samples).statistic, arms - 1, n - arms)
    return []

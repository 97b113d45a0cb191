"""Compares two arms with the test that suits them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from drift.bench import choosing, clustered, effects, power, resampling, several, tests
from drift.bench.clustered import Contrast
from drift.bench.effects import Effect
from drift.bench.results import StatisticalResult, StatisticalTest
from drift.bench.samples import Blocks, Sample, are_clustered, is_constant
from feedback.statistics import ranks
from feedback.statistics.histogram_pairs import HistogramPair
from feedback.statistics.proportions import cohens_h, risk_difference

# Differences below this part of a standard deviation are negligible unless a margin is given.
NEGLIGIBLE = 0.1
_FEW_USERS = 20


@dataclass(frozen=True)
class PairResult:
    """Two arms compared.

    Attributes
    ----------
    problem : str
        Why they could not be compared; "" if they were.
    reason : str
        Why this test.
    difference : Effect or None
        The second mean minus the first, in the unit of the outcome.
    effects : tuple of Effect
        The first is the one that belongs to the test.
    margin : float
        The smallest difference that matters.
    power, detectable : float or None
        The power for a difference of the margin, and the difference with a power of 80 %.
    needed : float or None
        Events of each arm that would give a power of 80 % for a difference of the margin.
    """

    problem: str = ""
    reason: str = ""
    result: StatisticalResult | None = None
    difference: Effect | None = None
    effects: tuple[Effect, ...] = ()
    margin: float = 0.0
    power: float | None = None
    detectable: float | None = None
    needed: float | None = None
    design_effect: float = 1.0
    is_share: bool = False
    notes: tuple[str, ...] = field(default=())

    @property
    def p_value(self) -> float | None:
        return self.result.p_value if self.result else None


def compare_pair(
    before: Sample,
    after: Sample,
    *,
    rng: np.random.Generator,
    asked: StatisticalTest | None = None,
    margin: float | None = None,
) -> PairResult:
    """Return the comparison of two arms with the test that suits them.

    Parameters
    ----------
    before, after : Sample
        Any two, also empty or constant ones: those give a result with a problem.
    rng : numpy.random.Generator
        For the bootstrap and permutations.
    asked : StatisticalTest, optional
        The test to use.
    margin : float, optional
        The smallest difference that matters, above 0; by default NEGLIGIBLE standard deviations.

    Returns
    -------
    PairResult

    Raises
    ------
    UnsuitableTest
        If the test that was asked for cannot be computed from these values.

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> before, after = sample_of([1] * 10 + [0] * 90), sample_of([1] * 30 + [0] * 70)
    >>> found = compare_pair(before, after, rng=np.random.default_rng(1))
    >>> found.result.label, [one.name for one in found.effects]
    ('test of two proportions', ['risk_difference', 'odds_ratio', 'cohens_h'])
    """
    if problem := problem_of([before, after]):
        return PairResult(problem=problem)
    is_share = before.is_yes_no and after.is_yes_no
    if is_constant([before, after]):
        same = Effect("difference", 0.0, 0.0, 0.0)
        return PairResult(problem=f"All values are {before.values[0]:g}.", difference=same, is_share=is_share)
    choice = choosing.choose([before, after], asked=asked)
    contrast, result = _tested(before, after, choice, rng)
    difference = _difference(before, after, choice, contrast, result)
    smallest = margin or NEGLIGIBLE * effects.pooled_sd(before, after)
    return PairResult(
        reason=choice.reason,
        result=result,
        difference=difference,
        effects=tuple(_effects(before, after, choice, contrast, difference)),
        margin=smallest,
        power=power.power_at(smallest, contrast.error) if contrast.error else None,
        detectable=power.smallest_detectable(contrast.error) if contrast.error else None,
        needed=_needed(before, after, smallest, contrast),
        design_effect=contrast.design_effect,
        is_share=is_share,
        notes=tuple(_notes(before, after, choice, contrast)),
    )


def problem_of(samples: Sequence[Sample]) -> str:
    """Return why samples cannot be tested: too few values; "" if they can.

    Returns
    -------
    str

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> problem_of([sample_of([1, 2]), sample_of([])])
    'An arm has no values.'
    """
    fewest = min(one.n for one in samples)
    if fewest == 0:
        return "An arm has no values."
    return "An arm has only one value." if fewest == 1 else ""


def _tested(
    before: Sample, after: Sample, choice: choosing.Choice, rng: np.random.Generator
) -> tuple[Contrast, StatisticalResult]:
    """The difference of means with its error, in the unit of the outcome, and what the test says."""
    test, blocks = choice.test, choice.blocks
    if blocks is not None:
        differences = Sample(blocks.means[:, 1] - blocks.means[:, 0], blocks.users)
        return clustered.mean_change(differences), _of_blocks(test, blocks, differences)
    by_user = clustered.mean_difference(before, after)
    if test == StatisticalTest.CLUSTERED:
        return by_user, tests.clustered_means(before, after)
    if test in (StatisticalTest.STUDENT, StatisticalTest.WELCH):
        result = tests.student(before, after) if test == StatisticalTest.STUDENT else tests.welch(before, after)
        return result.contrast or by_user, result
    if test == StatisticalTest.BOOTSTRAP:
        drawn = resampling.bootstrap(before, after, rng=rng)
        return by_user, StatisticalResult(test, drawn.p_value, interval=(drawn.low, drawn.high))
    if test == StatisticalTest.PERMUTATION:
        return by_user, StatisticalResult(test, resampling.permutation_p(before, after, rng=rng))
    if test == StatisticalTest.CHI_SQUARE:
        return by_user, several.chi_square([before, after])
    kernels = {
        StatisticalTest.CLUSTERED_RANKS: tests.clustered_ranks,
        StatisticalTest.MANN_WHITNEY: tests.mann_whitney,
        StatisticalTest.TWO_PROPORTIONS: tests.two_proportions,
        StatisticalTest.FISHER: tests.fisher,
    }
    return by_user, kernels[test](before, after)


def _of_blocks(test: StatisticalTest, blocks: Blocks, differences: Sample) -> StatisticalResult:
    if test == StatisticalTest.PAIRED:
        return tests.paired(differences)
    if test == StatisticalTest.MCNEMAR:
        return tests.mcnemar(blocks.means[:, 0], blocks.means[:, 1])
    return tests.wilcoxon(differences.values) if test == StatisticalTest.WILCOXON else tests.sign(differences.values)


def _difference(
    before: Sample, after: Sample, choice: choosing.Choice, contrast: Contrast, result: StatisticalResult
) -> Effect:
    name = "risk_difference" if before.is_yes_no and after.is_yes_no else "difference"
    is_independent = choice.blocks is None and choice.test not in choosing.BY_USER
    if name == "risk_difference" and is_independent and result.interval is None:
        found = risk_difference(int(before.values.sum()), before.n, int(after.values.sum()), after.n)
        return Effect(name, found.value, found.low, found.high)
    low, high = result.interval or contrast.interval()
    if name == "risk_difference":
        low, high = max(-1.0, low), min(1.0, high)
    return Effect(name, contrast.value, low, high)


def _effects(
    before: Sample, after: Sample, choice: choosing.Choice, contrast: Contrast, difference: Effect
) -> list[Effect]:
    """All effect sizes that suit the values, first the one that belongs to the test."""
    if difference.name == "risk_difference":
        ratio = effects.odds_ratio(before, after, inflation=contrast.design_effect)
        return [difference, ratio, Effect("cohens_h", cohens_h(before.mean, after.mean))]
    delta = _delta_of_blocks(choice.blocks) if choice.blocks is not None else _delta(before, after)
    sizes = effects.standardised(before, after, contrast)
    by_rank = {StatisticalTest.MANN_WHITNEY, StatisticalTest.CLUSTERED_RANKS, StatisticalTest.WILCOXON}
    if choice.test in by_rank | {StatisticalTest.SIGN} or not sizes:
        return [delta, *sizes]
    return [*sizes, delta]


def _delta(before: Sample, after: Sample) -> Effect:
    """Cliff's delta; of independent events with the interval for completely separate samples."""
    if are_clustered([before, after]):
        found = clustered.rank_difference(before, after)
        return Effect("cliffs_delta", found.value, *(max(-1.0, min(1.0, end)) for end in found.interval()))
    result = ranks.cliffs_delta(HistogramPair.of_samples(before.values, after.values))
    return Effect("cliffs_delta", result.delta, result.low, result.high)


def _delta_of_blocks(blocks: Blocks) -> Effect:
    """How many more prompts are higher in the second arm than lower, as a share of all."""
    found = clustered.mean_change(Sample(np.sign(blocks.means[:, 1] - blocks.means[:, 0]), blocks.users))
    return Effect("cliffs_delta", found.value, *(max(-1.0, min(1.0, end)) for end in found.interval()))


def _needed(before: Sample, after: Sample, margin: float, contrast: Contrast) -> float | None:
    """Events of the smaller arm from which the error would be small enough, everything else as it is."""
    if not contrast.error or not margin:
        return None
    return min(before.n, after.n) * (power.smallest_detectable(contrast.error) / margin) ** 2


def _notes(before: Sample, after: Sample, choice: choosing.Choice, contrast: Contrast) -> list[str]:
    found = []
    if choice.blocks is not None:
        left_out = before.n + after.n - sum(choice.blocks.matched)
        if left_out:
            found.append(f"{left_out:,} events have a prompt that the other arm does not have; they are left out.")
    if before.missing or after.missing:
        found.append(f"{before.missing + after.missing:,} values are missing; they are left out.")
    if are_clustered([before, after]):
        if choice.blocks is None and choice.test not in choosing.BY_USER and choice.test != StatisticalTest.BOOTSTRAP:
            found.append("Users have several events, and this test ignores that: its p-value may be too small.")
        if contrast.freedom < _FEW_USERS:
            found.append(f"The events are worth those of about {contrast.freedom:.0f} independent users.")
    return found

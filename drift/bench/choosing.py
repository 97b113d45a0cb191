"""Chooses the test that suits the data, and gives the reason in a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from drift.bench.assumptions import SMALL, Shape, levene_p, shape_of
from drift.bench.results import StatisticalTest as Test
from drift.bench.samples import UNKNOWN, Blocks, Sample, are_clustered, by_prompt

# Arms are paired if at least this part of the values of each has a prompt of all arms.
PAIRED_SHARE = 0.5
LEAST_EXPECTED = 5
# About a symmetric distribution of differences the signed ranks are valid; beyond it only signs are.
MOST_SKEW_OF_RANKS = 1.0
FEW_PERMUTED = 20

BY_USER = {Test.CLUSTERED, Test.CLUSTERED_RANKS, Test.CLUSTERED_ANOVA}
BY_PROMPT = {Test.PAIRED, Test.WILCOXON, Test.SIGN, Test.MCNEMAR, Test.FRIEDMAN}
OF_SEVERAL = {
    Test.ANOVA,
    Test.WELCH_ANOVA,
    Test.CLUSTERED_ANOVA,
    Test.KRUSKAL_WALLIS,
    Test.FRIEDMAN,
    Test.CHI_SQUARE,
}
OF_YES_NO = {Test.TWO_PROPORTIONS, Test.FISHER, Test.CHI_SQUARE, Test.MCNEMAR}
# Such as the sign test, which takes two arms; chi-squared takes any number.
OF_TWO = {test for test in Test if test not in OF_SEVERAL} | {Test.CHI_SQUARE}


@dataclass(frozen=True)
class Choice:
    """A test and why it suits; blocks: the values by prompt, of a paired test."""

    test: Test
    reason: str
    blocks: Blocks | None = None


class UnsuitableTest(ValueError):
    """The test that was asked for cannot be computed from these values."""


def choose(samples: Sequence[Sample], *, asked: Test | None = None) -> Choice:
    """Return the test for these samples.

    Parameters
    ----------
    samples : sequence of Sample
        Two or more, each with at least two values, not all of them equal.
    asked : StatisticalTest, optional
        The test to use instead of the one that suits best.

    Returns
    -------
    Choice

    Raises
    ------
    UnsuitableTest
        If the test that was asked for cannot be computed from these values.

    Notes
    -----
    Pairs come first, then users, then the kind of value, then the shape of its distribution. Welch's test is used
    whether or not variances are equal: choosing Student's by a test of variances makes more errors than either.

    References
    ----------
    Zimmerman (2004), Br. J. Math. Stat. Psychol. 57(1), 173-181, of tests chosen by tests of variances.

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> choose([sample_of([0.89, 0.87, 0.9, 0.88, 0.91]), sample_of([0.96, 0.97, 0.94, 0.95, 0.98])]).test.value
    'welch_t'
    >>> choose([sample_of([1, 0, 1, 1]), sample_of([0, 0, 1, 0])]).test.value
    'fisher'
    """
    if asked is not None:
        return _asked(samples, asked)
    blocks = _blocks(samples)
    if blocks is not None:
        return _paired(samples, blocks)
    if are_clustered(samples):
        return _clustered(samples)
    if all(one.is_yes_no for one in samples):
        return _yes_no(samples)
    return _numbers(samples)


def _asked(samples: Sequence[Sample], asked: Test) -> Choice:
    blocks = by_prompt(samples) if asked in BY_PROMPT else None
    problem = ""
    if asked not in (OF_TWO if len(samples) == 2 else OF_SEVERAL):
        problem = f"it does not compare {len(samples)} arms"
    elif asked in BY_PROMPT and (blocks is None or blocks.n < 2):
        problem = "fewer than two prompts are in all arms"
    elif asked in OF_YES_NO and not all(one.is_yes_no for one in samples):
        problem = "the values are not all 0 or 1"
    elif asked == Test.MCNEMAR and blocks is not None and not np.isin(blocks.means, (0, 1)).all():
        problem = "a prompt has several answers in one arm"
    elif asked == Test.PERMUTATION and _share_users(samples):
        problem = "a user is in both arms"
    elif asked in (Test.WELCH_ANOVA, Test.ANOVA) and any(one.sd == 0 for one in samples):
        problem = "an arm is constant"
    if problem:
        raise UnsuitableTest(f"The test {asked.value} cannot be used: {problem}.")
    return Choice(asked, "It was asked for.", blocks)


def _share_users(samples: Sequence[Sample]) -> bool:
    known = [set(one.users[one.users != UNKNOWN].tolist()) if one.users is not None else set() for one in samples]
    return bool(known[0] & known[1])


def _blocks(samples: Sequence[Sample]) -> Blocks | None:
    """The values by prompt if the arms are paired: most prompts are in all of them, and users are within prompts."""
    blocks = by_prompt(samples)
    if blocks is None or blocks.n < 2:
        return None
    if any(matched < PAIRED_SHARE * one.n for matched, one in zip(blocks.matched, samples, strict=True)):
        return None
    return None if are_clustered(samples) and (blocks.users == UNKNOWN).any() else blocks


def _paired(samples: Sequence[Sample], blocks: Blocks) -> Choice:
    same = f"{blocks.n:,} prompts are in all arms, so answers to one prompt are compared"
    users_repeat = len(np.unique(known := blocks.users[blocks.users != UNKNOWN])) < len(known)
    if len(samples) > 2:
        return _clustered(samples) if users_repeat else Choice(Test.FRIEDMAN, f"{same} by rank.", blocks)
    if users_repeat:
        return Choice(Test.PAIRED, f"{same}; users have several prompts, so errors are clustered by user.", blocks)
    if np.isin(blocks.means, (0, 1)).all():
        return Choice(Test.MCNEMAR, f"{same}; the outcome is yes or no.", blocks)
    shape = shape_of(blocks.means[:, 1] - blocks.means[:, 0])
    if shape.looks_normal or shape.has_normal_mean:
        return Choice(Test.PAIRED, f"{same}; {_normality(shape, 'their differences')}.", blocks)
    if abs(shape.skew) < MOST_SKEW_OF_RANKS:
        reason = f"{same}; their differences are not normal but about symmetric (skewness {shape.skew:.1f})."
        return Choice(Test.WILCOXON, reason, blocks)
    return Choice(Test.SIGN, f"{same}; their differences are skewed ({shape.skew:.1f}), so only signs count.", blocks)


def _clustered(samples: Sequence[Sample]) -> Choice:
    users = "Users have several events, which are not independent, so errors are clustered by user"
    if len(samples) > 2:
        return Choice(Test.CLUSTERED_ANOVA, f"{users}.")
    if all(one.is_yes_no for one in samples):
        return Choice(Test.CLUSTERED, f"{users}; the outcome is yes or no, so the mean is a share.")
    shapes = [shape_of(one.values) for one in samples]
    if all(shape.looks_normal or shape.has_normal_mean for shape in shapes):
        return Choice(Test.CLUSTERED, f"{users}; {_normality(_worst(shapes), 'values')}.")
    return Choice(Test.CLUSTERED_RANKS, f"{users}; {_departure(_worst(shapes))}, so ranks are compared.")


def _yes_no(samples: Sequence[Sample]) -> Choice:
    share = sum(float(one.values.sum()) for one in samples) / sum(one.n for one in samples)
    expected = min(one.n for one in samples) * min(share, 1 - share)
    if len(samples) > 2:
        if expected >= LEAST_EXPECTED:
            return Choice(Test.CHI_SQUARE, f"The outcome is yes or no, with at least {expected:.0f} expected of each.")
        return Choice(Test.KRUSKAL_WALLIS, "The outcome is yes or no and rare, so the arms are compared by rank.")
    if expected >= LEAST_EXPECTED:
        reason = f"The outcome is yes or no, with at least {expected:.0f} expected of each."
        return Choice(Test.TWO_PROPORTIONS, reason)
    reason = f"The outcome is yes or no, with fewer than {LEAST_EXPECTED} expected of one kind, so the test is exact."
    return Choice(Test.FISHER, reason)


def _numbers(samples: Sequence[Sample]) -> Choice:
    shapes = [shape_of(one.values) for one in samples]
    worst = _worst(shapes)
    if all(shape.looks_normal or shape.has_normal_mean for shape in shapes):
        means = f"{_normality(worst, 'values')}; {_variances(samples)}"
        if len(samples) == 2:
            return Choice(Test.WELCH, f"{means[:1].upper()}{means[1:]}.")
        if all(one.sd > 0 for one in samples):
            return Choice(Test.WELCH_ANOVA, f"{means[:1].upper()}{means[1:]}.")
        return Choice(Test.KRUSKAL_WALLIS, "One arm is constant, so the arms are compared by rank.")
    departure = f"{_departure(worst)[:1].upper()}{_departure(worst)[1:]}"
    if len(samples) > 2:
        return Choice(Test.KRUSKAL_WALLIS, f"{departure}, so ranks are compared.")
    together = np.concatenate([one.values for one in samples])
    if min(one.n for one in samples) < FEW_PERMUTED and len(np.unique(together)) < len(together):
        return Choice(Test.PERMUTATION, f"{departure}, and the few values have ties, so arms are relabelled.")
    return Choice(Test.MANN_WHITNEY, f"{departure}, so ranks are compared.")


def _worst(shapes: Sequence[Shape]) -> Shape:
    return max(shapes, key=lambda shape: (not (shape.looks_normal or shape.has_normal_mean), abs(shape.skew)))


def _normality(shape: Shape, what: str) -> str:
    if shape.looks_normal:
        if shape.n < SMALL and isfinite(shape.shapiro_p):
            return f"{what} are compatible with a normal distribution (Shapiro-Wilk p={shape.shapiro_p:.2f})"
        return f"{what} are near to normal (skewness {shape.skew:.1f}, excess kurtosis {shape.kurtosis:.1f})"
    return f"{what} are skewed ({shape.skew:.1f}), but {shape.n:,} of them are enough for the mean"


def _departure(shape: Shape) -> str:
    few = f"{shape.n:,} values are too few for the mean of a distribution that is skewed by {shape.skew:.1f}"
    return few if shape.n >= FEW_PERMUTED else "the few values are not normal"


def _variances(samples: Sequence[Sample]) -> str:
    p = levene_p(samples)
    tested = f" (Levene p={p:.2f})" if isfinite(p) else ""
    return f"equal variances are not assumed{tested}"

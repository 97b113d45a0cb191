"""What a comparison shows, in one word and in one sentence."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from drift.bench import clustered
from drift.bench.pairs import PairResult
from drift.bench.results import reported_p
from drift.bench.samples import Sample, are_clustered, clusters
from feedback.statistics.intervals import wilson

LEVEL = 0.05


class Finding(StrEnum):
    """What a comparison of two arms shows."""

    HIGHER = "higher"
    LOWER = "lower"
    NEGLIGIBLE = "negligible"
    EQUIVALENT = "equivalent"
    UNCLEAR = "unclear"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True)
class ArmSummary:
    """An arm's values. low and high are the 95 % interval of the mean; None for fewer than two values."""

    n: int
    missing: int
    users: int
    mean: float | None
    sd: float | None
    median: float | None
    low: float | None
    high: float | None


def summary(sample: Sample) -> ArmSummary:
    """Return an arm's mean with its interval, by users where they are known: Wilson's for independent yes/no values.

    Returns
    -------
    ArmSummary

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> found = summary(sample_of([1, 1, 1, 0]))
    >>> found.n, found.mean, round(found.low, 2), round(found.high, 2)
    (4, 0.75, 0.3, 0.95)
    """
    users = 0 if sample.users is None else len(np.unique(sample.users[sample.users >= 0]))
    if not sample.n:
        return ArmSummary(0, sample.missing, users, None, None, None, None, None)
    low = high = None
    if sample.is_yes_no and not are_clustered([sample]):
        low, high = wilson(int(sample.values.sum()), sample.n)
    elif sample.is_yes_no and sample.mean in (0.0, 1.0):
        # Its users do not vary, so they count as one event each.
        (_, size) = clusters([sample])
        low, high = wilson(int(sample.mean) * size, size)
    elif sample.n > 1:
        low, high = clustered.mean(sample).interval()
        low, high = (max(0.0, low), min(1.0, high)) if sample.is_yes_no else (low, high)
    median = float(np.median(sample.values))
    return ArmSummary(sample.n, sample.missing, users, sample.mean, sample.sd, median, low, high)


def finding(pair: PairResult, p_value: float | None, *, level: float = LEVEL) -> Finding:
    """Return what a comparison shows.

    Parameters
    ----------
    pair : PairResult
    p_value : float or None
        Its p-value, corrected for the number of outcomes and arms.
    level : float
        What the p-value may be at most.

    Returns
    -------
    Finding

    Notes
    -----
    Differences are equivalent when the whole 95 % interval lies within the margin; a p-value above the level alone
    does not show that.

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> from drift.bench.pairs import compare_pair
    >>> pair = compare_pair(sample_of([1, 2, 3, 4]), sample_of([7, 8, 9, 9.5]), rng=np.random.default_rng(1))
    >>> finding(pair, pair.p_value).value
    'higher'
    """
    difference = pair.difference
    if pair.problem and difference is not None:
        return Finding.EQUIVALENT
    if difference is None or difference.low is None or difference.high is None or p_value is None:
        return Finding.IMPOSSIBLE
    is_within = -pair.margin < difference.low and difference.high < pair.margin
    if p_value > level:
        return Finding.EQUIVALENT if is_within else Finding.UNCLEAR
    if is_within:
        return Finding.NEGLIGIBLE
    direction = pair.effects[0].value if pair.effects and pair.effects[0].value else difference.value
    return Finding.HIGHER if direction > 0 else Finding.LOWER


_LETTERS = {"cohens_d": "d", "cliffs_delta": "delta", "risk_difference": "difference"}


def sentence(
    pair: PairResult,
    found: Finding,
    before: tuple[str, ArmSummary],
    after: tuple[str, ArmSummary],
    outcome: str,
    p_value: float | None = None,
) -> str:
    """Return a comparison in one sentence, in the form in which papers report it.

    Parameters
    ----------
    pair : PairResult
    found : Finding
    before, after : tuple of str and ArmSummary
        Each arm with its name.
    outcome : str
        In words, within a sentence.
    p_value : float, optional
        The corrected one, which is given too where it differs.

    Returns
    -------
    str

    Examples
    --------
    >>> from drift.bench.samples import sample_of
    >>> from drift.bench.pairs import compare_pair
    >>> samples = sample_of([1, 2, 3, 4]), sample_of([7, 8, 9, 9.5])
    >>> pair, arms = compare_pair(*samples, rng=np.random.default_rng(1)), [summary(one) for one in samples]
    >>> sentence(pair, finding(pair, pair.p_value), ("v1", arms[0]), ("v2", arms[1]), "rating")
    'v2 has a higher rating (M=8.38, SD=1.11) than v1 (M=2.5, SD=1.29), t(5.87)=6.90, p<0.001, d=4.88.'
    """
    first, second = (f"{name} ({_described(arm, pair.is_share)})" for name, arm in (before, after))
    if found == Finding.IMPOSSIBLE:
        return f"{first} and {second} cannot be compared by {outcome}. {pair.problem}".rstrip()
    if pair.result is None:
        return f"{first} and {second} have the same {outcome}. {pair.problem}".rstrip()
    effect = pair.effects[0]
    size = f"{effect.value:+.3f}" if effect.name == "risk_difference" else f"{effect.value:.2f}"
    tested = pair.result.written()
    if p_value is not None and reported_p(p_value) != reported_p(pair.result.p_value):
        tested += f", corrected {reported_p(p_value)}"
    evidence = f"{tested}, {_LETTERS.get(effect.name, effect.name)}={size}"
    if found in (Finding.HIGHER, Finding.LOWER):
        return f"{second.replace(' (', f' has a {found.value} {outcome} (', 1)} than {first}, {evidence}."
    if found == Finding.NEGLIGIBLE:
        return f"{outcome} differs between {first} and {second}, but by less than {_written(pair.margin)}: {evidence}."
    if found == Finding.EQUIVALENT:
        return f"{outcome} differs by less than {_written(pair.margin)} between {first} and {second}: {evidence}."
    missed = f"; differences below {_written(pair.detectable)} would often be missed" if pair.detectable else ""
    return f"No difference of {outcome} is shown between {first} and {second}: {evidence}{missed}."


def _described(arm: ArmSummary, is_share: bool) -> str:
    if arm.mean is None or arm.sd is None:
        return "no values"
    if is_share:
        return f"{100 * arm.mean:.1f} % of {arm.n:,}"
    return f"M={_written(arm.mean)}, SD={_written(arm.sd)}"


def _written(value: float) -> str:
    """Three digits, and those before the point whole."""
    return f"{value:,.0f}" if 1_000 <= abs(value) < 1e9 else f"{value:.3g}"

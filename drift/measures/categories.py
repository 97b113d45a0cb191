"""Compares a share, or named categories, over two windows: effect, evidence and a sentence.

Fewer values than the minimum in a window give insufficient data; missing values are excluded, never counted as 0.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from drift.choices import Verdict
from drift.measures.facts import facts_of, signed, too_few, too_small
from drift.measures.verdicts import Evidence, MetricResult, VerdictParameters, size_of
from feedback.statistics import power, proportions, shares

_SHOWN_CATEGORIES = 10


def measure_share(
    name: str,
    label: str,
    reference: tuple[int, int],
    current: tuple[int, int],
    parameters: VerdictParameters,
    *,
    what: str = "events",
    negligible: float | None = None,
) -> Evidence | MetricResult:
    """Measure how often something happens.

    Parameters
    ----------
    name, label : str
        The metric's name, and its name in sentences.
    reference, current : tuple of int
        How often it happened, and of how many events, in each window.
    parameters : VerdictParameters
        Thresholds; below `minimum_n` events in a window there is insufficient data.
    what : str
        What is counted, in the sentence about too few values.
    negligible : float, optional
        The largest negligible difference of the shares; without one, Cohen's h decides.

    Returns
    -------
    Evidence or MetricResult
        Evidence for judge, with the difference of the shares as its effect; a result if there is too little data.

    Examples
    --------
    >>> evidence = measure_share("refusal", "Refusals", (50, 1_000), (100, 1_000), VerdictParameters())
    >>> evidence.result.sentence
    'Refusals: 5.0% → 10.0%, +5.0 points [2.7, 7.3], n = 1,000 and 1,000'
    """
    (before, n), (after, m) = reference, current
    facts = facts_of(name, label, ("fisher",), n, m)
    if too_small(facts, parameters):
        return too_few(facts, what, parameters, effect_of=lambda delta: f"a difference of {100 * delta:.0f} points")
    difference = proportions.risk_difference(before, n, after, m)
    detectable = power.smallest_detectable_share(before / n, n, m, alpha=parameters.level)
    points = [100 * value for value in (difference.value, difference.low, difference.high)]
    result = MetricResult(
        **facts,
        verdict=Verdict.OK,
        sentence=f"{label}: {before / n:.1%} → {after / m:.1%}, {signed(points, ' points')}, n = {n:,} and {m:,}",
        effect=difference.value,
        effect_interval=(difference.low, difference.high),
        p_value=shares.fisher(np.array([before, n - before]), np.array([after, m - after])),
        statistics={
            "effect": "share_difference",
            "total_variation": abs(difference.value),
            "cohens_h": proportions.cohens_h(before / n, after / m),
            "smallest_detectable_share": detectable,
        },
    )
    if negligible is not None:
        return Evidence(result, size_of(difference.low, difference.high, negligible=(-negligible, negligible)))
    within = proportions.differences_within(before / n, parameters.negligible_h)
    weak = detectable > proportions.moved_by(before / n, 2 * parameters.negligible_h)
    reach = f"; a rise to less than {detectable:.1%} would probably be missed" if weak else ""
    return Evidence(result, size_of(difference.low, difference.high, negligible=within), reach=reach)


def measure(
    name: str, label: str, reference: Mapping[str, int], current: Mapping[str, int], parameters: VerdictParameters
) -> Evidence | MetricResult:
    """Measure how events divide into named categories.

    Parameters
    ----------
    name, label : str
        The metric's name, and its name in sentences.
    reference, current : mapping of str to int
        Counts by category in each window.
    parameters : VerdictParameters
        Thresholds; below `minimum_n` events in a window there is insufficient data.

    Returns
    -------
    Evidence or MetricResult
        Evidence for judge, with the distance of the shares as its effect; a result if there is too little data.

    Examples
    --------
    >>> evidence = measure("language", "Language", {"en": 90, "de": 10}, {"en": 60, "de": 40}, VerdictParameters())
    >>> evidence.result.sentence, evidence.size.value
    ('Language: de 10.0% → 40.0%, n = 100 and 100', 'drifting')
    """
    names, before, after = shares.aligned(reference, current)
    n, m = int(before.sum()), int(after.sum())
    small_before, small_after = shares.merged(before, after)
    exact = len(small_before) == 2
    facts = facts_of(name, label, ("fisher" if exact else "chi_square",), n, m)
    if too_small(facts, parameters):
        return too_few(facts, "values", parameters)
    test, distance = shares.chi_square(before, after), shares.share_distance(before, after)
    changes = _largest_changes(names, before / n, after / m)
    moved = next(iter(changes))
    result = MetricResult(
        **facts,
        verdict=Verdict.OK,
        sentence=f"{label}: {moved} {changes[moved][0]:.1%} → {changes[moved][1]:.1%}, n = {n:,} and {m:,}",
        effect=distance.value,
        effect_interval=(distance.low, distance.high),
        p_value=shares.fisher(small_before, small_after) if exact else test.p_value,
        statistics={
            "effect": "share_distance",
            "total_variation": shares.total_variation(before, after),
            "chi_square": test.statistic,
            "dof": test.dof,
            "cramers_v": shares.cramers_v(before, after),
            "shares": changes,
        },
    )
    return Evidence(result, size_of(distance.low, distance.high, negligible=(0.0, parameters.negligible_h)))


def _largest_changes(names: Sequence[str], before: np.ndarray, after: np.ndarray) -> dict[str, list[float]]:
    weight = np.abs(after - before) / np.sqrt(before + after)
    order = np.argsort(-weight, kind="stable")[:_SHOWN_CATEGORIES]
    return {names[i]: [float(before[i]), float(after[i])] for i in order}

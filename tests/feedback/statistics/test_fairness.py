"""Groups beside the rest: checked against worked examples and by how often nothing is found where nothing is."""

from math import inf, isnan

import numpy as np
import pytest

from feedback.statistics.fairness import GroupFigure, GroupVerdict, ParityVerdict, compare_groups, parity, ratio
from feedback.statistics.intervals import IntervalResult, wilson


def figure(count, n, name="group"):
    low, high = wilson(count, n) if n else (float("nan"), float("nan"))
    return GroupFigure(name, n, IntervalResult(count / n if n else float("nan"), low, high))


def pairs_of(counts):
    """(count, n) of each group as pairs of the group and the rest."""
    total = [sum(one[0] for one in counts), sum(one[1] for one in counts)]
    return [(figure(c, n), figure(total[0] - c, total[1] - n)) for c, n in counts]


def test_the_ratio_agrees_with_the_interval_of_logarithms():
    low, high = (
        ratio(figure(80, 200).estimate, figure(120, 200).estimate).low,
        ratio(figure(80, 200).estimate, figure(120, 200).estimate).high,
    )

    assert low == pytest.approx(0.543, abs=0.01)
    assert high == pytest.approx(0.817, abs=0.01)


def test_a_ratio_to_nothing_has_no_upper_end():
    nothing = figure(0, 50).estimate

    assert ratio(figure(10, 50).estimate, nothing).high == inf
    assert isnan(ratio(nothing, nothing).value)


def test_few_are_not_compared_and_do_not_count_in_the_correction():
    pairs = [*pairs_of([(30, 100), (70, 100)]), (figure(1, 5), figure(99, 195))]

    found = compare_groups(pairs, fewest=30)

    assert [one.verdict for one in found] == [GroupVerdict.LOWER, GroupVerdict.HIGHER, GroupVerdict.NOT_ENOUGH_DATA]
    assert found[0].adjusted == pytest.approx(2 * found[0].p_value)
    assert isnan(found[2].adjusted)


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ([(30, 400), (380, 400)], ParityVerdict.VIOLATED),
        ([(360, 400), (365, 400)], ParityVerdict.KEPT),
        ([(30, 40), (33, 40)], ParityVerdict.UNCLEAR),
        ([(3, 4), (4, 4)], ParityVerdict.NOT_ENOUGH_DATA),
        ([], ParityVerdict.NOT_ENOUGH_DATA),
    ],
)
def test_parity_is_judged_by_intervals(counts, verdict):
    assert parity(compare_groups(pairs_of(counts), fewest=30), threshold=0.8) == verdict


def test_of_equal_groups_one_in_twenty_families_differs(rng):
    families, found = 600, 0
    for _ in range(families):
        counts = [(int(rng.binomial(200, 0.7)), 200) for _ in range(5)]
        verdicts = {one.verdict for one in compare_groups(pairs_of(counts), fewest=30)}
        found += verdicts != {GroupVerdict.NO_DIFFERENCE}

    assert found / families <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / families)


def test_a_difference_of_a_fifth_is_found(rng):
    found = 0
    for _ in range(100):
        counts = [(int(rng.binomial(200, share)), 200) for share in (0.5, 0.7, 0.7)]
        found += compare_groups(pairs_of(counts), fewest=30)[0].verdict == GroupVerdict.LOWER

    assert found >= 90

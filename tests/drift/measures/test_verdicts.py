from dataclasses import replace

import pytest

from drift.choices import Verdict
from drift.measures.verdicts import (
    Evidence,
    MetricResult,
    VerdictParameters,
    judge,
    overall_score,
    overall_verdict,
    size_of,
)

MARGIN = (-0.1, 0.1)


def measured(p_value, size=Verdict.DRIFTING, **facts):
    result = MetricResult("quality", "Quality", Verdict.OK, "Quality: lower", "fisher-1", 100, 100, p_value=p_value)
    return Evidence(replace(result, **facts), size, aspect=" in shape", reach=", but little would show")


def finished(verdict, **statistics):
    return MetricResult("quality", "Quality", verdict, "", "fisher-1", 100, 100, statistics=statistics)


@pytest.mark.parametrize(
    ("interval", "verdict"),
    [
        ((-0.05, 0.05), Verdict.OK),
        ((0.05, 0.1), Verdict.OK),
        ((0.05, 0.15), Verdict.WATCH),
        ((-0.15, 0.15), Verdict.WATCH),
        ((0.1, 0.3), Verdict.WATCH),
        ((0.11, 0.3), Verdict.DRIFTING),
        ((-0.3, -0.11), Verdict.DRIFTING),
    ],
)
def test_the_verdict_depends_on_the_whole_interval_of_the_effect(interval, verdict):
    assert size_of(*interval, negligible=MARGIN) == verdict


@pytest.mark.parametrize(
    ("p_value", "size", "verdict", "ending"),
    [
        (0.004, Verdict.DRIFTING, Verdict.DRIFTING, "; a clear change in shape."),
        (0.004, Verdict.WATCH, Verdict.WATCH, "; a change in shape that may be negligible."),
        (0.004, Verdict.OK, Verdict.OK, "; significant but negligible."),
        (0.0041, Verdict.DRIFTING, Verdict.OK, "; no evidence of a change, but little would show."),
    ],
)
def test_the_size_counts_only_with_evidence(p_value, size, verdict, ending):
    (result,) = judge([measured(p_value, size)], VerdictParameters())

    assert (result.verdict, result.sentence) == (verdict, f"Quality: lower{ending}")
    assert result.adjusted_p_value == pytest.approx(10 * p_value)


def test_evidence_is_weighed_among_all_metrics_that_could_be_measured():
    too_few = finished(Verdict.INSUFFICIENT_DATA)
    alone = [measured(0.003), *[measured(0.5)] * 19, too_few]
    together = [*[measured(0.003)] * 10, *[measured(0.5)] * 10, too_few]

    assert [result.verdict for result in judge(alone, VerdictParameters())][0] == Verdict.OK
    assert [result.verdict for result in judge(together, VerdictParameters())][:10] == [Verdict.DRIFTING] * 10
    assert judge(alone, VerdictParameters())[-1] == too_few


@pytest.mark.parametrize(
    ("reached", "verdict", "score"),
    [
        ([], Verdict.INSUFFICIENT_DATA, None),
        ([Verdict.INSUFFICIENT_DATA], Verdict.INSUFFICIENT_DATA, None),
        ([Verdict.OK, Verdict.INSUFFICIENT_DATA], Verdict.OK, 0.0),
        ([Verdict.OK, Verdict.ERROR], Verdict.ERROR, None),
        ([Verdict.WATCH, Verdict.ERROR], Verdict.WATCH, 0.3),
        ([Verdict.WATCH, Verdict.DRIFTING], Verdict.DRIFTING, 0.3),
    ],
)
def test_the_worst_verdict_stands_and_a_failure_never_reads_as_no_drift(reached, verdict, score):
    metrics = [finished(name, ks=0.3) for name in reached]

    assert (overall_verdict(metrics), overall_score(metrics)) == (verdict, score)


def test_the_score_is_the_largest_distance_among_metrics_that_moved():
    metrics = [
        finished(Verdict.OK, ks=0.9),
        finished(Verdict.WATCH, ks=0.2),
        finished(Verdict.DRIFTING, total_variation=0.4),
        finished(Verdict.DRIFTING, squared_mmd=0.7),
    ]

    assert overall_score(metrics) == 0.4
    assert overall_score(metrics[-1:]) == 0.0

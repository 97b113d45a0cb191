"""False alarms and power of the verdicts at fixed seeds; the benchmark measures the same at full size."""

import numpy as np
import pytest

from benchmarks import drift_calibration, drift_populations
from benchmarks.drift_populations import METRICS


@pytest.mark.parametrize("name", ["prompt length", "quality", "code blocks", "refused", "language"])
def test_identical_windows_of_one_metric_are_flagged_in_three_percent_at_most(name):
    rng = np.random.default_rng(1)
    flagged = 0

    for size in (20, 50, 100, 200, 500, 1000):
        for reference in (1000, 10_000):
            for _ in range(20):
                metrics = drift_populations.report(rng, reference, size, metrics={name: METRICS[name]})
                flagged += bool(drift_calibration.flagged(metrics))

    assert flagged <= 0.03 * 240


def test_identical_windows_of_all_metrics_are_flagged_in_six_percent_of_reports_at_most():
    lines = list(drift_calibration.null_lines(30, sizes=(50, 1000)))

    metrics_flagged = np.mean([line[3] for line in lines])
    reports_flagged = np.mean([line[6] for line in lines])
    assert len(lines) == 4
    assert metrics_flagged <= 0.005
    assert reports_flagged <= 0.06


def test_changes_that_matter_are_flagged():
    changes = ("level of a number by 0.2 sd", "spread of a number by 1.3", "refusals 5 % to 10 %")
    chosen = {change: drift_calibration.CHANGES[change] for change in changes}

    flagged = {line[0]: line[4] for line in drift_calibration.power_lines(40, chosen)}

    assert flagged["level of a number by 0.2 sd"] >= 0.85
    assert flagged["spread of a number by 1.3"] >= 0.95
    assert flagged["refusals 5 % to 10 %"] >= 0.95


def test_embeddings_are_flagged_by_a_change_that_keeps_the_mean_and_not_without_one():
    changes = [("none", 1000, 500, {}), ("two clusters", 1000, 500, {"symmetric": 0.2})]

    flagged = {line[0]: line[4] for line in drift_calibration.embedding_lines(8, changes)}

    assert flagged == {"none": 0.0, "two clusters": 1.0}

import numpy as np
import pytest

from benchmarks.drift_series import OURS, Policy, walk
from benchmarks.drift_series_scores import Episodes, covering, f1_with_margin

# References of 20 rows, no gap, windows of 10 at every 10th row: the checks end at rows 30, 40, … 100.
ROWS = np.array([(start, start + 20, start + 30) for start in range(0, 71, 10)])
INCIDENT = [(45, 54)]


@pytest.mark.parametrize(
    ("alarms", "line"),
    [
        # The first alarm is before the incident, the second sees it, the last comes when only the reference holds it.
        ([1, 0, 0, 1, 0, 1, 0, 0], (8, 2 / 6, 1 / 4, 2, 1, 1.0, 15, 0.5)),
        ([0, 0, 1, 1, 1, 0, 0, 0], (8, 1 / 6, 0.0, 0, 1, 1.0, 5, 1.0)),
        ([1] * 8, (8, 1.0, 1.0, 0, 1, 1.0, 5, 1.0)),
        ([0] * 8, (8, 0.0, 0.0, 0, 1, 0.0, "–", 0.0)),
    ],
)
def test_alarms_are_scored_by_the_incidents_that_their_windows_hold(alarms, line):
    scores = Episodes.of_all([(ROWS, np.array(alarms, dtype=bool), INCIDENT)])

    assert scores.line() == pytest.approx(line)


def test_an_incident_that_no_check_could_see_is_not_counted():
    scores = Episodes.of_all([(ROWS, np.zeros(8, dtype=bool), [(5, 9)])])

    assert scores.line() == (8, 0.0, 0.0, 0, 0, "–", "–", "–")


def test_change_points_are_scored_as_their_source_does():
    """The first annotator marked 30 and 60, the second nothing; row 0 counts as a point of everybody."""
    annotators = [[30, 60], []]

    assert f1_with_margin(annotators, [30, 60], margin=5) == 1.0
    # Found are 0 and 33 of 0, 33 and 90; recalled are two of three points and the only one.
    assert f1_with_margin(annotators, [33, 90], margin=5) == pytest.approx(2 * (2 / 3) * (5 / 6) / (2 / 3 + 5 / 6))
    assert f1_with_margin(annotators, [], margin=5) == pytest.approx(2 * 1 * (2 / 3) / (1 + 2 / 3))
    assert covering([[30, 60]], [30, 60], 100) == 1.0
    assert covering([[30, 60]], [], 100) == pytest.approx(0.3 * 0.3 + 0.3 * 0.3 + 0.4 * 0.4)


def test_a_walk_says_since_which_row_a_level_is_another_one(rng):
    values = np.concatenate([rng.normal(0, 1, 600), rng.normal(3, 1, 400)])[:, None]

    found = walk(values, Policy("", reference=200, gap=50, current=50, step=50))

    assert found.rows[0].tolist() == [0, 250, 300]
    assert found.since[OURS] == [600]
    assert found.rows[found.alarms[OURS]][:, 1].tolist() == [600, 650, 700, 750, 800]

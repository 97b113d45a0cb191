"""Where nothing differs, 5 % of comparisons say so; benchmarks/bench_calibration.py has more of them."""

import pytest

from benchmarks import bench_calibration

# Of 300 comparisons with a true rate of .05, all but 2 in 1,000 find between these.
RUNS, LOW, HIGH = 300, 0.013, 0.1


@pytest.mark.parametrize("name", bench_calibration.VALUES)
def test_false_positives_with_users(name, monkeypatch):
    monkeypatch.setattr(bench_calibration, "VALUES", {name: bench_calibration.VALUES[name]})

    (line,) = bench_calibration.clustered_lines(RUNS, sizes=[30])

    _, _, _, rejected, held, ignored = line
    assert LOW <= rejected <= HIGH
    assert 1 - HIGH <= held <= 1 - LOW
    assert ignored > 0.3


@pytest.mark.parametrize("name", bench_calibration.VALUES)
def test_false_positives_of_independent_events(name, monkeypatch):
    monkeypatch.setattr(bench_calibration, "VALUES", {name: bench_calibration.VALUES[name]})

    (line,) = bench_calibration.independent_lines(RUNS, sizes=[60])

    assert LOW <= line[4] <= HIGH

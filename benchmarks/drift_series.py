"""Walks labelled series with the verdicts of drift: `python -m benchmarks.drift_series`. A report, not a target.

The series are metrics of servers with labelled incidents (NAB) and series whose change points five people marked
(TCPD). A check compares the newest rows with a reference that ends a gap before them.
Nothing here was tuned on them. Neighbouring rows of such series resemble each other, as the events of many users do
not, and to windows a trend or the rhythm of a week is a change: both count as false alarms. Detectors that always and
never fire stand beside ours, because measures of episodes reward the one that always does.
"""

import csv
import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks.drift_series_scores import Episodes, covering, f1_with_margin
from benchmarks.labelled_data import data_folder, print_table, require_data
from drift.choices import Verdict
from drift.measures import numbers
from drift.measures.verdicts import Evidence, VerdictParameters, judge, overall_verdict
from drift.reports import persistence
from drift.reports.persistence import Rule, Seen, State
from feedback.statistics import distances
from feedback.statistics.histogram_pairs import HistogramPair

OURS, LASTING = "one window", "two of the last three windows"
DETECTORS = (OURS, LASTING, "KS p < 0.05", "always fires", "never fires")
MARGIN = 5
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Series:
    """values: shape (n, k), k numbers of n rows in order of time. episodes: first and last row of each incident."""

    name: str
    values: np.ndarray
    rows_a_day: int
    episodes: Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Policy:
    """Windows in rows: the newest `current` of them against `reference` that end `gap` before, at every `step`."""

    name: str
    reference: int
    gap: int
    current: int
    step: int

    def windows(self, n: int) -> Iterator[tuple[slice, slice]]:
        for end in range(self.reference + self.gap + self.current, n + 1, self.step):
            start = end - self.current
            yield slice(start - self.gap - self.reference, start - self.gap), slice(start, end)


@dataclass(frozen=True)
class Walk:
    """The checks of one series.

    rows: shape (c, 3), where the reference and the current window begin, and one past the end of that. alarms: by
    detector, whether it fires, shape (c,). since: by detector, the rows from which on an alarm says that things moved.
    """

    rows: np.ndarray
    alarms: dict[str, np.ndarray]
    since: dict[str, list[int]]


def main() -> None:
    require_data()
    header = ("windows", "series", "detector", "checks", "false_alarm_rate", "with a clean reference")
    header += ("false alarms begun", "episodes", "episode_recall", "detection_delay (median rows)", "episode F1")
    print_table("Labelled incidents in server metrics (NAB)", header, list(incident_lines()))
    header = ("series", "rows", "numbers", "detector", "change points found", "F1, margin 5", "covering")
    print_table("Change points marked by five annotators (TCPD), windows of 50 rows", header, list(change_lines()))


def incident_lines() -> Iterator[tuple]:
    every = list(incidents())
    for choose in (_by_rows, _by_days):
        for labelled, name in ((True, "with incidents"), (False, "without")):
            chosen = [series for series in every if bool(series.episodes) == labelled]
            walks = [(series, walk(series.values, choose(series))) for series in chosen]
            judged = [(series, found) for series, found in walks if len(found.rows)]
            for detector in DETECTORS:
                scores = Episodes.of_all(
                    (found.rows, found.alarms[detector], series.episodes) for series, found in judged
                )
                where = f"{len(judged)} of {len(chosen)} {name}"
                yield choose(every[0]).name, where, detector, *scores.line()


def change_lines() -> Iterator[tuple]:
    policy = Policy("", reference=50, gap=50, current=50, step=5)
    for series, annotators in change_points():
        n, k = series.values.shape
        found = walk(series.values, policy)
        if len(found.rows) < policy.current // policy.step + 1:
            yield series.name, n, k, "too short for two windows of 50 rows and their reference", "–", "–", "–"
            continue
        for detector, points in (
            *((name, found.since[name]) for name in (OURS, LASTING)),
            ("always fires", found.rows[:, 1].tolist()),
            ("never fires", []),
        ):
            f1 = f1_with_margin(annotators, points, margin=MARGIN)
            yield series.name, n, k, detector, len(points), f1, covering(annotators, points, n)


def walk(values: np.ndarray, policy: Policy) -> Walk:
    """Check a series of shape (n, k) at every step; several numbers are judged together, as those of a report."""
    state, rows = State(), []
    fired: dict[str, list[bool]] = {name: [] for name in DETECTORS}
    since: dict[str, list[int]] = {OURS: [], LASTING: []}
    for reference, current in policy.windows(len(values)):
        columns = zip(values[reference].T, values[current].T, strict=True)
        pairs = [HistogramPair.of_samples(before, after) for before, after in columns]
        verdict = _verdict(pairs)
        state = persistence.advance(state, Seen(verdict, _moment(current.start), _moment(current.stop)), Rule())
        now = {
            OURS: verdict == Verdict.DRIFTING,
            LASTING: state.verdict == Verdict.DRIFTING,
            "KS p < 0.05": any(distances.ks(pair).p_value < 0.05 for pair in pairs),
            "always fires": True,
            "never fires": False,
        }
        begun = {OURS: current.start, LASTING: _row(state.since_at or _EPOCH)}
        for name, row in begun.items():
            if now[name] and not (fired[name] and fired[name][-1]):
                since[name].append(row)
        for name, fires in now.items():
            fired[name].append(fires)
        rows.append((reference.start, current.start, current.stop))
    alarms = {name: np.array(fires, dtype=bool) for name, fires in fired.items()}
    return Walk(np.array(rows, dtype=int).reshape(-1, 3), alarms, since)


def _verdict(pairs: Sequence[HistogramPair]) -> str:
    measured = [numbers.measure("number", "Number", pair, VerdictParameters()) for pair in pairs]
    if not all(isinstance(item, Evidence) for item in measured):
        return Verdict.INSUFFICIENT_DATA
    return overall_verdict(judge(measured, VerdictParameters()))


def _moment(row: int) -> datetime:
    return _EPOCH + timedelta(minutes=row)


def _row(moment: datetime) -> int:
    return int((moment - _EPOCH) / timedelta(minutes=1))


def _by_rows(series: Series) -> Policy:
    return Policy("100 rows v 400, gap 100", reference=400, gap=100, current=100, step=25)


def _by_days(series: Series) -> Policy:
    """Whole days, as few as hold the 50 values that a verdict needs, so that the rhythm of a day is in both windows."""
    day = series.rows_a_day * -(-VerdictParameters().minimum_n // series.rows_a_day)
    return Policy("whole days v thrice as many, gap as long", reference=3 * day, gap=day, current=day, step=day // 4)


def incidents() -> Iterator[Series]:
    folder = data_folder() / "drift_nab_metrics"
    for line in (folder / "labels.jsonl").read_text().splitlines():
        label = json.loads(line)
        with gzip.open(folder / label["file"], "rt") as file:
            rows = list(csv.DictReader(file))
        at = np.array([row["timestamp"] for row in rows], dtype="datetime64[s]")
        values = np.array([float(row["value"]) for row in rows])[:, None]
        spans = np.array(label["anomaly_windows"], dtype="datetime64[s]").reshape(-1, 2)
        episodes = [
            (int(np.searchsorted(at, first, "left")), int(np.searchsorted(at, last, "right")) - 1)
            for first, last in spans
        ]
        a_day = round(86_400 / float(np.median(np.diff(at).astype(float))))
        yield Series(label["source"], values, a_day, episodes)


def change_points() -> Iterator[tuple[Series, list[list[int]]]]:
    """Each series with the rows at which each annotator saw a change."""
    for path in sorted((data_folder() / "drift_changepoints_tcpd").glob("*.annotations.jsonl")):
        label = json.loads(path.read_text())
        values = _columns(path.with_name(f"{label['series']}.csv"))
        yield Series(label["series"], values, 1, ()), list(label["annotators"].values())


def _columns(path: Path) -> np.ndarray:
    with path.open() as file:
        rows = list(csv.reader(file))[1:]
    return np.array([row[1:] for row in rows], dtype=float)


if __name__ == "__main__":
    main()

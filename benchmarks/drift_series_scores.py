"""Scores of detectors on labelled series: false alarms, recall and delay of episodes, F1 and covering of change points.

The words are those of drift.evaluate of River and of van den Burg & Williams (2020), arXiv 2003.06222.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Episodes:
    """Counts over all series.

    A check is outside if its current window holds no labelled row; an alarm there is false, also when it is the end of
    an incident that is seen, which those of clean checks are not: none of their rows, of the reference to the newest,
    is labelled. An episode is found if an alarm is on at a check whose current window holds some of its rows; episodes
    that no check could see are not counted. delays: rows from the first of the episode to that check's end.
    """

    checks: int
    outside: int
    false_checks: int
    clean: int
    false_clean: int
    false_runs: int
    runs: int
    episodes: int
    delays: tuple[int, ...]

    @classmethod
    def of_all(cls, walks: Iterable[tuple[np.ndarray, np.ndarray, Sequence[tuple[int, int]]]]) -> "Episodes":
        """walks: of each series the rows of its checks, shape (c, 3), its alarms, shape (c,), and its episodes.

        Rows: where the reference begins, where the current window begins, and one past the end of that.
        """
        checks = outside = false_checks = clean = false_clean = false_runs = runs = episodes = 0
        delays: list[int] = []
        for rows, alarms, labelled in walks:
            first_rows, starts, ends = rows.T
            sees = _held(starts, ends, labelled)
            inside, untouched = sees.any(axis=0), ~_held(first_rows, ends, labelled).any(axis=0)
            clean, false_clean = clean + int(untouched.sum()), false_clean + int((alarms & untouched).sum())
            of_run = _runs(alarms)
            checks, outside = checks + len(ends), outside + int((~inside).sum())
            false_checks += int((alarms & ~inside).sum())
            runs += len(of_run)
            false_runs += sum(not inside[run].any() for run in of_run)
            for (first, _), seen in zip(labelled, sees, strict=True):
                episodes += bool(seen.any())
                if (alarms & seen).any():
                    delays.append(int(ends[alarms & seen][0]) - first)
        return cls(checks, outside, false_checks, clean, false_clean, false_runs, runs, episodes, tuple(delays))

    def line(self) -> tuple:
        """checks, false alarm rates, false alarms begun, episodes, recall, median delay and F1; – where undefined."""
        rates = [
            false / n if n else "–" for false, n in ((self.false_checks, self.outside), (self.false_clean, self.clean))
        ]
        if not self.episodes:
            return self.checks, *rates, self.false_runs, 0, "–", "–", "–"
        recall = len(self.delays) / self.episodes
        precision = (self.runs - self.false_runs) / self.runs if self.runs else 1.0
        f1 = 2 * precision * recall / (precision + recall) if recall else 0.0
        delay = int(np.median(self.delays)) if self.delays else "–"
        return self.checks, *rates, self.false_runs, self.episodes, recall, delay, f1


def _held(starts, ends, labelled) -> np.ndarray:
    """Whether these rows hold some of each episode: shape (episodes, checks)."""
    held = [(starts <= last) & (ends > first) for first, last in labelled]
    return np.array(held, dtype=bool).reshape(-1, len(ends))


def _runs(alarms: np.ndarray) -> list[slice]:
    """The stretches of checks in which the alarm stays on."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], alarms.astype(int), [0]])))
    return [slice(first, last) for first, last in edges.reshape(-1, 2)]


def f1_with_margin(annotators: Sequence[Sequence[int]], found: Sequence[int], *, margin: int) -> float:
    """Return F1, 0 to 1, of change points: precision over all annotators together, recall as their mean.

    annotators, found: rows at which something begins. Row 0 counts as one of each, so nobody and nothing has none. A
    marked point answers to one found point at most.
    Source: van den Burg & Williams (2020), arXiv 2003.06222, section 4.2.
    """
    marked = [{0, *points} for points in annotators]
    found = {0, *found}
    precision = _matched(set().union(*marked), found, margin) / len(found)
    recall = float(np.mean([_matched(points, found, margin) / len(points) for points in marked]))
    return 2 * precision * recall / (precision + recall)


def _matched(marked, found, margin) -> int:
    left, hits = sorted(found), 0
    for point in sorted(marked):
        near = [other for other in left if abs(other - point) <= margin]
        if near:
            left.remove(min(near, key=lambda other: abs(other - point)))
            hits += 1
    return hits


def covering(annotators: Sequence[Sequence[int]], found: Sequence[int], n: int) -> float:
    """Return the mean covering, 0 to 1, of the annotators' segments of n rows by the segments between found points.

    Source: van den Burg & Williams (2020), arXiv 2003.06222, section 4.2.
    """
    ours = _segments(found, n)
    return float(np.mean([_covered(_segments(points, n), ours, n) for points in annotators]))


def _segments(points, n):
    edges = sorted({0, n, *(point for point in points if 0 < point < n)})
    return list(zip(edges[:-1], edges[1:], strict=True))


def _covered(segments, by, n) -> float:
    return sum((last - first) * max(_jaccard(first, last, *other) for other in by) for first, last in segments) / n


def _jaccard(first, last, other_first, other_last) -> float:
    both = max(0, min(last, other_last) - max(first, other_first))
    return both / (last - first + other_last - other_first - both)

"""Measures a whole drift check from rollups with a million and ten million events: `python -m benchmarks.drift_check`.

Time is that of the processor in this process and in the PostgreSQL process that serves it. The windows are two weeks
against the two weeks before, without embeddings, whose sample is bounded whatever the traffic. Drift of raw arrays is
measured beside Evidently's preset, where that can be installed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django
import numpy as np
import psutil
from scipy.stats import ks_2samp

from benchmarks.labelled_data import print_table
from tests import environment

DEPLOYMENT = "helpdesk"
START = datetime(2026, 5, 4, tzinfo=UTC)
HOURS = 28 * 24
DRAWN_AN_HOUR = 1_500
REPEATED = 5
ROWS, COLUMNS = 1_000_000, 4
RAW_HEADER = ("values", "distinct in a column", "what", "processor seconds", "times as fast", "largest error of KS")
PEER = ("evidently==0.7.23", "pandas<3")


def main() -> None:
    environment.provide()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    with _database():
        lines = [line for factor in (1, 10) for line in _checks(factor)]
    header = ("events in the windows", "metrics", "step", "processor milliseconds here", "in PostgreSQL")
    print_table("Complete drift check, two weeks against the previous two", header, lines)
    raw = list(_raw_arrays())
    print_table(f"Drift of raw arrays, {ROWS:,} and {ROWS:,} rows, {COLUMNS} columns", RAW_HEADER, raw)


@contextmanager
def _database() -> Iterator[None]:
    from django.test.utils import setup_databases, teardown_databases  # noqa: PLC0415 - needs django.setup

    made = setup_databases(verbosity=0, interactive=False, serialized_aliases=[])
    try:
        yield
    finally:
        teardown_databases(made, verbosity=0)


def _checks(factor: int) -> Iterator[tuple[str, int, str, float, float]]:
    from drift.measures.verdicts import VerdictParameters  # noqa: PLC0415
    from drift.reading import contents  # noqa: PLC0415
    from drift.reading.contents import Wanted  # noqa: PLC0415
    from drift.reports import comparison  # noqa: PLC0415
    from drift.windows.window import Window  # noqa: PLC0415

    deployment_id = f"{DEPLOYMENT}-{factor}"
    _roll_up(deployment_id, factor)
    middle, end = START + timedelta(days=14), START + timedelta(days=28)
    windows = Window(start_at=START, end_at=middle), Window(start_at=middle, end_at=end)

    def read():
        return contents.read_pair(*windows, Wanted(deployment_id))

    def compare(pair):
        return comparison.compare(*(side.data for side in pair), parameters=VerdictParameters(), seed=0)

    pair = read()
    found = compare(pair)
    events = f"{sum(side.data.n for side in pair):,}"
    for step, work in (
        ("read", read),
        ("compare", lambda: compare(pair)),
        ("both", lambda: compare(read())),
    ):
        yield events, len(found), step, *_processor_milliseconds(work)


def _raw_arrays() -> Iterator[tuple]:
    """Level, spread, shape and verdict of every column, and Evidently's preset on the same arrays.

    Both kinds of values have more of them than our grid has steps, so what the grid costs in accuracy is told as well.
    """
    from drift.measures import numbers  # noqa: PLC0415
    from drift.measures.verdicts import VerdictParameters  # noqa: PLC0415
    from feedback.statistics.histogram_pairs import HistogramPair  # noqa: PLC0415

    rng = np.random.default_rng(0)
    continuous = [_columns(rng, level) for level in (0.0, 0.02)]
    for values, sides in (("continuous", continuous), ("whole numbers", [np.floor(100 * side) for side in continuous])):
        pairs = list(zip(*(side.T for side in sides), strict=True))
        begun = time.process_time()
        found = [numbers.measure("", "", HistogramPair.of_samples(*pair), VerdictParameters()).result for pair in pairs]
        ours = time.process_time() - begun
        exact = [ks_2samp(*pair, method="asymp").statistic for pair in pairs]
        error = max(abs(one.statistics["ks"] - other) for one, other in zip(found, exact, strict=True))
        distinct = [len(np.unique(np.concatenate(pair))) for pair in pairs]
        kind = (values, f"{min(distinct):,} to {max(distinct):,}")
        theirs = _evidently(*sides)
        yield *kind, "this project", ours, theirs / ours if theirs else "–", f"{error:.1e}"
        if theirs:
            yield *kind, f"{PEER[0]}, DataDriftPreset", theirs, 1.0, "–"


def _columns(rng: np.random.Generator, level: float) -> np.ndarray:
    """Of shape (ROWS, COLUMNS): symmetric, evenly spread, skewed, and with a long tail."""
    kinds = (rng.normal(10 + level, 1, ROWS), rng.uniform(level, 10 + level, ROWS))
    return np.column_stack([*kinds, rng.lognormal(5 + level, 0.8, ROWS), rng.lognormal(5 + level, 2.5, ROWS)])


def _evidently(reference: np.ndarray, current: np.ndarray) -> float | None:
    """Its processor seconds, in an environment of its own that uv makes and keeps; None where that is not possible."""
    uv = shutil.which("uv", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
    if uv is None:
        print("Skipped: Evidently needs uv; use `make bench`.")
        return None
    packages = [option for package in PEER for option in ("--with", package)]
    script = Path(__file__).with_name("drift_peer.py")
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder) / "reference.npz", reference=reference)
        np.savez(Path(folder) / "current.npz", current=current)
        command = [uv, "run", "--quiet", "--no-project", "--isolated", *packages, "python", str(script), folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"Skipped: Evidently failed: {done.stderr.strip().splitlines()[-1]}")
        return None
    return float(done.stdout)


def _processor_milliseconds(work: Callable[[], object]) -> tuple[float, float]:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = psutil.Process(cursor.fetchone()[0])
    here, there = [], []
    for _ in range(REPEATED):
        begun, begun_there = time.process_time(), sum(server.cpu_times()[:2])
        work()
        here.append(time.process_time() - begun)
        there.append(sum(server.cpu_times()[:2]) - begun_there)
    return 1_000 * min(here), 1_000 * float(np.mean(there))


def _roll_up(deployment_id: str, factor: int) -> None:
    """Rollups of four weeks as writers would leave them, once folded; `factor` events for each that is drawn."""
    from django.db import connection, transaction  # noqa: PLC0415

    from feedback.measures.measuring import Place  # noqa: PLC0415
    from feedback.models import Deployment  # noqa: PLC0415
    from feedback.rollups import deltas, folding  # noqa: PLC0415
    from feedback.rollups.deltas import Change  # noqa: PLC0415
    from feedback.rollups.segments import Group  # noqa: PLC0415

    Deployment.objects.create(pk=deployment_id)
    rng = np.random.default_rng(0)
    for hour in range(HOURS):
        place = Place(deployment_id, "v1", "", START + timedelta(hours=hour))
        with transaction.atomic():
            deltas.insert([Change(Group(place, ""), _cells(rng, factor))])
    folding.fold()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _cells(rng: np.random.Generator, factor: int) -> dict:
    from feedback.choices import Metric  # noqa: PLC0415
    from feedback.measures.binning import Kind  # noqa: PLC0415
    from feedback.measures.catalogue import METRICS, kind_of, measure_of  # noqa: PLC0415
    from feedback.measures.histograms import Histogram  # noqa: PLC0415
    from feedback.rollups.tally import Cell  # noqa: PLC0415

    cells = {}
    for metric in (*METRICS, *(f"check.{name}" for name in ("format", "length", "refusal", "repetition"))):
        kind = kind_of(metric)
        if kind == Kind.CATEGORY:
            drawn = rng.multinomial(DRAWN_AN_HOUR if metric != Metric.SIGNAL else 60, [0.9, 0.08, 0.02])
            names = ("thumbs_up", "thumbs_down", "edit") if metric == Metric.SIGNAL else ("a", "b", "c")
            counts = {name: int(n) * factor for name, n in zip(names, drawn, strict=True) if n}
            cells[measure_of(metric)] = Cell(n=sum(counts.values()), names=counts)
            continue
        values = _VALUES[kind](rng)
        if metric.startswith(("prompt.", "response.")) and kind == Kind.COUNT:
            values = rng.poisson(6, DRAWN_AN_HOUR).astype(float)
        found = Histogram.of(values, kind)
        sums = found.total * factor, found.squares * factor
        cells[measure_of(metric)] = Cell(found.n * factor, *sums, found.bins, found.counts * factor)
    return cells


_VALUES = {
    "count": lambda rng: np.floor(rng.lognormal(5.5, 0.8, DRAWN_AN_HOUR)),
    "amount": lambda rng: rng.lognormal(6.5, 0.6, DRAWN_AN_HOUR),
    "score": lambda rng: np.where(rng.random(DRAWN_AN_HOUR) < 0.5, 1.0, rng.beta(8, 2, DRAWN_AN_HOUR)),
}


if __name__ == "__main__":
    main()

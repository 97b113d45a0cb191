"""Measures stores and pages at a million events and more: `python -m benchmarks.volume`.

Each store runs in a process of its own, on a database of its own. A page is asked for by a signed-in user, in process,
until its time is steady; its figure is the median as a multiple of the one at the smallest size.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.labelled_data import print_table

SIZES = {"postgres": (100_000, 1_000_000, 5_000_000), "clickhouse": (100_000, 1_000_000, 10_000_000)}


def main() -> None:
    for store, sizes in SIZES.items():
        with tempfile.TemporaryDirectory(prefix="crucible-volume-") as folder:
            results = _run(store, sizes, Path(folder))
        first = results[0]["pages"]
        print_table(
            f"{store}: loading while the writer runs, texts of about 250 characters",
            ("events", "events/s", "rollups µs/event", "bytes per event"),
            [(f"{r['events']:,}", r["events_per_second"], r["rollup_us"], r["bytes_per_event"]) for r in results],
        )
        print_table(
            f"{store}: milliseconds, and multiples of those at {results[0]['events']:,} events",
            ("page", *(f"{r['events']:,}" for r in results), *(f"× at {r['events']:,}" for r in results[1:])),
            [
                (page, *(r["pages"][page] for r in results), *(r["pages"][page] / ms for r in results[1:]))
                for page, ms in first.items()
            ],
        )
        if scans := [(f"{r['events']:,}", *r["scan"]) for r in results if r["scan"]]:
            header = ("events stored", "seconds", "bare COPY seconds", "of COPY")
            print_table(f"{store}: 1,000,000 rows of six columns as Arrow", header, scans)


def _run(store: str, sizes: tuple[int, ...], folder: Path) -> list[dict]:
    environment = os.environ | {
        "EVENT_STORE": store,
        "CLICKHOUSE_URL": f"chdb://{folder}/clickhouse",
        "LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    command = [sys.executable, "-m", "benchmarks.volume_run", *map(str, sizes)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()

"""Measures whether the loop improves a model: `python -m benchmarks.loop [--seeds N] [--tune] [--json FILE]`.

Simulated users ask real texts of a small classifier and react to its answers, some of them with bad intent. A student
learns from what each arm makes of that. One seed of each attack goes through the real API, and what it exports must be
what the same kernels select without servers.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.labelled_data import print_table, require_data
from benchmarks.loop import seeds
from benchmarks.loop.texts import TASKS
from benchmarks.loop.traffic import ATTACKS
from benchmarks.rollups import prepared_database

SEEDS = 40


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.loop")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--tune", action="store_true", help="use the half of the texts to tune on")
    parser.add_argument("--only", nargs="+", default=[], help="attacks whose name begins so")
    parser.add_argument("--tasks", nargs="+", default=TASKS, choices=TASKS)
    parser.add_argument("--without-api", action="store_true", help="leave out the seed that goes through the API")
    parser.add_argument("--without-traces", action="store_true", help="leave out the recorded tool calls")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    require_data()
    seeds.set_up()
    from benchmarks.loop import through_api, traces  # noqa: PLC0415 - needs django.setup

    attacks = [one for one in ATTACKS if not arguments.only or one.name.startswith(tuple(arguments.only))]
    begun = time.monotonic()
    tables = {}
    if not arguments.without_api:
        compared = through_api.compared(attacks)
        tables[through_api.TITLE] = _print(through_api.TITLE, through_api.HEADER, compared)
    title, header, lines = seeds.measured(arguments.tasks, attacks, range(arguments.seeds), held_out=not arguments.tune)
    tables[title] = _print(title, header, lines)
    if not arguments.without_traces:
        with prepared_database():
            tables[traces.TITLE] = _print(traces.TITLE, traces.HEADER, traces.run())
    seconds = time.monotonic() - begun
    print(f"\n{seconds:.0f} seconds.")
    if arguments.json:
        arguments.json.write_text(json.dumps({"seconds": seconds, "tables": tables}, indent=1) + "\n")
    if not arguments.without_api and any(line[-1] for line in compared):
        sys.exit("The API made other rows than the kernels.")


def _print(title: str, header: Sequence[str], lines: list[tuple]) -> list[dict]:
    print_table(title, tuple(header), lines)
    return [dict(zip(header, line, strict=True)) for line in lines]


if __name__ == "__main__":
    main()

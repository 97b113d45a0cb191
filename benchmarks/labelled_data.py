"""Reads the labelled public data sets that may lie beside the repository."""

import gzip
import json
import os
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

_BESIDE_REPOSITORY = Path(__file__).resolve().parents[1].parent / "shared" / "data"
ABSENT = "No labelled data in {}. Set CRUCIBLE_DATA to use another folder."


def data_folder() -> Path:
    return Path(os.environ.get("CRUCIBLE_DATA", _BESIDE_REPOSITORY))


def require_data() -> None:
    """End the benchmark with a sentence if there is nothing to measure on."""
    if not data_folder().is_dir():
        print(ABSENT.format(data_folder()))
        sys.exit(0)


def rows(dataset: str) -> Iterator[dict]:
    """Yield the rows of every file of a data set."""
    for path in sorted((data_folder() / dataset).glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def half(dataset: str, *, held_out: bool) -> Iterator[dict]:
    """Yield the rows of one half of a data set, by a hash of their ids: one to tune on, the other held out."""
    return (row for row in rows(dataset) if zlib.crc32(row["id"].encode()) % 2 == held_out)


def print_table(title: str, header: tuple[str, ...], lines: list[tuple]) -> None:
    cells = [
        tuple(f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in line) for line in [header, *lines]
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    print(f"\n{title}")
    for line in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())

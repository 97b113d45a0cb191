"""Measures the memory of exports of 500,000 conversations: `python -m benchmarks.exports_large`."""

from benchmarks import exports
from benchmarks.labelled_data import print_table

ROWS = 500_000
FORMATS = ("jsonl", "parquet", "arrow", "csv")


def main() -> None:
    print_table(*exports.measured(ROWS, FORMATS))


if __name__ == "__main__":
    main()

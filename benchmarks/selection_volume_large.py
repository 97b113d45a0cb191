"""Measures `benchmarks.selection_volume` at a million events: `python -m benchmarks.selection_volume_large`."""

from benchmarks import selection_volume
from benchmarks.labelled_data import print_table

EVENTS = 1_000_000


def main() -> None:
    for title, header, lines in selection_volume.measured(EVENTS):
        print_table(title, header, lines)


if __name__ == "__main__":
    main()

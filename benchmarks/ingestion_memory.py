"""Sends a million events and shows what memory does meanwhile: `python -m benchmarks.ingestion_memory`."""

from benchmarks.ingestion_runs import LEDGER, loaded_installation
from benchmarks.labelled_data import print_table

EVENTS = 1_000_000
EVENTS_PER_REQUEST = 500
POINTS = 10
# Memory is flat when the second half's highest is at most this many times the first half's.
FLAT_WITHIN = 1.1


def main() -> None:
    with loaded_installation() as site:
        runs, points = [], []
        for _ in range(POINTS):
            requests = EVENTS // POINTS // EVENTS_PER_REQUEST
            runs.append(site.send("", requests=requests, events_per_request=EVENTS_PER_REQUEST))
            points.append(site.memory_mib())
        lines = [
            (f"{(number + 1) * EVENTS // POINTS:,}", round(run.events_per_second), *point.values())
            for number, (run, point) in enumerate(zip(runs, points, strict=True))
        ]
        header = ("events so far", "events/s", *(f"{program} MiB" for program in points[0]))
        print_table(f"Memory over {EVENTS:,} events", header, lines)
        growths = [(program, _growth([point[program] for point in points])) for program in points[0]]
        print_table(
            "Peak of the second half relative to the first half",
            ("program", "ratio", "flat"),
            [(program, growth, "yes" if growth <= FLAT_WITHIN else "NO") for program, growth in growths],
        )
        print_table("Ledger", ("sent", *LEDGER, "rows of events"), [site.balance()])


def _growth(mib: list[int]) -> float:
    middle = len(mib) // 2
    return max(mib[middle:]) / max(mib[:middle])


if __name__ == "__main__":
    main()

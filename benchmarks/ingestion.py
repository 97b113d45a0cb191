"""Measures ingestion from HTTP to stored: `python -m benchmarks.ingestion`.

Everything shares this machine: a client with four connections, the web server, one writer, and Valkey and PostgreSQL
as `make run` has them, which sync every write. The floor is a bare COPY of the same rows, already in its text format,
into a table of the same columns without key and index; events whose answer is a tool call have a floor of their own.
Trust the ratios of one run, not figures of two.

To see where the time goes, attach py-spy (`pip install py-spy`) to a process that is named at the start:

    py-spy record --pid NUMBER --gil --duration 15 --function --format raw --output stacks.txt
"""

import time
from collections.abc import Iterable
from statistics import median, quantiles

import psycopg

from benchmarks.ingestion_runs import LEDGER, PROGRAMS, LoadedInstallation, Run, loaded_installation
from benchmarks.labelled_data import print_table

EVENTS = 60_000
SINGLE_EVENTS = 3_000
WARM_UP_REQUESTS = 50
PACED_SECONDS = 15
WAYS = (("requests of 100", 100, EVENTS), ("requests of 500", 500, EVENTS), ("single events", 1, SINGLE_EVENTS))
TOOL_CALLS = "requests of 100, tool calls"
BLOCK_BYTES = 128 * 1_024


def main() -> None:
    with loaded_installation() as site:
        print_table("Processes", ("program", "numbers"), list(site.processes().items()))
        site.send("warm-up", requests=WARM_UP_REQUESTS, events_per_request=100)
        runs, copies = [], []
        for name, size, events in WAYS:
            runs.append(site.send(name, requests=events // size, events_per_request=size))
            copies.append(copy_speed(site.database))
        runs.append(send_paced(site, runs[0].events_per_second / 2))
        calling = site.send(TOOL_CALLS, requests=EVENTS // 100, events_per_request=100, tool_calls=True)
        copies_of_calls = [copy_speed(site.database, "tools_hash <> ''") for _ in WAYS]
        print_table(
            f"From HTTP to stored, events of {runs[0].result.mean_characters:.0f} characters",
            ("way", "events", "seconds", "events/s", "of COPY", "p50 ms", "p95 ms", "p99 ms", "429 and 503"),
            [
                _copy_line("bare COPY", median(copies)),
                *(_speed_line(run, median(copies)) for run in runs),
                _copy_line("bare COPY of tool calls", median(copies_of_calls)),
                _speed_line(calling, median(copies_of_calls)),
            ],
        )
        print_table(
            "Processor microseconds per event, and cores in use",
            ("way", "client", *PROGRAMS, "all", "cores", "cores of others", "cores waiting for disks"),
            list(cpu_lines([*runs, calling])),
        )
        print_table("Peak memory", ("program", "MiB"), list(site.memory_mib(peak=True).items()))
        print_table("Ledger", ("sent", *LEDGER, "rows of events"), [site.balance()])


def send_paced(site: LoadedInstallation, events_per_second: float) -> Run:
    """Send requests of 100 events when they are due, whatever the answers take."""
    per_second = events_per_second / 100
    name = f"requests of 100, {events_per_second:.0f} events/s due"
    requests = max(2, round(per_second * PACED_SECONDS))
    return site.send(name, requests=requests, events_per_request=100, per_second=per_second)


def copy_speed(database: psycopg.Connection, condition: str = "tools_hash = ''") -> float:
    """Rows a second of a bare COPY of stored events, of at least EVENTS that meet this condition."""
    with database.cursor() as cursor:
        with cursor.copy(f"COPY (SELECT * FROM feedback_event WHERE {condition} LIMIT {EVENTS}) TO STDOUT") as copy:
            content = b"".join(copy)
        cursor.execute("CREATE TABLE floor (LIKE feedback_event)")
        begun_at = time.monotonic()
        with cursor.copy("COPY floor FROM STDIN") as copy:
            for start in range(0, len(content), BLOCK_BYTES):
                copy.write(content[start : start + BLOCK_BYTES])
        seconds = time.monotonic() - begun_at
        cursor.execute("DROP TABLE floor")
    return EVENTS / seconds


def _copy_line(name: str, rows_per_second: float) -> tuple:
    return name, EVENTS, EVENTS / rows_per_second, round(rows_per_second), 1.0, "", "", "", ""


def _speed_line(run: Run, copied_per_second: float) -> tuple:
    percentiles = quantiles(run.result.answer_ms, n=100)
    answers = (round(percentiles[percent - 1]) for percent in (50, 95, 99))
    rate = run.events_per_second
    # Of a paced run the rate says only that it kept up.
    share = "" if run.job.requests_per_second else rate / copied_per_second
    return run.name, run.job.events, run.seconds, round(rate), share, *answers, run.times_refused


def cpu_lines(runs: list[Run]) -> Iterable[tuple]:
    for run in runs:
        microseconds = [round(seconds * 1e6 / run.job.events) for seconds in run.cpu_seconds.values()]
        ours = sum(run.cpu_seconds.values())
        others, waiting = run.machine.busy_seconds - ours, run.machine.disk_seconds
        yield run.name, *microseconds, sum(microseconds), *(part / run.seconds for part in (ours, others, waiting))


if __name__ == "__main__":
    main()

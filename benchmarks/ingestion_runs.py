"""One installation under load: events sent to it, followed until the ledger holds them, and what that took."""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks import load_client, process_usage
from benchmarks.load_client import Job, Result
from benchmarks.process_usage import Machine
from config.embedded.servers import postgres
from tests.servers.installation import POSTGRES, VALKEY, WEB, WRITER, Installation, installation

PROGRAMS = (WEB, WRITER, VALKEY, POSTGRES)
LEDGER = ("accepted", "stored", "duplicate", "sampled_out", "rejected", "invalid")
# As in a fresh installation; the tests' own is shorter.
FLUSH_SECONDS = 1.0
PATIENCE_SECONDS = 60
LOOK_SECONDS = 0.02


@dataclass(frozen=True)
class Run:
    """Events that were sent and stored, with seconds of processor time by program and of the whole machine."""

    name: str
    job: Job
    result: Result
    seconds: float
    cpu_seconds: dict[str, float]
    machine: Machine

    @property
    def events_per_second(self) -> float:
        return self.job.events / self.seconds

    @property
    def times_refused(self) -> int:
        """How often the server asked to come back later."""
        return sum(n for status, n in self.result.statuses.items() if status in load_client.BUSY)


class LoadedInstallation:
    """A web server, one writer and durable servers; of PostgreSQL's memory nothing is said, as most of it is shared."""

    def __init__(self, made: Installation, database: psycopg.Connection):
        self.made = made
        self.database = database
        self.sent = 0

    def processes(self) -> dict[str, list[int]]:
        return {name: process_usage.with_descendants(self.made.running[name].pid) for name in PROGRAMS}

    def memory_mib(self, *, peak: bool = False) -> dict[str, int]:
        processes = self.processes()
        return {
            name: round(process_usage.memory_mib(processes[name], peak=peak)) for name in PROGRAMS if name != POSTGRES
        }

    def send(
        self,
        name: str,
        *,
        requests: int,
        events_per_request: int,
        per_second: float | None = None,
        tool_calls: bool = False,
    ) -> Run:
        """Send events, at a rate if one is given, and wait until the ledger holds them all."""
        job = Job(self.made.port, self.made.key, requests, events_per_request, per_second, tool_calls)
        self.sent += job.events
        before = self._cpu_seconds()
        result = load_client.run(job)
        seconds = self._wait_until_written() - result.begun_at
        spent = {name: after - before[name] for name, after in self._cpu_seconds().items()}
        machine = process_usage.machine().since(result.machine_before)
        return Run(name, job, result, seconds, {"client": result.cpu_seconds} | spent, machine)

    def ledger(self) -> dict[str, int]:
        """What the ledger says of all requests together."""
        sums = ", ".join(f"coalesce(sum({name}), 0)::bigint" for name in LEDGER)
        row = self.database.execute(f"SELECT {sums} FROM feedback_ingestbatch").fetchone()
        return dict(zip(LEDGER, row, strict=True))

    def balance(self) -> tuple[int, ...]:
        """Events sent, the ledger, and events found; the benchmark ends if they differ."""
        counts = self.ledger()
        found = self.database.execute("SELECT count(*) FROM feedback_event").fetchone()[0]
        if not self.sent == counts["accepted"] == counts["stored"] == found:
            sys.exit(f"{self.sent} events were sent, {found} are stored, and the ledger says {counts}.")
        return self.sent, *counts.values(), found

    def _cpu_seconds(self) -> dict[str, float]:
        return {name: process_usage.cpu_seconds(numbers) for name, numbers in self.processes().items()}

    def _wait_until_written(self) -> float:
        """Return the time at which the ledger held everything that was sent."""
        seen, seen_at = 0, time.monotonic()
        while (written := self.ledger()["accepted"]) < self.sent:
            if written > seen:
                seen, seen_at = written, time.monotonic()
            elif time.monotonic() - seen_at > PATIENCE_SECONDS:
                sys.exit(f"The ledger holds {written} of {self.sent} events and nothing comes any more.")
            time.sleep(LOOK_SECONDS)
        return time.monotonic()


@contextmanager
def loaded_installation() -> Iterator[LoadedInstallation]:
    """Start an installation in a temporary folder; nothing of it is left."""
    with ExitStack() as cleanup:
        folder = cleanup.enter_context(tempfile.TemporaryDirectory(prefix="crucible-bench-"))
        made = cleanup.enter_context(installation(Path(folder), flush_seconds=FLUSH_SECONDS))
        for name in (POSTGRES, VALKEY, WRITER, WEB):  # They end in the opposite order.
            cleanup.callback(made.stop, name)
        database = cleanup.enter_context(psycopg.connect(postgres.url(made.home), autocommit=True))
        yield LoadedInstallation(made, database)

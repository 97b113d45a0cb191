"""Sends events over four connections and tells how long each answer took: a process of its own, as a client is.

Reads one job as JSON from the standard input and writes one result to the standard output.
"""

import http.client
import resource
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count

import msgspec

from benchmarks import process_usage
from benchmarks.process_usage import Machine
from benchmarks.simulated_events import Bodies
from config.embedded.home import ROOT
from config.embedded.running.programs import tied
from config.embedded.servers.ports import LOOPBACK

CONNECTIONS = 4
BUSY = {429, 503}


@dataclass(frozen=True)
class Job:
    """With a rate, requests are due at fixed times whatever the answers take; without, each follows an answer."""

    port: int
    key: str
    requests: int
    events_per_request: int
    requests_per_second: float | None = None
    tool_calls: bool = False

    @property
    def events(self) -> int:
        return self.requests * self.events_per_request


@dataclass
class Result:
    """Times are of the machine's monotonic clock; a paced request counts from when it was due."""

    begun_at: float
    machine_before: Machine
    mean_characters: float
    cpu_seconds: float = 0.0
    answer_ms: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=Counter)


def run(job: Job) -> Result:
    """Run a client on this job, from its start to its end."""
    command = tied([sys.executable, "-m", "benchmarks.load_client"], "--folder", str(ROOT))
    ended = subprocess.run(command, input=msgspec.json.encode(job), stdout=subprocess.PIPE, check=False)
    if ended.returncode:
        sys.exit("The client failed; the reason stands above.")
    return msgspec.json.decode(ended.stdout, type=Result)


class _Client:
    def __init__(self, job: Job):
        self.job = job
        self.bodies = Bodies(tool_calls=job.tool_calls)
        self.result = Result(time.monotonic(), process_usage.machine(), self.bodies.mean_characters)
        self.numbers = count()
        self.lock = threading.Lock()

    def run(self) -> Result:
        cpu_before = _cpu_seconds()
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            connections = [pool.submit(self._work) for _ in range(CONNECTIONS)]
        for connection in connections:
            connection.result()
        self.result.cpu_seconds = _cpu_seconds() - cpu_before
        return self.result

    def _work(self) -> None:
        connection = http.client.HTTPConnection(LOOPBACK, self.job.port)
        connection.connect()
        while True:
            with self.lock:
                number = next(self.numbers)
                if number >= self.job.requests:
                    return
                body = self.bodies.make(self.job.events_per_request)
            due_at = self._wait(number)
            self._send(connection, body, due_at)

    def _wait(self, number: int) -> float:
        """Wait until this request is due and return the time from which its answer is counted."""
        if self.job.requests_per_second is None:
            return time.monotonic()
        due_at = self.result.begun_at + number / self.job.requests_per_second
        time.sleep(max(0.0, due_at - time.monotonic()))
        return due_at

    def _send(self, connection: http.client.HTTPConnection, body: bytes, due_at: float) -> None:
        headers = {"Authorization": f"Bearer {self.job.key}", "Content-Type": "application/json"}
        while True:
            connection.request("POST", "/api/v1/events", body, headers)
            answer = connection.getresponse()
            text = answer.read()
            self.result.statuses[answer.status] += 1
            if answer.status not in BUSY:
                break
            time.sleep(float(answer.headers["Retry-After"]))
            due_at = time.monotonic()
        if answer.status != HTTPStatus.ACCEPTED:
            sys.exit(f"An answer of status {answer.status}: {text.decode(errors='replace')[:500]}")
        self.result.answer_ms.append((time.monotonic() - due_at) * 1_000)


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    sys.stdout.buffer.write(msgspec.json.encode(_Client(job).run()))

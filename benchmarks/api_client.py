"""A small client of the HTTP API, from the standard library alone."""

import json
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

CHUNK = 200
PATIENCE_SECONDS = 120
POLL_SECONDS = 0.5
BUSY = {429, 503}
COUNTS = ("accepted", "stored", "duplicate", "rejected", "invalid", "pending")


@dataclass(frozen=True)
class Client:
    """Calls `{url}/api/v1/…` with a key; ends the program with a sentence when the server refuses."""

    url: str
    key: str

    def get(self, path: str) -> Any:
        return json.loads(self.read("GET", path))

    def post(self, path: str, body: dict | None = None) -> Any:
        return json.loads(self.read("POST", path, body or {}))

    def read(self, method: str, path: str, body: dict | None = None) -> bytes:
        request = urllib.request.Request(
            f"{self.url.rstrip('/')}/api/v1/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        while True:
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return answer.read()
            except urllib.error.HTTPError as error:
                if error.code not in BUSY:
                    sys.exit(f"{method} {path} was answered with {error.code}: {error.read().decode(errors='replace')}")
                time.sleep(float(error.headers.get("Retry-After", 5)))
            except urllib.error.URLError as error:
                sys.exit(f"There is no answer from {self.url}: {error.reason}")

    def send(self, name: str, items: Sequence[dict]) -> Counter:
        """Send items as `events` or `signals`; return what became of them once all of it is written."""
        receipts = [self.post(name, {name: items[start : start + CHUNK]}) for start in range(0, len(items), CHUNK)]
        total = Counter()
        for receipt in receipts:
            counts = self.wait_for(f"batches/{receipt['batch_id']}", lambda counts: counts["pending"] == 0)
            total.update({count: counts[count] for count in COUNTS})
        return total

    def wait_for(self, path: str, is_done) -> Any:
        """Ask until the answer is as wished, or end the program when that takes too long."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_done(answer := self.get(path)):
            if time.monotonic() > deadline:
                sys.exit(f"{path} is not done after {PATIENCE_SECONDS} seconds; do the writer and the worker run?")
            time.sleep(POLL_SECONDS)
        return answer

"""Measures hedged calls to a local server of which every twentieth answer takes twenty times as long."""

import asyncio
import json
import random
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress

from benchmarks.labelled_data import print_table
from feedback.endpoints import client
from feedback.endpoints.endpoints import Endpoint
from feedback.judging.panels import hedging
from feedback.judging.panels.latencies import Budget, Delays, Hedging, percentile

CALLS, CONCURRENCY, WARM_UP = 800, 12, 100
QUICK_SECONDS, SLOW_SECONDS, SLOW_SHARE = 0.1, 2.0, 0.05
STRATEGIES = ("off", "fixed", "percentile", "adaptive", "workload_aware")
_REPLY = json.dumps({"choices": [{"message": {"content": "{}"}}], "usage": {"total_tokens": 10}}).encode()


class _Server:
    """Answers chat completions; closed counts connections that the client closed before their answer."""

    def __init__(self, seed: int):
        self.rng, self.made, self.closed = random.Random(seed), 0, 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            head = await reader.readuntil(b"\r\n\r\n")
            lengths = (line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(next(lengths)))
            waits = asyncio.ensure_future(asyncio.sleep(self._seconds()))
            gone = asyncio.ensure_future(reader.read(1))
            await asyncio.wait({waits, gone}, return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                self.closed += 1
            else:
                gone.cancel()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(_REPLY) + _REPLY)
                await writer.drain()
            waits.cancel()
        writer.close()

    def _seconds(self) -> float:
        mean = SLOW_SECONDS if self.rng.random() < SLOW_SHARE else QUICK_SECONDS
        return mean * self.rng.uniform(0.8, 1.2)


async def _measured(strategy: str) -> tuple[list[float], _Server]:
    """The latencies of calls after the warm-up, from which delays are learned."""
    there = _Server(seed=11)
    server = await asyncio.start_server(there.answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    endpoint = Endpoint(f"http://127.0.0.1:{port}/v1", "m", private=True, timeout_seconds=30)
    delays = Delays(Hedging(strategy, delay_ms=QUICK_SECONDS * 4_000, percentile=93, budget_percent=12))
    budget, room = Budget(delays.hedging.budget_percent / 100), asyncio.Semaphore(CONCURRENCY)
    body = client.encode(endpoint, [{"role": "user", "content": "Score it."}])

    async def may_hedge() -> bool:
        return budget.take()

    async def one() -> float:
        async with room:
            started = time.monotonic()
            budget.earn()
            found = await hedging.first_of(
                lambda leg: client.attempt(endpoint, body, number=leg),
                delay=delays.seconds(len(body)),
                may_hedge=may_hedge,
            )
            delays.observe(len(body), found.seconds)
            there.made += found.calls
            return time.monotonic() - started

    await asyncio.gather(*(one() for _ in range(WARM_UP)))
    there.made = there.closed = 0
    took = await asyncio.gather(*(one() for _ in range(CALLS)))
    server.close()
    return took, there


def measured() -> Iterator[tuple[str, list[float], int, int]]:
    """By strategy: latencies, calls made, and connections that were closed before their answer."""
    for strategy in STRATEGIES:
        took, there = asyncio.run(_measured(strategy))
        yield strategy, took, there.made, there.closed


def lines() -> Iterator[tuple]:
    plain = 0.0
    for strategy, took, made, closed in measured():
        p50, p95, p99 = (1_000 * percentile(deque(took), percent) for percent in (50, 95, 99))
        plain = plain or p99
        more = f"{made / CALLS - 1:.1%}"
        yield strategy, f"{p50:.0f}", f"{p95:.0f}", f"{p99:.0f}", f"{p99 / plain:.2f}", more, closed


def main() -> None:
    title = (
        f"Hedged calls: {CALLS} calls, {CONCURRENCY} at a time; {SLOW_SHARE:.0%} of the answers take 20 times as long"
    )
    header = ("hedging", "p50 ms", "p95 ms", "p99 ms", "p99 / off", "more calls", "losers closed")
    print_table(title, header, list(lines()))


if __name__ == "__main__":
    main()

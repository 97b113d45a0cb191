"""Sends a slow call a second time and takes the first answer; the other call is cancelled.

Source: Dean & Barroso (2013), The tail at scale, Commun. ACM 56(2), 74-80.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Hedged(Generic[T]):
    """What came first. calls: how many were made; winner: 0 for the first call; seconds: that the first call took, or
    had taken when it was cancelled.
    """

    result: T
    calls: int
    winner: int
    seconds: float


async def first_of(
    call: Callable[[int], Awaitable[T]],
    *,
    delay: float | None,
    may_hedge: Callable[[], Awaitable[bool]],
    clock: Callable[[], float] = time.monotonic,
) -> Hedged[T]:
    """The first answer to a call that is made again if it takes longer than `delay`; the loser is cancelled.

    call: makes the call of this number, 0 or 1. delay: in seconds, None for never. may_hedge: asked once, when the
    delay is over. A call that fails leaves the answer to the other; if both fail, the error of the first is raised.
    """
    started = clock()
    calls: list[asyncio.Future[T]] = [asyncio.ensure_future(call(0))]
    took: list[float] = []
    calls[0].add_done_callback(lambda _: took.append(clock() - started))
    try:
        done, _ = await asyncio.wait(calls, timeout=delay)
        if not done and await may_hedge():
            calls.append(asyncio.ensure_future(call(1)))
        winner = await _first(calls)
        seconds = took[0] if took else clock() - started
        return Hedged(winner.result(), len(calls), calls.index(winner), seconds)
    finally:
        await _cancel(calls)


async def _first(calls: "list[asyncio.Future[T]]") -> "asyncio.Future[T]":
    """The first call that succeeded, else the first one."""
    waiting = set(calls)
    while waiting:
        _, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for one in calls:
            if one.done() and one.exception() is None:
                return one
    return calls[0]


async def _cancel(calls: "list[asyncio.Future[T]]") -> None:
    """Cancel what still runs and wait until it has closed its connection."""
    running = [one for one in calls if not one.done()]
    for one in running:
        one.cancel()
    await asyncio.gather(*calls, return_exceptions=True)

"""Hedged calls on a simulated clock: what they gain, what they cost, and that losers are cancelled."""

import asyncio
import random
from collections import deque

import pytest

from feedback.judging.panels import hedging
from feedback.judging.panels.latencies import Budget, Delays, Hedging, bucket, percentile


class SimulatedLoop(asyncio.SelectorEventLoop):
    """A loop whose clock jumps to the next timer."""

    def __init__(self):
        super().__init__()
        self._now = 0.0

    def time(self):
        return self._now

    def _run_once(self):
        if not self._ready and self._scheduled:
            self._now = max(self._now, self._scheduled[0].when())
        super()._run_once()


def simulate(coroutine_of):
    loop = SimulatedLoop()
    try:
        return loop.run_until_complete(coroutine_of(loop))
    finally:
        loop.close()


def latency(rng):
    """About 0.2 s, and 4 s of every twentieth call."""
    return rng.gauss(4.0, 0.5) if rng.random() < 0.05 else rng.gauss(0.2, 0.03)


async def calls(loop, hedging_config, *, n=2_000, seed=7):
    """The latencies of n calls one after another, and how many calls were made."""
    rng, delays = random.Random(seed), Delays(hedging_config)
    budget, took, made = Budget(hedging_config.budget_percent / 100), [], 0

    async def call(number):
        await asyncio.sleep(max(0.01, latency(rng)))
        return number

    async def may_hedge():
        return budget.take()

    for _ in range(n):
        budget.earn()
        started = loop.time()
        found = await hedging.first_of(call, delay=delays.seconds(100), may_hedge=may_hedge, clock=loop.time)
        took.append(loop.time() - started)
        delays.observe(100, found.seconds)
        made += found.calls
    return took, made


@pytest.mark.parametrize("strategy", ["fixed", "percentile", "adaptive", "workload_aware"])
def test_p99_is_at_least_halved_for_at_most_15_percent_more_calls(strategy):
    plain, _ = simulate(lambda loop: calls(loop, Hedging("off")))
    hedged, made = simulate(lambda loop: calls(loop, Hedging(strategy, delay_ms=400, percentile=93, budget_percent=12)))

    before, after = percentile(deque(plain), 99), percentile(deque(hedged), 99)
    assert before > 3.5
    assert after <= before / 2
    assert 2_000 < made <= 2_000 * 1.15


def test_the_learned_delay_follows_a_server_that_becomes_slower():
    delays = Delays(Hedging("adaptive", budget_percent=10))
    rng = random.Random(1)
    for _ in range(500):
        delays.observe(100, rng.uniform(0.1, 0.2))
    before = delays.seconds(100)
    for _ in range(500):
        delays.observe(100, rng.uniform(1.0, 2.0))

    assert before == pytest.approx(0.19, abs=0.02)
    assert delays.seconds(100) == pytest.approx(1.9, abs=0.2)


def test_long_prompts_have_a_delay_of_their_own():
    delays = Delays(Hedging("workload_aware", percentile=90))
    for number in range(100):
        delays.observe(500, 0.1 + number / 1_000)
        delays.observe(50_000, 3 + number / 100)

    assert delays.seconds(600) == pytest.approx(0.189)
    assert delays.seconds(45_000) == pytest.approx(3.89)
    # Of a length that is not known the delay is that of all.
    assert delays.seconds(5_000_000) == percentile(deque(delays._all), 90)
    assert bucket(45_000) == bucket(50_000) != bucket(600)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.1, 0.5])
def test_second_calls_never_exceed_their_share(share):
    budget, taken = Budget(share), 0
    for number in range(1, 1_001):
        budget.earn()
        taken += budget.take()
        assert taken <= share * number + 1e-6

    assert taken == pytest.approx(share * 1_000, abs=1)


def test_what_a_quiet_time_saves_up_is_bounded():
    budget = Budget(0.1)
    for _ in range(10_000):
        budget.earn()

    assert sum(budget.take() for _ in range(100)) == 5


def run(seconds, *, delay, allowed=True):
    """One hedged call whose calls take these seconds, or fail after them where negative."""
    cancelled = []

    async def main(loop):
        async def call(number):
            try:
                await asyncio.sleep(abs(seconds[number]))
            except asyncio.CancelledError:
                cancelled.append(number)
                raise
            if seconds[number] < 0:
                raise OSError(f"call {number}")
            return f"answer {number}"

        async def may_hedge():
            return allowed

        found = await hedging.first_of(call, delay=delay, may_hedge=may_hedge, clock=loop.time)
        return found, loop.time()

    found, ended = simulate(main)
    return found, round(ended, 6), cancelled


@pytest.mark.parametrize(
    ("seconds", "delay", "allowed", "winner", "calls_made", "ended", "cancelled"),
    [
        ([1, 1], 2, True, 0, 1, 1, []),
        ([5, 1], 2, True, 1, 2, 3, [0]),
        ([5, 9], 2, True, 0, 2, 5, [1]),
        ([5, 1], 2, False, 0, 1, 5, []),
        ([5, 1], None, True, 0, 1, 5, []),
        # A call that fails leaves the answer to the other.
        ([-3, 4], 2, True, 1, 2, 6, []),
        ([5, -1], 2, True, 0, 2, 5, []),
    ],
)
def test_the_first_answer_wins_and_the_loser_is_cancelled(
    seconds, delay, allowed, winner, calls_made, ended, cancelled
):
    found, took, stopped = run(seconds, delay=delay, allowed=allowed)

    assert (found.result, found.winner, found.calls) == (f"answer {winner}", winner, calls_made)
    assert (took, stopped) == (ended, cancelled)
    assert found.seconds == pytest.approx(min(abs(seconds[0]), ended))


@pytest.mark.parametrize("seconds", [[-1, 1], [-3, -4]])
def test_the_error_of_the_first_call_is_raised_where_no_other_answers(seconds):
    with pytest.raises(OSError, match="call 0"):
        run(seconds, delay=2)

"""When a slow call is sent a second time: delays that follow from latencies, and the budget of second calls."""

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field

from feedback.choices import JudgeHedging

# Fewer latencies say too little about a tail; until then the fixed delay is used.
LEAST_LATENCIES = 20
MOST_LATENCIES = 500
# Second calls that a quiet hour may save up.
BURST = 5.0
# By how much, as a factor, one call moves the delay that is learned.
_STEP = 0.1
_SMALLEST_BUCKET = 1_024


@dataclass(frozen=True)
class Hedging:
    """strategy: a value of JudgeHedging. budget_percent: most second calls of 100 calls."""

    strategy: str
    delay_ms: float = 2_000.0
    percentile: float = 95.0
    budget_percent: float = 10.0


@dataclass
class Budget:
    """A token bucket: each first call earns a part of a second one, so a share of all calls is never exceeded."""

    share: float
    saved: float = 0.0

    def earn(self) -> None:
        self.saved = min(self.saved + self.share, max(BURST, self.share))

    def take(self) -> bool:
        """Whether there may be a second call now, which then is paid for."""
        # Ten times a tenth is a little less than one.
        if self.saved < 1.0 - 1e-9:
            return False
        self.saved -= 1.0
        return True


@dataclass
class Delays:
    """The delay of second calls to one endpoint, learned from its calls.

    Examples
    --------
    >>> delays = Delays(Hedging("percentile", delay_ms=900, percentile=90))
    >>> delays.seconds(100)
    0.9
    >>> for number in range(1, 101):
    ...     delays.observe(100, number / 100)
    >>> delays.seconds(100)
    0.9
    """

    hedging: Hedging
    _all: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_LATENCIES))
    _by_size: defaultdict[int, deque[float]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=MOST_LATENCIES))
    )
    _learned: float | None = None

    def seconds(self, size: int) -> float | None:
        """How long to wait for the first call with a prompt of so many characters; None: do not send a second one."""
        strategy = self.hedging.strategy
        if strategy == JudgeHedging.OFF:
            return None
        if strategy == JudgeHedging.ADAPTIVE and self._learned is not None:
            return self._learned
        known = self._known(size) if strategy in (JudgeHedging.PERCENTILE, JudgeHedging.WORKLOAD_AWARE) else None
        if known is None or len(known) < LEAST_LATENCIES:
            return self.hedging.delay_ms / 1_000
        return percentile(known, self.hedging.percentile)

    def observe(self, size: int, seconds: float) -> None:
        """Learn the latency of a first call. That of one that was cancelled is what it had taken until then: it is in
        the tail either way.
        """
        self._all.append(seconds)
        self._by_size[bucket(size)].append(seconds)
        self._learned = self._adapted(seconds)

    def _known(self, size: int) -> deque[float]:
        of_size = self._by_size.get(bucket(size))
        is_enough = of_size is not None and len(of_size) >= LEAST_LATENCIES
        return of_size if self.hedging.strategy == JudgeHedging.WORKLOAD_AWARE and is_enough and of_size else self._all

    def _adapted(self, seconds: float) -> float | None:
        """The delay after one more call: towards the one that a share of calls exceeds, which the budget pays for.

        Each call moves the logarithm up by (1 - share) or down by share steps, so in balance a `share` of the calls is
        above (Robbins & Monro 1951, Ann. Math. Statist. 22(3), 400-407).
        """
        share = self.hedging.budget_percent / 100
        if self._learned is None:
            if len(self._all) < LEAST_LATENCIES:
                return None
            return percentile(self._all, 100 * (1 - share))
        step = _STEP * (1 - share) if seconds > self._learned else -_STEP * share
        return self._learned * math.exp(step)


def bucket(size: int) -> int:
    """Return the class of prompts of about the same length.

    Parameters
    ----------
    size : int
        Characters of a prompt.

    Returns
    -------
    int
        0 up to 1,024 characters, then one more for each doubling.

    Examples
    --------
    >>> [bucket(size) for size in (0, 1_024, 1_025, 2_048, 5_000)]
    [0, 0, 1, 1, 3]
    """
    return max(0, math.ceil(math.log2(max(size, 1) / _SMALLEST_BUCKET)))


def percentile(latencies: deque[float], percent: float) -> float:
    """Return the nearest-rank percentile of latencies.

    Parameters
    ----------
    latencies : deque of float
        At least one.
    percent : float
        Above 0, at most 100.

    Returns
    -------
    float
        The smallest latency that at least `percent` of them do not exceed.

    Examples
    --------
    >>> percentile(deque([3.0, 1.0, 2.0, 4.0]), 75)
    3.0
    """
    ordered = sorted(latencies)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered) - 1e-9) - 1)]

"""When people come: in sessions of a few turns, by day more than by night, on workdays more than on weekends."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from feedback.simulation.recorded import Recorded

# Shares of a day's traffic by hour (UTC), then the size of each day from Monday on.
HOURS = (2, 1, 1, 1, 1, 2, 5, 12, 22, 30, 33, 32, 26, 29, 32, 30, 26, 20, 14, 11, 9, 7, 5, 3)
WEEKDAYS = (1.0, 1.08, 1.05, 1.02, 0.9, 0.36, 0.3)
ANOTHER_TURN = 0.4
LONGEST_SESSION = 8
GAP_SECONDS = 75.0
GAP_SPREAD = 0.6


@dataclass(frozen=True)
class Arrival:
    """One turn of one session, this many seconds after the start; token counts if they are recorded."""

    offset_seconds: float
    session: int
    turn: int
    is_last: bool
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


def plan(*, events: int, days: int, start: datetime, rng: np.random.Generator) -> list[Arrival]:
    """Return `events` arrivals within `days` days, in order of time; turns of a session keep theirs."""
    turns = _turns(events, rng)
    begins = _session_starts(len(turns), days, start, rng)
    arrivals = []
    for session, (begin, count) in enumerate(zip(begins, turns, strict=True)):
        gaps = _gaps(count - 1, rng)
        offsets = np.minimum(begin + np.concatenate([[0.0], np.cumsum(gaps)]), days * 86_400.0)
        arrivals += [Arrival(float(offset), session, turn, turn == count - 1) for turn, offset in enumerate(offsets)]
    return sorted(arrivals, key=lambda arrival: (arrival.offset_seconds, arrival.session, arrival.turn))


def follow(recorded: Sequence[Recorded], *, rng: np.random.Generator) -> list[Arrival]:
    """Return one arrival at each recorded moment: the session that is due first goes on, or else a new one begins."""
    arrivals, due, begun = [], [], 0
    for moment in recorded:
        if due and due[0][0] <= moment.offset_seconds:
            _, session, turn, left = heapq.heappop(due)
        else:
            session, turn, left = begun, 0, _turn_count(rng)
            begun += 1
        is_last = left == 1
        arrivals.append(
            Arrival(moment.offset_seconds, session, turn, is_last, moment.prompt_tokens, moment.completion_tokens)
        )
        if not is_last:
            [gap] = _gaps(1, rng)
            heapq.heappush(due, (moment.offset_seconds + gap, session, turn + 1, left - 1))
    return arrivals


def _gaps(count: int, rng: np.random.Generator) -> np.ndarray:
    """Seconds between one turn and the next."""
    return GAP_SECONDS * np.exp(rng.normal(0, GAP_SPREAD, count))


def _turn_count(rng: np.random.Generator) -> int:
    return min(int(rng.geometric(1 - ANOTHER_TURN)), LONGEST_SESSION)


def _turns(events: int, rng: np.random.Generator) -> list[int]:
    """Numbers of turns that add up to `events`."""
    turns, left = [], events
    while left:
        turns.append(min(_turn_count(rng), left))
        left -= turns[-1]
    return turns


def _session_starts(count: int, days: int, start: datetime, rng: np.random.Generator) -> Sequence[float]:
    middles = [start + timedelta(hours=hour + 0.5) for hour in range(days * 24)]
    weights = np.array([HOURS[middle.hour] * WEEKDAYS[middle.weekday()] for middle in middles])
    hours = np.searchsorted(np.cumsum(weights), rng.random(count) * weights.sum(), side="right")
    return 3_600 * (hours + rng.random(count))

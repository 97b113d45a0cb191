"""Verdicts over several windows: a change counts as drift once several windows show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from drift.choices import Verdict

_WORSE = (Verdict.OK, Verdict.WATCH, Verdict.DRIFTING)


@dataclass(frozen=True)
class Rule:
    """Drift starts when `needed` of the last `windows` show a clear change; it ends after `needed` quiet ones."""

    needed: int = 2
    windows: int = 3


@dataclass(frozen=True)
class Seen:
    """The verdict of one window from `first_at` to `last_at`."""

    verdict: str
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True)
class State:
    verdict: str = Verdict.OK
    windows: tuple[Seen, ...] = ()
    since_at: datetime | None = None


def advance(state: State, seen: Seen, rule: Rule) -> State:
    """The state after one more window; a window without a judgement does not change it.

    Of a window and an overlapping newest one only the worse counts, so that the counted windows never share events.
    """
    if seen.verdict in (Verdict.INSUFFICIENT_DATA, Verdict.ERROR):
        return state
    windows = _with(state.windows, seen)[-rule.windows :]
    verdict = _verdict(state.verdict, windows, rule)
    if verdict == Verdict.OK:
        return State(verdict, windows)
    return State(verdict, windows, state.since_at or windows[-1].first_at)


def clear(windows: Sequence[Seen]) -> int:
    """How many of the windows show a clear change."""
    return sum(seen.verdict == Verdict.DRIFTING for seen in windows)


def _with(windows, seen):
    if not windows or seen.first_at >= windows[-1].last_at:
        return (*windows, seen)
    is_worse = _WORSE.index(seen.verdict) > _WORSE.index(windows[-1].verdict)
    return (*windows[:-1], seen) if is_worse else windows


def _verdict(before, windows, rule):
    if clear(windows) >= rule.needed and windows[-1].verdict == Verdict.DRIFTING:
        return Verdict.DRIFTING
    quiet = all(seen.verdict == Verdict.OK for seen in windows[-rule.needed :]) and len(windows) >= rule.needed
    if before == Verdict.DRIFTING and not quiet:
        return Verdict.DRIFTING
    return Verdict.OK if windows[-1].verdict == Verdict.OK else Verdict.WATCH

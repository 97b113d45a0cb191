"""Arrival times and token counts of recorded traffic, from the rows of a trace."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

MOST_TOKENS = 2**31 - 1
MOST_MILLISECONDS = 1e15
MOST_DAYS = 3_650


class UnreadableTrace(ValueError):
    """A row of a trace has no valid arrival time."""


@dataclass(frozen=True)
class Recorded:
    """One request of a trace, this many seconds after its first one."""

    offset_seconds: float
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


def read_trace(rows: Iterable[Any]) -> tuple[Recorded, ...]:
    """The requests of a trace in order of time.

    A row is an object with `ts` (ISO 8601, UTC unless it has a zone) or `t_ms` (milliseconds), and token counts if
    they are known. Raises UnreadableTrace with the number of the row.
    """
    trace = sorted((_read(number, row) for number, row in enumerate(rows, 1)), key=lambda each: each.offset_seconds)
    if not trace:
        raise UnreadableTrace("The trace has no rows.")
    first, last = trace[0].offset_seconds, trace[-1].offset_seconds
    if last - first > MOST_DAYS * 86_400:
        raise UnreadableTrace(f"The trace spans more than {MOST_DAYS:,} days.")
    return tuple(replace(each, offset_seconds=each.offset_seconds - first) for each in trace)


def _read(number: int, row: Any) -> Recorded:
    if not isinstance(row, dict):
        raise UnreadableTrace(f"Row {number} is not a JSON object.")
    try:
        tokens = [_tokens(row.get(name)) for name in ("prompt_tokens", "completion_tokens")]
        return Recorded(_seconds(row), *tokens)
    except (ValueError, TypeError, OverflowError) as error:
        message = f"Row {number} needs ts, a time, or t_ms, a number; token counts are whole numbers from 0."
        raise UnreadableTrace(message) from error


def _seconds(row: dict[str, Any]) -> float:
    if row.get("ts") is None:
        return _milliseconds(row.get("t_ms")) / 1_000
    moment = datetime.fromisoformat(row["ts"])
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _milliseconds(number: Any) -> float:
    if type(number) not in {int, float} or not abs(number) <= MOST_MILLISECONDS:
        raise ValueError(number)
    return float(number)


def _tokens(count: Any) -> int | None:
    if count is not None and (type(count) is not int or not 0 <= count <= MOST_TOKENS):
        raise ValueError(count)
    return count

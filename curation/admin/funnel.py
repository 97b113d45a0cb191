"""The funnel of a set as tables: what the gates let through, and what each strategy did with every event read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from curation.choices import Outcome, Strategy
from curation.sets.tracing import GATES

# Outcomes that the gates decide, for all strategies alike.
_GATE_OUTCOMES = (
    Outcome.NOT_ALLOWED,
    Outcome.FILTERED,
    Outcome.NO_TEXT,
    Outcome.NO_ANSWER,
    Outcome.TRUNCATED,
    Outcome.REFUSED,
    Outcome.FLAGGED,
    Outcome.FLAG_CONFIRMED,
    Outcome.MASKS_ONLY,
    Outcome.REPEATED,
)
_ENDS = (Outcome.QUEUED, Outcome.ACCEPTED)
STOPPED = "stopped at a gate"


@dataclass(frozen=True)
class Line:
    """One outcome, with the name and the count of each column."""

    label: str
    counts: list[tuple[str, int]]
    is_end: bool = False


@dataclass(frozen=True)
class Funnel:
    """read: events. gates: from the events read to those that passed. Each column of strategies adds up to `read`."""

    read: int
    gates: list[Line]
    strategies: list[str]
    lines: list[Line]


def build(funnel: Mapping[str, Mapping[str, int]], *, read: int | None, strategies: Sequence[str]) -> Funnel | None:
    """None for a set without a funnel."""
    if not funnel or read is None:
        return None
    names = [name for name in strategies if name in funnel]
    columns = [_column(funnel[name], read) for name in names]
    labels = [STOPPED, *(outcome.label for outcome in (*_between(), *_ENDS))]
    ends = {outcome.label for outcome in _ENDS}
    shown = [Strategy(name).label for name in names]
    lines = [
        Line(label, list(zip(shown, (column.get(label, 0) for column in columns), strict=True)), label in ends)
        for label in labels
    ]
    filled = [line for line in lines if line.is_end or any(count for _, count in line.counts)]
    return Funnel(read, _gates(funnel.get(GATES, {})), shown, filled)


def _gates(counts: Mapping[str, int]) -> list[Line]:
    stopped = [Line(outcome.label, [("", counts[outcome])]) for outcome in _GATE_OUTCOMES if counts.get(outcome)]
    return [*stopped, Line(Outcome.PASSED.label, [("", counts.get(Outcome.PASSED, 0))], is_end=True)]


def _column(counts: Mapping[str, int], read: int) -> dict[str, int]:
    """Counts by label; an event that has no outcome was not considered."""
    found = {outcome.label: counts.get(outcome, 0) for outcome in (*_between(), *_ENDS)}
    found[STOPPED] = sum(counts.get(outcome, 0) for outcome in _GATE_OUTCOMES)
    found[Outcome.NOT_CONSIDERED.label] = read - sum(counts.values())
    return found


def _between() -> list[Outcome]:
    return [outcome for outcome in Outcome if outcome not in (*_GATE_OUTCOMES, *_ENDS, Outcome.PASSED)]

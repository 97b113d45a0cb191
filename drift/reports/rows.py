"""The metrics of a report as they are kept: what was found, in words and figures, and what a page draws."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from drift.reports.comparison import Compared
from drift.reports.persistence import State


def metrics_as_json(
    lasting: Sequence[Compared], judged: Sequence[Compared], states: Mapping[tuple[str, str], State]
) -> list[dict]:
    """Rows of a report: the results, what these windows alone say, and since when a metric has been moving."""
    rows = []
    for one, alone in zip(lasting, judged, strict=True):
        state = states.get((one.result.name, one.result.segment))
        since_at = state.since_at.isoformat() if state and state.since_at else None
        seen = [window.verdict for window in state.windows] if state else []
        facts = {"judged": alone.result.verdict, "windows": seen, "first_seen_at": since_at}
        rows.append({**asdict(one.result), **facts, "before": one.before, "after": one.after})
    return rows


def histograms_as_json(compared: Sequence[Compared]) -> dict:
    """What a page draws, by "segment|name"."""
    return {f"{one.result.segment}|{one.result.name}": one.drawing for one in compared if one.drawing is not None}

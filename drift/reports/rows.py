"""The metrics of a report as stored JSON: results, figures and charts."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from drift.reports.comparison import Compared
from drift.reports.persistence import State


def metrics_as_json(
    persistent: Sequence[Compared], judged: Sequence[Compared], states: Mapping[tuple[str, str], State]
) -> list[dict]:
    """Rows of a report: results, the verdict of these windows only, and since when a metric has been changing."""
    rows = []
    for one, alone in zip(persistent, judged, strict=True):
        state = states.get((one.result.name, one.result.segment))
        since_at = state.since_at.isoformat() if state and state.since_at else None
        seen = [window.verdict for window in state.windows] if state else []
        facts = {"judged": alone.result.verdict, "windows": seen, "first_seen_at": since_at}
        rows.append({**asdict(one.result), **facts, "before": one.before, "after": one.after})
    return rows


def histograms_as_json(compared: Sequence[Compared]) -> dict:
    """Chart data by "segment|name"."""
    return {f"{one.result.segment}|{one.result.name}": one.drawing for one in compared if one.drawing is not None}

"""A few events of the current window of a report that illustrate the largest change."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from drift.models import DriftReport
from drift.pages import report_page
from drift.reading.from_events import MOMENT
from feedback.choices import Metric
from feedback.console.presentation import excerpt
from feedback.stores import pages
from feedback.stores.base import EventFilter

EXAMINED, SHOWN = 200, 5
# The column of a metric, and how its lowest and highest events are described.
_COLUMNS = {
    Metric.PROMPT_LENGTH: ("prompt_length", "shortest prompts", "longest prompts"),
    Metric.RESPONSE_LENGTH: ("response_length", "shortest responses", "longest responses"),
    Metric.LATENCY: ("latency_ms", "lowest latency", "highest latency"),
    Metric.QUALITY: ("quality_score", "lowest scores of the checks", "highest scores of the checks"),
}


@dataclass(frozen=True)
class Example:
    id: str
    title: str
    response: str
    occurred_at: datetime


@dataclass(frozen=True)
class ReportExamples:
    """description: which events these are. query: filters for the list of all events of the window, if they exist."""

    description: str
    rows: list[Example]
    query: str


def current_window(report: DriftReport) -> EventFilter | None:
    """The events of the current window; None if it has none or is a baseline."""
    resolved = report.resolved_windows.get("current", {})
    if not resolved.get("n") or resolved.get("source") == "baseline":
        return None
    return _window(report, resolved)


def of_report(report: DriftReport) -> ReportExamples | None:
    """Stored events of the current window; None if it has no events or is a baseline."""
    where = current_window(report)
    if where is None:
        return None
    column, description, is_higher = _shown_by(report)
    found = pages.read(where, ["id", *filter(None, [column])], limit=EXAMINED)
    if column:
        known = [row for row in found if row[column] is not None]
        found = sorted(known, key=lambda row: row[column], reverse=is_higher)
    chosen = [row["id"] for row in found[:SHOWN]]
    return ReportExamples(description, _examples(chosen), _query(where))


def _window(report, resolved):
    # Spans of hours exclude their end; a last event is part of its window.
    beyond = MOMENT if resolved["source"] == "events" else 0 * MOMENT
    return EventFilter(
        deployment_id=report.deployment_id,
        occurred_from=datetime.fromisoformat(resolved["first_at"]),
        occurred_to=datetime.fromisoformat(resolved["last_at"]) + beyond,
        model_version_id=resolved.get("model_version_id"),
        prompt_version=resolved.get("prompt_version"),
    )


def _shown_by(report):
    """The column with the largest change, a description of its events, and whether it went up."""
    for metric in report_page.moved(report):
        before, after = (metric.get(side, {}).get("mean") for side in ("before", "after"))
        if metric["name"] in _COLUMNS and not metric["segment"] and None not in (before, after):
            column, low, high = _COLUMNS[Metric(metric["name"])]
            return (
                column,
                f"Events with the {high if after > before else low} among the newest {EXAMINED}.",
                after > before,
            )
    return None, "The newest events.", True


def _examples(ids):
    if not ids:
        return []
    columns = ["id", "prompt", "response", "occurred_at", "content_dropped"]
    rows = {row["id"]: row for row in pages.read(EventFilter(ids=ids), columns)}
    return [_example(rows[event_id]) for event_id in ids if event_id in rows]


def _example(row):
    if row["content_dropped"]:
        return Example(row["id"], "Event without stored texts", "", row["occurred_at"])
    return Example(row["id"], excerpt(row["prompt"]) or "(empty prompt)", excerpt(row["response"]), row["occurred_at"])


def _query(where):
    if where.prompt_version is not None:
        return ""  # The event list cannot filter by prompt version.
    named = {
        "deployment_id": where.deployment_id,
        "model_version_id": where.model_version_id,
        "occurred_at__gte": where.occurred_from.isoformat(),
        "occurred_at__lt": where.occurred_to.isoformat(),
    }
    return urlencode({name: value for name, value in named.items() if value})

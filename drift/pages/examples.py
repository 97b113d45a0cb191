"""A few events of the current window of a report, chosen so that they show what moved."""

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

LOOKED_AT, SHOWN = 200, 5
# The column that shows a metric, and what its events are called when it went down and up.
_COLUMNS = {
    Metric.PROMPT_LENGTH: ("prompt_length", "shortest prompts", "longest prompts"),
    Metric.RESPONSE_LENGTH: ("response_length", "shortest responses", "longest responses"),
    Metric.LATENCY: ("latency_ms", "lowest latency", "highest latency"),
    Metric.QUALITY: ("quality_score", "lowest quality", "highest quality"),
}


@dataclass(frozen=True)
class Example:
    id: str
    title: str
    response: str
    occurred_at: datetime


@dataclass(frozen=True)
class ReportExamples:
    """words: which events these are. query: of the list of all events of the window, if there is one that fits."""

    words: str
    rows: list[Example]
    query: str


def of_report(report: DriftReport) -> ReportExamples | None:
    """Events of the current window that are still there; None for a window without events or of a baseline."""
    resolved = report.resolved_windows.get("current", {})
    if not resolved.get("n") or resolved.get("source") == "baseline":
        return None
    where = _window(report, resolved)
    column, words, is_higher = _shown_by(report)
    found = pages.read(where, ["id", *filter(None, [column])], limit=LOOKED_AT)
    if column:
        known = [row for row in found if row[column] is not None]
        found = sorted(known, key=lambda row: row[column], reverse=is_higher)
    chosen = [row["id"] for row in found[:SHOWN]]
    return ReportExamples(words, _examples(chosen), _query(where))


def _window(report, resolved):
    # Hours end before what comes next; a last event belongs to its window.
    beyond = MOMENT if resolved["source"] == "events" else 0 * MOMENT
    return EventFilter(
        deployment_id=report.deployment_id,
        occurred_from=datetime.fromisoformat(resolved["first_at"]),
        occurred_to=datetime.fromisoformat(resolved["last_at"]) + beyond,
        model_version_id=resolved.get("model_version_id"),
        prompt_version=resolved.get("prompt_version"),
    )


def _shown_by(report):
    """The column that shows the largest change, words for the events that show it, and whether it went up."""
    for metric in report_page.moved(report):
        before, after = (metric.get(side, {}).get("mean") for side in ("before", "after"))
        if metric["name"] in _COLUMNS and not metric["segment"] and None not in (before, after):
            column, low, high = _COLUMNS[Metric(metric["name"])]
            return (
                column,
                f"Of the newest {LOOKED_AT}, those with the {high if after > before else low}.",
                after > before,
            )
    return None, "The newest ones.", True


def _examples(ids):
    if not ids:
        return []
    columns = ["id", "prompt", "response", "occurred_at", "content_dropped"]
    rows = {row["id"]: row for row in pages.read(EventFilter(ids=ids), columns)}
    return [_example(rows[event_id]) for event_id in ids if event_id in rows]


def _example(row):
    if row["content_dropped"]:
        return Example(row["id"], "An event whose texts were not kept", "", row["occurred_at"])
    return Example(row["id"], excerpt(row["prompt"]) or "(empty prompt)", excerpt(row["response"]), row["occurred_at"])


def _query(where):
    if where.prompt_version is not None:
        return ""  # The list of events has no filter for it, and would show those of other versions too.
    named = {
        "deployment_id": where.deployment_id,
        "model_version_id": where.model_version_id,
        "occurred_at__gte": where.occurred_from.isoformat(),
        "occurred_at__lt": where.occurred_to.isoformat(),
    }
    return urlencode({name: value for name, value in named.items() if value})

"""The drift page of one deployment: recent windows, the latest result and its baselines."""

from dataclasses import dataclass
from datetime import datetime

from drift.choices import ReportStatus, Verdict
from drift.models import Baseline, DriftReport, TriggerFiring
from drift.pages import report_page
from drift.windows.window import parse
from feedback.stores import tool_lists
from feedback.tools import changes

SHOWN_WINDOWS, SHOWN_BASELINES, SHOWN_TOOL_LISTS = 60, 20, 10
LETTERS = {
    Verdict.OK: "O",
    Verdict.WATCH: "W",
    Verdict.DRIFTING: "D",
    Verdict.INSUFFICIENT_DATA: "I",
    Verdict.ERROR: "E",
    ReportStatus.RUNNING: "R",
}
_HEAVY = ["metrics", "histograms", "parameters", "methods", "resolved_windows"]


@dataclass(frozen=True)
class TrackerCell:
    """One report in the tracker: colour and letter show the verdict."""

    report_id: int
    tone: str
    letter: str
    description: str


@dataclass(frozen=True)
class BaselineRow:
    name: str
    version: int
    n: int
    span: str
    asked: str
    reason: str
    by: str
    created_at: datetime


@dataclass(frozen=True)
class ToolListRow:
    first_seen_at: datetime
    size: int
    change: str
    digest: str


@dataclass(frozen=True)
class DeploymentPage:
    deployment_id: str
    cells: list[TrackerCell]
    legend: list[tuple[str, str, str]]
    latest: report_page.ReportPage | None
    baselines: list[BaselineRow]
    tool_lists: list[ToolListRow]
    open_firings: int


def build(deployment_id: str) -> DeploymentPage:
    reports = DriftReport.objects.of_deployment(deployment_id).newest_first()
    newest = list(reports.defer(*_HEAVY)[:SHOWN_WINDOWS])
    latest = reports.finished().defer("histograms").first()
    baselines = Baseline.objects.of_deployment(deployment_id).without_parts().order_by("-created_at", "-id")
    return DeploymentPage(
        deployment_id=deployment_id,
        cells=[_cell(report) for report in reversed(newest)],
        legend=[(letter, value.label, report_page.TONES[value]) for value, letter in LETTERS.items()],
        latest=report_page.build(latest) if latest else None,
        baselines=[_baseline(baseline) for baseline in baselines[:SHOWN_BASELINES]],
        tool_lists=[_tool_list(one) for one in tool_lists.newest(deployment_id, most=SHOWN_TOOL_LISTS)],
        open_firings=TriggerFiring.objects.of_deployment(deployment_id).open().count(),
    )


def _cell(report):
    value, label = report_page.state(report)
    score = "" if report.score is None else f", score {report.score:.3f}"
    made = "scheduled" if report.is_scheduled else "on demand"
    return TrackerCell(
        report.pk,
        report_page.TONES[value],
        LETTERS[value],
        f"{report.created_at:%Y-%m-%d %H:%M} UTC, {made}: {label}{score}",
    )


def _tool_list(seen):
    change = "The first list." if seen.change is None else changes.describe(seen.change)
    return ToolListRow(seen.first_seen_at, seen.size, change, seen.digest)


def _baseline(baseline):
    first, last = (datetime.fromisoformat(baseline.resolved_window[name]) for name in ("first_at", "last_at"))
    return BaselineRow(
        name=baseline.name,
        version=baseline.version,
        n=baseline.n,
        span=f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC",
        asked=parse(baseline.window).describe("it was pinned"),
        reason=baseline.reason,
        by=baseline.created_by.username if baseline.created_by else "–",
        created_at=baseline.created_at,
    )

"""A drift report as one file: JSON, self-contained HTML or Markdown."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.html import format_html
from rest_framework.renderers import JSONRenderer

from drift.models import DriftReport
from drift.pages import overlays, report_page, shapes
from drift.pages.report_page import ReportPage
from drift.serializers.reports import DriftReportSerializer
from feedback.console.presentation import excerpt

# Limits that keep a file small, whatever the names of versions, segments and categories.
MOST_ROWS, MOST_DRAWINGS = 150, 12
LONGEST_SENTENCE, LONGEST_NAME = 300, 120
_MARKDOWN = re.compile(r"[\\`*_<>|~]|(?<=\])\(")


@dataclass(frozen=True)
class File:
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Row:
    label: str
    verdict: str
    tone: str
    sentence: str
    effect: str
    evidence: str
    events: str


def of_report(report: DriftReport, form: str) -> File:
    """The file of a report in one of FORMS. Raises KeyError for another form."""
    media_type, content = FORMS[form]
    return File(f"drift-report-{report.pk}.{form}", media_type, content(report))


def _json(report: DriftReport) -> bytes:
    return JSONRenderer().render(DriftReportSerializer(report).data, "application/json; indent=2")


def _html(report: DriftReport) -> bytes:
    page = report_page.build(report)
    context = {
        **_shown(page),
        "drawings": [shapes.of_overlay(overlay) for overlay in overlays.of_report(report, at_most=MOST_DRAWINGS)],
        "width": shapes.WIDTH,
        "style": format_html("<style>{}{}</style>", _palette(), render_to_string("drift/report_file.css")),
    }
    return render_to_string("drift/report_file.html", context).encode()


def _palette() -> str:
    return Path(finders.find("styles/tokens.css")).read_text()


def _shown(page: ReportPage) -> dict:
    return {
        "page": page,
        "report": page.report,
        "headline": excerpt(page.headline, LONGEST_SENTENCE),
        "rows": [_row(metric) for metric in page.metrics[:MOST_ROWS]],
        "left_out": max(0, len(page.metrics) - MOST_ROWS),
    }


def _row(metric):
    return Row(
        excerpt(metric.label, LONGEST_NAME),
        metric.verdict,
        metric.tone,
        excerpt(metric.sentence, LONGEST_SENTENCE),
        metric.effect,
        metric.evidence,
        metric.events,
    )


def _markdown(report: DriftReport) -> bytes:
    page = report_page.build(report)
    shown = _shown(page)
    score = "no score" if report.score is None else f"score {report.score:.3f}"
    lines = [
        f"# Drift of {_escaped(report.deployment_id)}: {page.verdict}",
        "",
        _escaped(shown["headline"]),
        "",
        f"Report {report.pk} of {report.created_at:%Y-%m-%d %H:%M} UTC, {score}, profile {report.profile}.",
        "",
        *_accepted(report),
        "## Windows",
        "",
        *_table(
            ["Window", "Requested", "Events", "First to last event", "Source"],
            [[row.name, row.asked, row.events, row.span, row.source] for row in page.windows],
        ),
        *(f"- {_escaped(note)}" for note in [*report.notes, page.caveat] if note),
        "",
        "## Metrics",
        "",
        *_table(
            ["Metric", "Verdict", "What changed", "Effect (95 % interval)", "Adjusted p", "n"],
            [[row.label, row.verdict, row.sentence, row.effect, row.evidence, row.events] for row in shown["rows"]],
        ),
        *([f"{shown['left_out']:,} more metrics are in the JSON file.", ""] if shown["left_out"] else []),
        "## Parameters",
        "",
        *(f"- {_escaped(name)}: {_escaped(value)}" for name, value in page.facts),
        "",
    ]
    return "\n".join(lines).encode()


def _accepted(report):
    if report.acknowledged_at is None:
        return []
    who = f"{report.acknowledged_by} on {report.acknowledged_at:%Y-%m-%d}"
    return [f"Accepted as new normal by {_escaped(who)}: {_escaped(report.acknowledged_reason)}", ""]


def _table(header, rows):
    lines = [header, ["---"] * len(header), *([_escaped(cell) for cell in row] for row in rows)]
    return [*(f"| {' | '.join(cells)} |" for cells in lines), ""]


def _escaped(text: str) -> str:
    """The text on one line, with Markdown escaped."""
    return _MARKDOWN.sub(lambda found: f"\\{found[0]}", " ".join(str(text).split()))


FORMS: dict[str, tuple[str, Callable[[DriftReport], bytes]]] = {
    "json": ("application/json", _json),
    "html": ("text/html; charset=utf-8", _html),
    "md": ("text/markdown; charset=utf-8", _markdown),
}

"""Distributions of the changed metrics in both windows: as Plotly figures and as data for SVG shapes."""

from collections.abc import Sequence
from dataclasses import dataclass

from drift.measures import watched
from drift.models import DriftReport
from drift.pages import report_page
from feedback.console.presentation import Chart, excerpt

SHOWN_CHARTS = 6
LONGEST_NAME = 40


@dataclass(frozen=True)
class Overlay:
    """Shares of both windows in percent, by bar. edges: bar edges of a number; empty for categories."""

    label: str
    axis: str
    names: list[str]
    edges: list[float]
    reference: list[float]
    current: list[float]

    @property
    def centres(self) -> list[float]:
        return [(low + high) / 2 for low, high in zip(self.edges, self.edges[1:], strict=False)]


def of_report(report: DriftReport, *, at_most: int = SHOWN_CHARTS) -> list[Overlay]:
    """The overlays of the changed metrics, largest change first; embeddings have none."""
    found = []
    for metric in report_page.moved(report):
        drawing = report.histograms.get(f"{metric['segment']}|{metric['name']}")
        if drawing and drawing["reference"]:
            found.append(_overlay(metric, drawing))
    return found[:at_most]


def _overlay(metric, drawing):
    unit = watched.describe(metric["name"]).unit
    edges = drawing.get("edges", [])
    names = [excerpt(name, LONGEST_NAME) for name in drawing["names"]] if "names" in drawing else _bars(edges)
    return Overlay(
        label=report_page.label_of(metric),
        axis=metric["label"] if metric["label"].endswith(unit) else f"{metric['label']}, {unit}",
        names=names,
        edges=edges,
        reference=_shares(drawing["reference"]),
        current=_shares(drawing["current"]),
    )


def _bars(edges: Sequence[float]) -> list[str]:
    """The label of each bar: a whole number or a range."""
    return [
        number(low + 0.5) if (low % 1, high - low) == (0.5, 1.0) else f"{number(low)} to {number(high)}"
        for low, high in zip(edges, edges[1:], strict=False)
    ]


def number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _shares(counts):
    total = sum(counts)
    return [round(100 * count / total, 2) if total else 0.0 for count in counts]


def charts(report: DriftReport) -> list[Chart]:
    return [_chart(index, overlay) for index, overlay in enumerate(of_report(report))]


def _chart(index, overlay):
    rows = zip(overlay.names, overlay.reference, overlay.current, strict=True)
    is_number = bool(overlay.edges)
    return Chart(
        id=f"overlay-{index}",
        caption=f"{overlay.label}: reference and current",
        figure=_numbers(overlay) if is_number else _categories(overlay),
        header=[overlay.axis, "Reference, %", "Current, %"],
        rows=[[name, f"{before:.1f}", f"{after:.1f}"] for name, before, after in rows],
        note="The first and last bars include values beyond them." if is_number else "",
    )


def _numbers(overlay):
    """Bars and a stepped line, which can be told apart without colour."""
    bars = {"type": "bar", "name": "Reference", "x": overlay.centres, "y": overlay.reference, "opacity": 0.55}
    steps = {"type": "scatter", "mode": "lines", "line": {"shape": "hvh"}, "name": "Current"}
    layout = {"bargap": 0.05, "xaxis": {"title": {"text": overlay.axis}}, **_layout()}
    return {"data": [bars, {**steps, "x": overlay.centres, "y": overlay.current}], "layout": layout}


def _categories(overlay):
    before = {"type": "bar", "name": "Reference", "x": overlay.names, "y": overlay.reference, "opacity": 0.55}
    after = {"type": "bar", "name": "Current", "x": overlay.names, "y": overlay.current}
    return {"data": [before, after], "layout": {"barmode": "group", "xaxis": {"type": "category"}, **_layout()}}


def _layout():
    """The axis of shares, and the legend above the plot, clear of axis titles."""
    legend = {"y": 1.02, "yanchor": "bottom"}
    return {"yaxis": {"title": {"text": "% of the window"}, "rangemode": "tozero"}, "legend": legend}

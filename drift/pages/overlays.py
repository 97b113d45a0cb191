"""Reference and current side by side, of the metrics that moved: as figures for Plotly and as shapes of an SVG."""

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
    """Shares of both sides in percent, by bar. edges: of the bars of a number; empty for categories."""

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
    """Those of the metrics that moved, the largest change first; embeddings have none."""
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
    """What each bar holds: a whole number, or from where to where."""
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
    return [_chart(place, overlay) for place, overlay in enumerate(of_report(report))]


def _chart(place, overlay):
    rows = zip(overlay.names, overlay.reference, overlay.current, strict=True)
    is_number = bool(overlay.edges)
    return Chart(
        id=f"overlay-{place}",
        caption=f"{overlay.label}: reference and current",
        figure=_numbers(overlay) if is_number else _categories(overlay),
        header=[overlay.axis, "Reference, %", "Current, %"],
        rows=[[name, f"{before:.1f}", f"{after:.1f}"] for name, before, after in rows],
        note="Values beyond the first and last bar count in these." if is_number else "",
    )


def _numbers(overlay):
    """Bars and a line with steps: which is which shows without colour too."""
    bars = {"type": "bar", "name": "Reference", "x": overlay.centres, "y": overlay.reference, "opacity": 0.55}
    steps = {"type": "scatter", "mode": "lines", "line": {"shape": "hvh"}, "name": "Current"}
    layout = {"bargap": 0.05, "xaxis": {"title": {"text": overlay.axis}}, **_around()}
    return {"data": [bars, {**steps, "x": overlay.centres, "y": overlay.current}], "layout": layout}


def _categories(overlay):
    before = {"type": "bar", "name": "Reference", "x": overlay.names, "y": overlay.reference, "opacity": 0.55}
    after = {"type": "bar", "name": "Current", "x": overlay.names, "y": overlay.current}
    return {"data": [before, after], "layout": {"barmode": "group", "xaxis": {"type": "category"}, **_around()}}


def _around():
    """The axis of shares, and the legend above, where no name of an axis is."""
    legend = {"y": 1.02, "yanchor": "bottom"}
    return {"yaxis": {"title": {"text": "% of the window"}, "rangemode": "tozero"}, "legend": legend}

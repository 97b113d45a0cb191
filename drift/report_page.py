"""What the page of one drift report shows, as text."""

from dataclasses import dataclass
from datetime import datetime

from drift.choices import ReportStatus, Verdict
from drift.models import DriftReport
from drift.windows import parse

TONES = {
    Verdict.OK: "success",
    Verdict.WATCH: "warning",
    Verdict.DRIFTING: "danger",
    Verdict.INSUFFICIENT_DATA: "info",
    Verdict.ERROR: "danger",
    ReportStatus.RUNNING: "primary",
}
_EFFECTS = {"cliffs_delta": "Cliff's delta", "centroid_distance": "centroid distance"}


@dataclass(frozen=True)
class MetricRow:
    label: str
    verdict: str
    tone: str
    effect: str
    evidence: str
    ks: str
    events: str
    sentence: str


@dataclass(frozen=True)
class WindowRow:
    name: str
    asked: str
    events: str
    span: str


@dataclass(frozen=True)
class Page:
    report: DriftReport
    verdict: str
    tone: str
    metrics: list[MetricRow]
    windows: list[WindowRow]
    facts: list[tuple[str, str]]


def build(report: DriftReport) -> Page:
    value, text = state(report)
    return Page(
        report=report,
        verdict=text,
        tone=TONES[value],
        metrics=[_metric(metric) for metric in report.metrics],
        windows=[_window(report, "reference"), _window(report, "current")],
        facts=_facts(report),
    )


def _facts(report):
    versions = {f"version of {name}": version for name, version in report.methods.items()}
    named = {**report.parameters, "seed": report.seed, **versions}
    return [(name.replace("_", " "), str(value)) for name, value in named.items()]


def state(report: DriftReport) -> tuple[str, str]:
    """The verdict and its words; while there is none, the status."""
    if not report.verdict:
        return report.status, report.get_status_display()
    return report.verdict, report.get_verdict_display()


def _metric(metric):
    low_high = metric["effect_interval"]
    effect = "–" if metric["effect"] is None else f"{metric['effect']:.3f}"
    if low_high:
        effect += f" ({low_high[0]:.3f} to {low_high[1]:.3f})"
    measured = _EFFECTS.get(metric["statistics"].get("effect"))
    ks = metric["statistics"].get("ks")
    return MetricRow(
        label=metric["label"],
        verdict=Verdict(metric["verdict"]).label,
        tone=TONES[metric["verdict"]],
        effect=f"{effect} {measured}" if measured else effect,
        evidence=_probability(metric["adjusted_p_value"]),
        ks="–" if ks is None else f"{ks:.3f}",
        events=f"{metric['n_reference']:,} and {metric['n_current']:,}",
        sentence=metric["sentence"],
    )


def _time(text):
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M:%S}"


def _probability(value):
    if value is None:
        return "–"
    return "below 0.0001" if value < 0.0001 else f"{value:.4f}"


def _window(report, name):
    resolved = report.resolved_windows.get(name, {})
    span = f"{_time(resolved['first_at'])} to {_time(resolved['last_at'])} UTC" if resolved.get("n") else "–"
    events = f"{resolved['n']:,}" if resolved else "–"
    if resolved.get("cut_to_newest"):
        events += " (the newest of them)"
    return WindowRow(name, parse(getattr(report, f"{name}_window")).words, events, span)

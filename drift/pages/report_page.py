"""The text of the page and files of one drift report."""

from dataclasses import dataclass
from datetime import datetime

from drift.choices import ReportStatus, Verdict
from drift.models import DriftReport
from drift.windows.window import parse

TONES = {
    Verdict.OK: "success",
    Verdict.WATCH: "warning",
    Verdict.DRIFTING: "danger",
    Verdict.INSUFFICIENT_DATA: "info",
    Verdict.ERROR: "danger",
    ReportStatus.RUNNING: "primary",
}
MOVED = (Verdict.DRIFTING, Verdict.WATCH)
# Changes first, metrics that could not be judged last.
_ORDER = [*MOVED, Verdict.ERROR, Verdict.OK, Verdict.INSUFFICIENT_DATA]
_QUIET = (Verdict.OK, Verdict.INSUFFICIENT_DATA)
_EFFECTS = {
    "cliffs_delta": "Cliff's delta",
    "share_difference": "difference of shares",
    "share_distance": "distance of shares",
    "mmd": "distance of embeddings",
}
_SOURCES = {
    "events": "single events",
    "rollups": "hourly rollups",
    "baseline": "stored baseline",
}
_NAMED, NOTHING = 3, "–"
CAVEAT = (
    "Intervals and p-values assume independent events. Events of one user are correlated; with few users intervals are"
    " too narrow and p-values too small."
)


@dataclass(frozen=True)
class MetricRow:
    """is_quiet: whether it needs no attention, because it did not change or has too few values."""

    label: str
    verdict: str
    is_quiet: bool
    tone: str
    effect: str
    evidence: str
    events: str
    sentence: str
    since: str


@dataclass(frozen=True)
class WindowRow:
    name: str
    asked: str
    events: str
    span: str
    source: str


@dataclass(frozen=True)
class ReportPage:
    report: DriftReport
    verdict: str
    tone: str
    headline: str
    metrics: list[MetricRow]
    windows: list[WindowRow]
    facts: list[tuple[str, str]]

    @property
    def caveat(self) -> str:
        """The limitation of the statistics, for a report with p-values."""
        return CAVEAT if any(metric.evidence != NOTHING for metric in self.metrics) else ""

    @property
    def loud(self) -> list[MetricRow]:
        return [metric for metric in self.metrics if not metric.is_quiet]

    @property
    def quiet(self) -> list[MetricRow]:
        return [metric for metric in self.metrics if metric.is_quiet]


def build(report: DriftReport) -> ReportPage:
    value, text = state(report)
    return ReportPage(
        report=report,
        verdict=text,
        tone=TONES[value],
        headline=headline(report),
        metrics=[_row(metric) for metric in by_severity(report)],
        windows=[_window(report, "reference"), _window(report, "current")],
        facts=_facts(report),
    )


def _facts(report):
    versions = {f"version of {name}": version for name, version in report.methods.items()}
    named = {**report.parameters, "seed": report.seed, **versions}
    return [(name.replace("_", " "), _value(value)) for name, value in named.items() if value is not None]


def _value(value):
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {each}" for name, each in value.items())
    return str(value)


def state(report: DriftReport) -> tuple[str, str]:
    """The verdict and its label; the status while there is no verdict."""
    if not report.verdict:
        return report.status, report.get_status_display()
    return report.verdict, report.get_verdict_display()


def by_severity(report: DriftReport) -> list[dict]:
    """The metrics of a report, by verdict and then by effect, largest first."""
    return sorted(report.metrics, key=lambda metric: (_ORDER.index(metric["verdict"]), -abs(metric["effect"] or 0.0)))


def moved(report: DriftReport) -> list[dict]:
    return [metric for metric in by_severity(report) if metric["verdict"] in MOVED]


def label_of(metric: dict) -> str:
    """The label of a metric, with its segment."""
    return f"{metric['label']}, {metric['segment']}" if metric["segment"] else metric["label"]


def headline(report: DriftReport) -> str:
    """The verdict in one sentence."""
    if report.status == ReportStatus.RUNNING:
        return "A worker is comparing the windows."
    if report.status == ReportStatus.FAILED:
        return f"The windows could not be compared: {report.error}"
    found = {verdict: [metric for metric in by_severity(report) if metric["verdict"] == verdict] for verdict in _ORDER}
    compared = f"{len(report.metrics):,} metric{'' if len(report.metrics) == 1 else 's'} compared."
    if report.verdict == Verdict.INSUFFICIENT_DATA:
        return f"Not enough data to judge any metric; {compared}"
    parts = [
        _named("Drifting", found[Verdict.DRIFTING]),
        _named("may have changed", found[Verdict.WATCH]),
        _named("could not be measured", found[Verdict.ERROR]),
        f"too few values: {len(found[Verdict.INSUFFICIENT_DATA])}" if found[Verdict.INSUFFICIENT_DATA] else "",
    ]
    if not any(found[verdict] for verdict in (*MOVED, Verdict.ERROR)):
        parts.insert(0, "No meaningful change")
    summary = "; ".join(part for part in parts if part)
    return f"{summary[:1].upper()}{summary[1:]}; {compared}"


def _named(heading, metrics):
    if not metrics:
        return ""
    labels = [label_of(metric) for metric in metrics]
    more = len(labels) - _NAMED
    listed = ", ".join(labels[:_NAMED]) + (f" and {more} more" if more > 0 else "")
    return f"{heading}: {listed}"


def _row(metric):
    since = metric.get("first_seen_at")
    return MetricRow(
        label=label_of(metric),
        verdict=Verdict(metric["verdict"]).label,
        is_quiet=metric["verdict"] in _QUIET,
        tone=TONES[metric["verdict"]],
        effect=_effect(metric),
        evidence=_probability(metric["adjusted_p_value"]),
        events=f"{metric['n_reference']:,} and {metric['n_current']:,}",
        sentence=metric["sentence"],
        since=f"{_time(since)} UTC" if since else "",
    )


def _effect(metric):
    statistics = metric["statistics"]
    detectable = statistics.get("smallest_detectable_delta")
    if metric["verdict"] == Verdict.INSUFFICIENT_DATA and detectable is not None:
        reach = f"{detectable:.2f}" if detectable < 1 else "none"
        return f"smallest detectable: {reach}"
    if metric["effect"] is None:
        return NOTHING
    text = f"{metric['effect']:.3f}"
    if metric["effect_interval"]:
        low, high = metric["effect_interval"]
        text += f" ({low:.3f} to {high:.3f})"
    return f"{text} {_EFFECTS.get(statistics.get('effect'), '')}".rstrip()


def _time(text):
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M:%S}"


def _probability(value):
    if value is None:
        return NOTHING
    return "below 0.0001" if value < 0.0001 else f"{value:.4f}"


def _window(report, name):
    resolved = report.resolved_windows.get(name, {})
    span = f"{_time(resolved['first_at'])} to {_time(resolved['last_at'])} UTC" if resolved.get("n") else NOTHING
    events = f"{resolved['n']:,}" if resolved else NOTHING
    source = _SOURCES.get(resolved.get("source"), NOTHING)
    if "version" in resolved:
        source += f", version {resolved['version']}"
    before = "the report" if name == "current" else "the current window"
    asked = parse(getattr(report, f"{name}_window")).describe(before)
    return WindowRow(name, asked, events, span, source)

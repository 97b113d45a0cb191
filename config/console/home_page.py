"""The figures of the home page, ready to print."""

from dataclasses import dataclass

from django.utils import timezone

from config.console.decisions import Decision, waiting
from feedback.choices import ContentPolicy, SignalType
from feedback.console.presentation import Chart
from feedback.models import Deployment
from feedback.rollups.trends import RANGES, Estimate, Period, Trends, VersionSeries, period, trends

FEW = 30  # Fewer than this in the previous period are too few to compare with.


@dataclass(frozen=True)
class Card:
    """One number, its uncertainty and its change."""

    label: str
    value: str
    detail: str
    delta: str
    direction: str = ""


@dataclass(frozen=True)
class SignalCount:
    label: str
    count: int
    before: int
    percent: float


@dataclass(frozen=True)
class HomePage:
    period: Period
    ranges: list[tuple[str, str]]
    deployment: str
    deployments: list[str]
    unmasked: list[str]
    cards: list[Card]
    charts: list[Chart]
    signals: list[SignalCount]
    decisions: list[Decision]

    @property
    def is_first_start(self) -> bool:
        return not self.deployments


def build(user, range_key: str, deployment_id: str) -> HomePage:
    policies = dict(Deployment.objects.values_list("id", "content_policy"))
    deployments = list(policies)
    deployment_id = deployment_id if deployment_id in deployments else ""
    shown = trends(period(range_key, timezone.now()), deployment_id)
    return HomePage(
        period=shown.period,
        ranges=[(key, label) for key, (label, _, _) in RANGES.items()],
        deployment=deployment_id,
        deployments=deployments,
        unmasked=[name for name, policy in policies.items() if policy == ContentPolicy.OFF],
        cards=_cards(shown),
        charts=[_events_chart(shown), _quality_chart(shown)] if shown.current.events else [],
        signals=_signals(shown),
        decisions=waiting(user, deployment_id),
    )


def _cards(shown: Trends) -> list[Card]:
    now, before = shown.current, shown.before
    return [
        Card("Events", f"{now.events:,}", _per_bucket(shown), *_change(now.events, before.events)),
        Card(
            "Mean quality", *_estimate(now.quality, "{:.3f}"), *_difference(now.quality, before.quality, 1, "{:+.3f}")
        ),
        Card(
            "Thumbs up",
            *_estimate(now.thumbs_up, "{:.1%}"),
            *_difference(now.thumbs_up, before.thumbs_up, 100, "{:+.1f} pt"),
        ),
        Card("Edited answers", f"{now.edits:,}", _edit_rate(now), *_change(now.edits, before.edits)),
    ]


def _per_bucket(shown: Trends) -> str:
    return f"{shown.current.events / len(shown.period.buckets):,.0f} per {shown.period.bucket}"


def _edit_rate(summary) -> str:
    return f"{summary.edits / summary.events:.2%} of events" if summary.events else "no events"


def _estimate(estimate: Estimate | None, form: str) -> tuple[str, str]:
    if estimate is None:
        return "–", "no data"
    low, high = form.format(estimate.low), form.format(estimate.high)
    return form.format(
        estimate.value
    ), f"95 % interval {low} to {high}, n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{estimate.n:,}"


def _change(now: int, before: int) -> tuple[str, str]:
    if not before:
        return "no data in the previous period", ""
    if before < FEW:
        return f"{before:,} in the previous period", ""
    return f"{(now - before) / before:+.0%} vs. previous period", ""


def _difference(now: Estimate | None, before: Estimate | None, factor: float, form: str) -> tuple[str, str]:
    """The difference; better or worse only if the two intervals do not overlap."""
    if now is None or before is None:
        return "no data in the previous period", ""
    if before.n < FEW:
        return f"too few in the previous period (n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{before.n})", ""
    moved = form.format((now.value - before.value) * factor)
    if not any(digit in moved for digit in "123456789"):
        return "unchanged", ""
    direction = "better" if now.low > before.high else "worse" if now.high < before.low else ""
    return f"{moved} vs. previous period", direction


def _signals(shown: Trends) -> list[SignalCount]:
    now, before = shown.current.signals, shown.before.signals
    largest = max([*now.values(), *before.values()], default=1)
    return [
        SignalCount(kind.label, now.get(kind, 0), before.get(kind, 0), 100 * now.get(kind, 0) / largest)
        for kind in SignalType
    ]


def _events_chart(shown: Trends) -> Chart:
    traces = [
        {"type": "bar", "name": _name(series), "x": _times(shown), "y": series.events} for series in shown.versions
    ]
    figure = {"data": traces, "layout": {"barmode": "stack", "yaxis": {"rangemode": "tozero", "tickformat": ",d"}}}
    rows = _rows(shown, lambda series, index: f"{series.events[index]:,}")
    caption = f"Events per {shown.period.bucket} by model version"
    return Chart("events-chart", caption, figure, _header(shown), rows, note="Times are UTC.")


def _quality_chart(shown: Trends) -> Chart:
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": _name(series),
            "x": _times(shown),
            "y": [None if score is None else round(score, 4) for score in series.quality],
        }
        for series in shown.versions
    ]
    figure = {"data": traces, "layout": {"yaxis": {"tickformat": ".2f"}}}
    rows = _rows(shown, lambda series, index: _score(series.quality[index]))
    caption = f"Mean quality per {shown.period.bucket} by model version"
    return Chart("quality-chart", caption, figure, _header(shown), rows, note="0 is unusable, 1 is flawless.")


def _name(series: VersionSeries) -> str:
    return series.version or "no version"


def _times(shown: Trends) -> list[str]:
    return [bucket.strftime("%Y-%m-%d %H:%M") for bucket in shown.period.buckets]


def _header(shown: Trends) -> list[str]:
    return [shown.period.bucket.capitalize(), *(_name(series) for series in shown.versions)]


def _rows(shown: Trends, cell) -> list[list[str]]:
    form = "%Y-%m-%d %H:%M" if shown.period.bucket == "hour" else "%Y-%m-%d"
    return [
        [bucket.strftime(form), *(cell(series, index) for series in shown.versions)]
        for index, bucket in enumerate(shown.period.buckets)
    ]


def _score(score: float | None) -> str:
    return "–" if score is None else f"{score:.3f}"

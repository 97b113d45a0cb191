"""The figures of the home page, ready to print."""

from dataclasses import dataclass

from django.utils import timezone

from config.console.decisions import Decision, waiting
from feedback.access.viewing import may_view
from feedback.choices import ContentPolicy, SignalType
from feedback.console.presentation import Chart
from feedback.models import Deployment
from feedback.rollups.estimates import Estimate
from feedback.rollups.trends import RANGES, Period, Trends, VersionSeries, period, trends

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
    is_first_start: bool
    shows_events: bool
    shows_signals: bool


def build(user, range_key: str, deployment_id: str) -> HomePage:
    """The page with the figures of what this user may view: events, signals, deployments."""
    known = list(Deployment.objects.values_list("id", "content_policy", "archived"))
    policies = {name: policy for name, policy, is_archived in known if not is_archived}
    archived = [name for name, _, is_archived in known if is_archived]
    shows_events, shows_signals = may_view(user, "feedback.event"), may_view(user, "feedback.signal")
    shows_deployments = may_view(user, "feedback.deployment")
    names = list(policies) if shows_events or shows_signals or shows_deployments else []
    deployment_id = deployment_id if names and deployment_id in {*names, *archived} else ""
    shown = trends(
        period(range_key, timezone.now()), deployment_id, except_deployments=[] if deployment_id else archived
    )
    return HomePage(
        period=shown.period,
        ranges=[(key, label) for key, (label, _, _) in RANGES.items()],
        deployment=deployment_id,
        deployments=names,
        unmasked=[name for name in names if policies[name] == ContentPolicy.OFF] if shows_deployments else [],
        cards=[*(_event_cards(shown) if shows_events else []), *(_signal_cards(shown) if shows_signals else [])],
        charts=[_events_chart(shown), _quality_chart(shown)] if shows_events and shown.current.events else [],
        signals=_signals(shown) if shows_signals else [],
        decisions=waiting(user, deployment_id),
        is_first_start=not known,
        shows_events=shows_events,
        shows_signals=shows_signals,
    )


def _event_cards(shown: Trends) -> list[Card]:
    now, before = shown.current, shown.before
    return [
        Card("Events", f"{now.events:,}", _per_bucket(shown), *_change(now.events, before.events)),
        Card(
            "Mean quality", *_estimate(now.quality, "{:.3f}"), *_difference(now.quality, before.quality, 1, "{:+.3f}")
        ),
    ]


def _signal_cards(shown: Trends) -> list[Card]:
    now, before = shown.current, shown.before
    return [
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

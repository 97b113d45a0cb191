"""The figures of the home page, ready to print."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from config.console.decisions import Decision, waiting
from feedback.access.viewing import may_view
from feedback.choices import ContentPolicy, SignalType
from feedback.console import trend_figures
from feedback.console.presentation import Chart
from feedback.console.trend_figures import Card, Table
from feedback.evidence.keeping.tables import table_of
from feedback.models import Deployment
from feedback.rollups.trends import RANGES, Period, Trends, period, trends


@dataclass(frozen=True)
class SignalCount:
    label: str
    count: int
    before: int
    percent: float
    per_hundred: float | None


@dataclass(frozen=True)
class HomePage:
    """recounting: the deployments whose signals are being counted again."""

    period: Period
    ranges: list[tuple[str, str]]
    deployment: str
    deployments: list[str]
    unmasked: list[str]
    recounting: list[str]
    cards: list[Card]
    charts: list[Chart]
    versions: Table | None
    shows_new_versions: bool
    signals: list[SignalCount]
    decisions: list[Decision]
    is_first_start: bool
    shows_events: bool
    shows_signals: bool


def build(user, range_key: str, deployment_id: str) -> HomePage:
    """The page with the figures of what this user may view: events, signals, deployments."""
    known = {deployment.pk: deployment for deployment in Deployment.objects.with_recounts()}
    listed = {name: deployment for name, deployment in known.items() if not deployment.archived}
    shows_events, shows_signals = may_view(user, "feedback.event"), may_view(user, "feedback.signal")
    shows_deployments = may_view(user, "feedback.deployment")
    names = list(listed) if shows_events or shows_signals or shows_deployments else []
    deployment_id = deployment_id if names and deployment_id in known else ""
    shown = _trends(range_key, known, deployment_id)
    is_full = bool(shows_events and shows_signals and shown.current.counts.events)
    counting = [name for name in ([deployment_id] if deployment_id else listed) if known[name].is_recounting]
    return HomePage(
        period=shown.period,
        ranges=[(key, label) for key, (label, _, _) in RANGES.items()],
        deployment=deployment_id,
        deployments=names,
        unmasked=[name for name in names if listed[name].content_policy == ContentPolicy.OFF]
        if shows_deployments
        else [],
        recounting=counting if shows_signals else [],
        cards=[
            *(trend_figures.event_cards(shown) if shows_events else []),
            *(trend_figures.feedback_cards(shown, with_events=shows_events) if shows_signals else []),
        ],
        charts=_charts(shown, shows_events=shows_events, shows_signals=shows_signals),
        versions=trend_figures.by_version(shown) if is_full else None,
        shows_new_versions=is_full,
        signals=_signals(shown) if shows_signals else [],
        decisions=waiting(user, deployment_id),
        is_first_start=not known,
        shows_events=shows_events,
        shows_signals=shows_signals,
    )


def _trends(range_key: str, known: Mapping[str, Deployment], deployment_id: str) -> Trends:
    tables = {name: table_of(deployment) for name, deployment in known.items()}
    archived = [] if deployment_id else [name for name, deployment in known.items() if deployment.archived]
    return trends(period(range_key, timezone.now()), tables, deployment_id, except_deployments=archived)


def _charts(shown: Trends, *, shows_events: bool, shows_signals: bool) -> list[Chart]:
    if not shown.current.counts.events:
        return []
    of_events = [trend_figures.events_chart, trend_figures.checks_chart] if shows_events else []
    of_signals = [trend_figures.approval_chart, trend_figures.signals_chart] if shows_events and shows_signals else []
    # Checks and feedback stand side by side.
    return [draw(shown) for draw in [*of_events[1:], *of_signals[:1], *of_events[:1], *of_signals[1:]]]


def _signals(shown: Trends) -> list[SignalCount]:
    now, before = shown.current.counts, shown.before.counts
    largest = max([*now.signals.values(), *before.signals.values()], default=1)
    found = [(kind, now.signals.get(kind, 0), before.signals.get(kind, 0)) for kind in SignalType]
    return [
        SignalCount(kind.label, count, earlier, 100 * count / largest, now.per_hundred(count))
        for kind, count, earlier in found
    ]

"""Model versions that trainings made, each beside the version before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from drift.models import TrainingMark
from exports.models import ModelVersion
from feedback.access.viewing import may_view
from feedback.choices import Split
from feedback.console.trend_figures import FEW, as_estimate, with_interval
from feedback.evidence.keeping import sampled
from feedback.evidence.keeping.tables import table_of
from feedback.models import Deployment
from feedback.rollups import groups, reading
from feedback.rollups.estimates import Estimate
from feedback.rollups.groups import GroupFigures
from feedback.rollups.trends import MOST_VOTED, SHOWN_VERSIONS
from feedback.statistics.intervals import IntervalResult, difference
from feedback.stores import event_store
from feedback.stores.base import EventFilter, Paging

SHOWN = 3
RECENT, SPAN = timedelta(days=90), timedelta(days=30)


@dataclass(frozen=True)
class Row:
    """One figure of both versions. verdict: which is higher, if that is certain at 95 %."""

    name: str
    before: str
    now: str
    moved: str
    verdict: str


@dataclass(frozen=True)
class Comparison:
    """events: of the new version; without any there are no rows."""

    deployment_id: str
    version: str
    before: str
    trained_at: datetime
    events: int
    rows: list[Row]


def build(user, deployment_id: str) -> list[Comparison]:
    """The newest versions that trainings made, of one deployment or, with an empty id, of all that are not archived."""
    if not (may_view(user, "feedback.event") and may_view(user, "feedback.signal")):
        return []
    marks = TrainingMark.objects.newest_with_version(timezone.now() - RECENT)
    marks = marks.of_deployment(deployment_id) if deployment_id else marks.of_listed_deployments()
    return [_compare(mark) for mark in marks[:SHOWN]]


def _compare(mark: TrainingMark) -> Comparison:
    found = _by_version(mark.deployment, mark.created_at - SPAN)
    new = found.pop(mark.model_version_id, GroupFigures())
    before = _before(mark, found)
    rows = []
    if new.counts.events and before:
        old = found[before]
        rows = [
            _row("Checks", old.checks, new.checks),
            _row("Feedback: approval", as_estimate(old.approval), as_estimate(new.approval)),
        ]
    return Comparison(mark.deployment_id, mark.model_version_id, before, mark.created_at, new.counts.events, rows)


def _by_version(deployment: Deployment, since: datetime) -> dict[str, GroupFigures]:
    now = timezone.now()
    voted = sampled.newest_of_periods([deployment.pk], [(since, now)], most=MOST_VOTED)
    tables: Mapping = {deployment.pk: table_of(deployment)}
    window = reading.window(since, now, deployment.pk)
    parts = groups.parts(window, Split.MODEL_VERSION, voted, tables=tables, with_names=False)
    return parts.grouped(lambda version, start: version)


def _before(mark: TrainingMark, others: Mapping[str, GroupFigures]) -> str:
    """The version that the registered one was made after, or else the last one in use; "" without events."""
    registered = ModelVersion.objects.of_deployment(mark.deployment_id).filter(name=mark.model_version_id)
    parent = registered.values_list("parent__name", flat=True).first()
    if parent in others and others[parent].counts.events:
        return parent
    busy = {name: figures.counts.events for name, figures in others.items() if name and figures.counts.events}
    busiest = sorted(busy, key=lambda name: (-busy[name], name))[:SHOWN_VERSIONS]
    return max(busiest, key=lambda name: (_last_event(mark.deployment_id, name), busy[name]), default="")


def _last_event(deployment_id: str, version: str) -> float:
    where = EventFilter(deployment_id=deployment_id, model_version_id=version)
    times = event_store().scan(where, ["occurred_at"], Paging(limit=1)).read_all()["occurred_at"]
    return times[0].as_py().timestamp() if len(times) else 0.0


def _row(name: str, old: Estimate | None, new: Estimate | None) -> Row:
    shown = with_interval(old), with_interval(new)
    if old is None or new is None or min(old.n, new.n) < FEW:
        return Row(name, *shown, "", "not enough data")
    if old.low is None or old.high is None or new.low is None or new.high is None:
        return Row(name, *shown, "", "not enough data")
    moved = difference(IntervalResult(new.value, new.low, new.high), IntervalResult(old.value, old.low, old.high))
    verdict = "higher" if moved.low > 0 else "lower" if moved.high < 0 else "no evidence of a difference"
    return Row(name, *shown, f"{moved.value:+.3f} [{moved.low:+.3f}, {moved.high:+.3f}]", verdict)

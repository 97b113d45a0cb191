"""Pinned windows: each has a name, and a new version of it whenever it is pinned again."""

from collections.abc import Sequence

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from drift.models import Baseline, DriftReport, MetricState
from drift.reading import contents, from_events
from drift.reading.configured import window_size
from drift.reading.contents import Reading, Wanted
from drift.windows import frozen
from drift.windows.window import MAX_EVENTS, InvalidWindow, Window, parse
from feedback.measures.binning import SCHEME
from feedback.models import Deployment
from feedback.stores.base import EventFilter

NORMAL, TRAINING = "normal", "training"


class NothingToPin(ValueError):
    """A window without events."""

    def __init__(self):
        super().__init__("The window holds no events.")


class NotAcceptable(ValueError):
    """A report that cannot be accepted, or that was already."""

    def __init__(self, report_id: int):
        super().__init__(
            f"Report {report_id} is not a completed report of the standard profile, or was accepted before."
        )


def newest(deployment_id: str, name: str, *, field: str = "baseline") -> Baseline:
    """The newest version of a baseline. Raises InvalidWindow, of this field, if there is none."""
    found = Baseline.objects.of_deployment(deployment_id).named(name).newest_version()
    if found is None:
        raise InvalidWindow(field, f"There is no baseline with this name: {name}.")
    return found


def pin(
    deployment_id: str, name: str, window: Window | None = None, *, by: AbstractBaseUser | None, reason: str = ""
) -> Baseline:
    """Keep what this window holds now, or the newest events, under this name. Raises InvalidWindow and NothingToPin."""
    window = window or Window(last_events=window_size(deployment_id))
    if window.season_weeks is not None or window.previous_version:
        raise InvalidWindow("", "A baseline is a window of its own: it cannot hang on another.")
    found = contents.read(window, _wanted(deployment_id))
    with transaction.atomic():
        return _keep(deployment_id, name, window.as_json(), found, created_by=by, reason=reason)


def pin_events(deployment_id: str, name: str, event_ids: Sequence[str], *, reason: str = "") -> Baseline:
    """Keep what these events hold, such as those that a training used; at most the newest MAX_EVENTS of them."""
    where = EventFilter(deployment_id=deployment_id, ids=event_ids)
    events = from_events.newest(where, limit=MAX_EVENTS)
    found = contents.of_events(events, _wanted(deployment_id))
    ids = sorted(events.ids)
    with transaction.atomic():
        return _keep(deployment_id, name, {"events": len(ids)}, found, event_ids=ids, reason=reason)


def accept(report_id: int, *, by: AbstractBaseUser, reason: str, baseline: str = NORMAL) -> Baseline:
    """Take the current window of a report as the new normal: pin it, and note who says so and why.

    Raises NotAcceptable if it was accepted before or has no result, and InvalidWindow or NothingToPin.
    """
    report = DriftReport.objects.get(pk=report_id)
    if not report.is_acceptable:
        raise NotAcceptable(report_id)
    found = contents.again(report.resolved_windows["current"], _wanted(report.deployment_id))
    with transaction.atomic():
        # A report that is being completed writes its states: one after the other.
        _lock(report.deployment_id)
        accepted = (
            DriftReport.objects.acceptable()
            .filter(pk=report_id)
            .update(acknowledged_by=by, acknowledged_at=timezone.now(), acknowledged_reason=reason)
        )
        if not accepted:
            raise NotAcceptable(report_id)
        # What was accepted as normal is no drift any more.
        MetricState.objects.filter(deployment_id=report.deployment_id).delete()
        window = parse(report.current_window).as_json()
        return _keep(report.deployment_id, baseline, window, found, created_by=by, reason=reason, report=report)


def _wanted(deployment_id):
    """All segments of the deployment; embeddings are looked up when the baseline is compared."""
    keys = Deployment.objects.values_list("segment_keys", flat=True).get(pk=deployment_id)
    return Wanted(deployment_id, keys, embedding_sample=0)


def _keep(deployment_id: str, name: str, window: dict, found: Reading, **facts) -> Baseline:
    if not found.data.n:
        raise NothingToPin
    resolved = found.resolved
    if isinstance(found.source, Baseline):
        # A copy of a baseline holds the same events, so it says of them what the baseline says.
        resolved = found.source.resolved_window
        facts["event_ids"] = found.source.event_ids
    # Whoever pins the same name at the same time waits here, and gets the next version.
    _lock(deployment_id)
    last = Baseline.objects.of_deployment(deployment_id).named(name).newest_version()
    return Baseline.objects.create(
        deployment_id=deployment_id,
        name=name,
        version=last.version + 1 if last else 1,
        window=window,
        resolved_window=resolved,
        n=found.data.n,
        scheme=SCHEME,
        parts=frozen.as_json(found.data.largest_parts()),
        measure_versions=dict(found.data.versions),
        **facts,
    )


def _lock(deployment_id: str) -> None:
    """Wait for others that decide about this deployment; its events arrive meanwhile."""
    Deployment.objects.select_for_update(no_key=True).get(pk=deployment_id)

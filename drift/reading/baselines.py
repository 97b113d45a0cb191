"""Pinned windows by name; pinning a name again creates a new version."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from drift.models import Baseline, DriftReport, MetricState
from drift.reading import contents
from drift.reading.configured import window_size
from drift.reading.contents import Reading, Wanted
from drift.windows import frozen
from drift.windows.window import InvalidWindow, Window, parse
from feedback.measures.binning import SCHEME
from feedback.models import Deployment

NORMAL, TRAINING = "normal", "training"
# Of one deployment. Of each name the newest versions are kept.
MOST_NAMES, MOST_VERSIONS = 50, 50


class TooManyBaselines(Exception):
    """The deployment has so many baselines that no further name is pinned."""

    def __init__(self, deployment_id: str):
        super().__init__(f"{deployment_id} has {MOST_NAMES} baselines. Pin a new version of one of them.")


class NothingToPin(ValueError):
    """A window without events."""

    def __init__(self):
        super().__init__("The window contains no events.")


class NotAcceptable(ValueError):
    """A report that cannot be accepted or has already been accepted."""

    def __init__(self, report_id: int):
        super().__init__(
            f"Report {report_id} cannot be accepted: it is not a completed standard report, or was accepted before."
        )


def newest(deployment_id: str, name: str, *, field: str = "baseline") -> Baseline:
    """The newest version of a baseline. Raises InvalidWindow for this field if there is none."""
    found = Baseline.objects.of_deployment(deployment_id).named(name).newest_version()
    if found is None:
        raise InvalidWindow(field, f"No baseline named {name}.")
    return found


def pin(
    deployment_id: str, name: str, window: Window | None = None, *, by: AbstractBaseUser | None, reason: str = ""
) -> Baseline:
    """Pin this window, by default the newest events, under a name.

    Raises InvalidWindow, NothingToPin and TooManyBaselines.
    """
    window = window or Window(last_events=window_size(deployment_id))
    if window.season_weeks is not None or window.previous_version:
        raise InvalidWindow(
            "", "A baseline cannot depend on another window: season and previous_version are not allowed."
        )
    found = read(deployment_id, window)
    with transaction.atomic():
        return keep(deployment_id, name, window.as_json(), found, created_by=by, reason=reason)


def read(deployment_id: str, window: Window) -> Reading:
    """The measurements of a window, for `keep`."""
    return contents.read(window, _wanted(deployment_id))


def accept(report_id: int, *, by: AbstractBaseUser, reason: str, baseline: str = NORMAL) -> Baseline:
    """Accept the current window of a report as the new normal: pin it and record who accepted it and why.

    Raises NotAcceptable if it was accepted before or has no result, InvalidWindow, NothingToPin and
    TooManyBaselines.
    """
    report = DriftReport.objects.get(pk=report_id)
    if not report.is_acceptable:
        raise NotAcceptable(report_id)
    found = contents.read_again(report.resolved_windows["current"], _wanted(report.deployment_id))
    with transaction.atomic():
        # Serialized with reports that complete and write their states.
        _lock(report.deployment_id)
        accepted = (
            DriftReport.objects.acceptable()
            .filter(pk=report_id)
            .update(acknowledged_by=by, acknowledged_at=timezone.now(), acknowledged_reason=reason)
        )
        if not accepted:
            raise NotAcceptable(report_id)
        # Changes accepted as normal are no longer drift.
        MetricState.objects.filter(deployment_id=report.deployment_id).delete()
        window = parse(report.current_window).as_json()
        return keep(report.deployment_id, baseline, window, found, created_by=by, reason=reason, report=report)


def _wanted(deployment_id):
    """All segments of the deployment; embeddings are read when the baseline is compared."""
    keys = Deployment.objects.values_list("segment_keys", flat=True).get(pk=deployment_id)
    return Wanted(deployment_id, keys, embedding_sample=0)


def keep(deployment_id: str, name: str, window: dict, found: Reading, **facts) -> Baseline:
    """Store what `read` measured as the next version of a name, in the transaction of the caller.

    Raises NothingToPin and TooManyBaselines.
    """
    if not found.data.n:
        raise NothingToPin
    resolved = found.resolved
    if isinstance(found.source, Baseline):
        # A copy of a baseline has the same events, so it keeps the same description.
        resolved = found.source.resolved_window
    # A concurrent pin of the same name waits here and gets the next version.
    _lock(deployment_id)
    named = Baseline.objects.of_deployment(deployment_id).named(name)
    last = named.newest_version()
    if last is None and Baseline.objects.of_deployment(deployment_id).number_of_names() >= MOST_NAMES:
        raise TooManyBaselines(deployment_id)
    if last:
        named.up_to_version(last.version + 1 - MOST_VERSIONS).delete()
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
    """Lock the deployment against concurrent pins and reports; ingestion goes on."""
    Deployment.objects.select_for_update(no_key=True).get(pk=deployment_id)

"""Resolves the windows of a report: fills in defaults and checks them against the deployment."""

from collections.abc import Sequence

from drift.choices import Profile
from drift.models import Baseline
from drift.reading import from_rollups
from drift.reading.baselines import NORMAL, newest
from drift.reading.configured import window_size
from drift.windows.segments import VERSIONS
from drift.windows.window import InvalidWindow, Window, resolve
from feedback.models import Deployment
from feedback.stores import event_store
from feedback.stores.base import EventFilter, Paging


class UnknownSegment(ValueError):
    """A segment key that the deployment does not have."""

    def __init__(self, name: str, known: Sequence[str]):
        super().__init__(f"Unknown segment key {name}; available: {', '.join(known)}.")


def require_segments(deployment_id: str, names: Sequence[str], profile: str) -> None:
    """Raise UnknownSegment for a name that is neither a version nor a chosen metadata key."""
    if names and profile == Profile.CRUCIBLE:
        raise InvalidWindow("segments", "The crucible profile does not support segments.")
    known = [*VERSIONS, *Deployment.objects.values_list("segment_keys", flat=True).get(pk=deployment_id)]
    for name in names:
        if name not in known:
            raise UnknownSegment(name, known)


def resolve_windows(
    deployment_id: str, reference: Window | None, current: Window | None, profile: str
) -> tuple[Window, Window]:
    """Both windows with defaults filled in. Raises InvalidWindow if they cannot be compared."""
    if reference is not None and reference.previous_version and current is None:
        current = Window(model_version_id=_newest_version(deployment_id))
    reference, current = resolve(reference, current, size=window_size(deployment_id))
    for side, window in (("reference", reference), ("current", current)):
        _require(deployment_id, side, window, profile)
    if reference.previous_version and not from_rollups.version_before(deployment_id, current.model_version_id):
        raise InvalidWindow("reference", f"No model version precedes {current.model_version_id}.")
    return reference, current


def accepted_as_normal(deployment_id: str) -> Window | None:
    """The baseline accepted as normal, once a full window of newer events has arrived."""
    baseline = Baseline.objects.of_deployment(deployment_id).named(NORMAL).newest_version()
    if baseline is None:
        return None
    newer = EventFilter(deployment_id=deployment_id, occurred_from=baseline.span[1])
    size = window_size(deployment_id)
    return Window(baseline=NORMAL) if event_store().count(newer, at_most=size) >= size else None


def _require(deployment_id, side, window, profile):
    if profile == Profile.CRUCIBLE and (
        window.baseline is not None or window.depends_on_current or window.previous_version
    ):
        raise InvalidWindow(side, "The crucible profile requires last_events, from and to, or a version.")
    if window.baseline is not None:
        newest(deployment_id, window.baseline, field=f"{side}.baseline")


def _newest_version(deployment_id):
    found = (
        event_store().scan(EventFilter(deployment_id=deployment_id), ["model_version_id"], Paging(limit=1)).read_all()
    )
    version = found["model_version_id"][0].as_py() if found.num_rows else ""
    if not version:
        raise InvalidWindow("current", "The newest event has no model version; specify a current window.")
    return version

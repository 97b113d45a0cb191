"""When the measure of a metric changed: values of different versions are never compared."""

from datetime import UTC, datetime

from drift.windows.data import WindowData
from feedback.rollups import reading, versions

_EVER = (datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC))


def measured_since(deployment_id: str, reference: WindowData, current: WindowData) -> dict[str, datetime]:
    """The first hour of the newer version, by metric, for metrics with values of two versions."""
    window = reading.window(*_EVER, deployment_id)
    hours = {}
    for name in sorted(reference.measured_differently_from(current) | reference.mixed | current.mixed):
        used = {side.versions[name] for side in (reference, current) if name in side.versions}
        first = [versions.first_hour(window, name, version) for version in used]
        if known := [at for at in first if at is not None]:
            hours[name] = max(known)
    return hours

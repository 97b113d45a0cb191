"""The figures of one deployment: the checks and feedback, as rolling figures, by group and over time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from feedback.choices import Bucket, SignalType, Split
from feedback.evidence.group_approval import GroupApproval, group_approvals
from feedback.evidence.keeping import sampled
from feedback.evidence.keeping.sampled import VotedEvent
from feedback.models import Deployment
from feedback.rollups import groups, reading, repeated, users
from feedback.rollups.estimates import LEVEL, Estimate
from feedback.rollups.groups import GroupFigures, Parts
from feedback.rollups.repeated import Repeated
from feedback.rollups.rolling import rolling_average
from feedback.rollups.rows import RollupWindow
from feedback.rollups.segments import EXPERIMENT
from feedback.rollups.signals import recounting
from feedback.rollups.signals.figures import FeedbackFigures
from feedback.times import DAY, HOUR

# Votes are read of at most so many events of a window, as many of each bucket; of segments of fewer, because their
# events are read too.
MOST_VOTED, MOST_OF_SEGMENTS = 10_000, 5_000
_NOTHING = {"n": 0, "mean": None, "interval": None, "level": LEVEL}


def statistics(deployment_id: str, *, bucket: Bucket, days: int, by: Split) -> dict[str, Any]:
    """The newest events with scores and with votes, and the groups and buckets of the last `days` days."""
    rolling = rolling_average(deployment_id, settings.QUALITY_WINDOW)
    end = datetime.now(UTC) + timedelta(hours=1)
    window = reading.window(end - timedelta(days=days), end, deployment_id)
    most = MOST_OF_SEGMENTS if by in (Split.EXPERIMENT, Split.SEGMENT) else MOST_VOTED
    voted = sampled.newest_of_periods([deployment_id], periods(window, bucket), most=most)
    people = users.distinct_users(window)
    parts = groups.parts(window, Split.MODEL_VERSION, voted, each=bucket, metrics=groups.checks())
    over_time = sorted(parts.grouped(lambda version, start: (start, version)).items())
    repeats = _repeats(deployment_id) if by == Split.MODEL_VERSION else None
    newest = group_approvals({"": sampled.newest(deployment_id, most=settings.QUALITY_WINDOW)})
    return {
        "n": rolling.n,
        "mean": rolling.mean,
        "interval": None if rolling.low is None else [rolling.low, rolling.high],
        "level": LEVEL,
        "buckets": [
            {"start": start, "model_version_id": version, **_of_checks(one.checks)}
            for (start, version), one in over_time
            if one.checks
        ],
        "feedback": {
            **_of_approval(newest.get("")),
            "recounting": recounting.is_running(deployment_id),
            "buckets": [
                {"start": start, "model_version_id": version, **_of_approval(one.approval), **_counts(one.counts)}
                for (start, version), one in over_time
            ],
        },
        "judges": None,
        "people": None,
        "users": {"value": people.value, "low": people.low, "high": people.high, "level": LEVEL},
        "total": _group(parts.total()),
        "by": by.value,
        "groups": [
            {"name": name, **_group(one), "repeated": None if repeats is None else _of_repeats(repeats.get(name))}
            for name, one in _split(window, by, voted, parts)
        ],
    }


def _split(
    window: RollupWindow, by: Split, voted: Sequence[VotedEvent], parts: Parts
) -> list[tuple[str, GroupFigures]]:
    """The groups by name, those with most events first."""
    if by != Split.MODEL_VERSION:
        parts = groups.parts(window, by, voted, metrics=groups.checks())
    found = parts.grouped(lambda name, start: name)
    if by in (Split.EXPERIMENT, Split.SEGMENT):
        prefix = f"{EXPERIMENT}=" if by == Split.EXPERIMENT else ""
        found = {name.removeprefix(prefix): one for name, one in found.items() if name and name.startswith(prefix)}
    return sorted(found.items(), key=lambda item: (-item[1].counts.events, item[0]))


def periods(window: RollupWindow, bucket: Bucket) -> list[tuple[datetime, datetime]]:
    """The hours or calendar days of a window, from start to before end."""
    step = HOUR if bucket == Bucket.HOUR else DAY
    start = window.start if bucket == Bucket.HOUR else window.start.replace(hour=0)
    found = []
    while start < window.end:
        found.append((max(start, window.start), min(start + step, window.end)))
        start += step
    return found


def _of_checks(estimate: Estimate | None) -> dict[str, Any]:
    if estimate is None:
        return dict(_NOTHING)
    interval = None if estimate.low is None else [estimate.low, estimate.high]
    return {"n": estimate.n, "mean": estimate.value, "interval": interval, "level": estimate.level}


def _of_approval(approval: GroupApproval | None) -> dict[str, Any]:
    if approval is None:
        return {**_NOTHING, "events_read": 0}
    interval = None if approval.low is None else [approval.low, approval.high]
    figures = {"n": approval.users, "mean": approval.value, "interval": interval, "level": approval.level}
    return {**figures, "events_read": approval.events}


def _repeats(deployment_id: str) -> dict[str, Repeated]:
    return repeated.of_versions(Deployment.objects.with_repeats().get(pk=deployment_id))


def _of_repeats(found: Repeated | None) -> dict[str, Any]:
    n, share = found or (0, None)
    interval = None if share is None else [share.low, share.high]
    return {"n": n, "share": share and share.value, "interval": interval, "level": LEVEL}


def _counts(counts: FeedbackFigures) -> dict[str, Any]:
    return {
        "events": counts.events,
        "voted": counts.voted,
        "states": {"good": counts.good, "bad": counts.bad, "mixed": counts.mixed},
        "signals": {
            kind.value: {"count": number, "per_100": counts.per_hundred(number)}
            for kind in SignalType
            if (number := counts.signals.get(kind, 0))
        },
        "ratings": [{"name": name, "n": one.n, "mean": one.mean} for name, one in sorted(counts.ratings.items())],
    }


def _group(figures: GroupFigures) -> dict[str, Any]:
    return {
        **_counts(figures.counts),
        "checks": _of_checks(figures.checks),
        "by_check": [{"name": name, **_of_checks(one)} for name, one in sorted(figures.by_check.items())],
        "feedback": _of_approval(figures.approval),
    }

"""Which version of a measure is in force where a metric was measured in several ways."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from feedback.measures.catalogue import OWN, assessor_of, version_of
from feedback.quality import chosen
from feedback.quality.profiles.base import Profile
from feedback.rollups.rows import RollupWindow, sums


class Seen(NamedTuple):
    """The values of a metric that were measured in one way: how many there are, and the hours or days they begin in."""

    metric: str
    assessor: str
    version: str
    first_at: datetime
    last_at: datetime
    n: int


Versions = Mapping[str, str]


def in_force(found: Iterable[Seen], deployment_id: str | None = None) -> dict[str, str]:
    """The version of each metric: today's where anything was measured by it, else the one that came last.

    deployment_id: whose profile today's versions of the checks are of; without one, those of the default profile.
    """
    ways: defaultdict[tuple[str, str, str], list[Seen]] = defaultdict(list)
    for one in found:
        ways[one[:3]].append(one)
    by_metric: defaultdict[str, list[Seen]] = defaultdict(list)
    for one in map(_merged, ways.values()):
        if one.n > 0:
            by_metric[one.metric].append(one)
    profile = _profile(by_metric, deployment_id)
    return {metric: max(some, key=lambda one: _rank(one, profile)).version for metric, some in by_metric.items()}


def _profile(by_metric: Mapping[str, Sequence[Seen]], deployment_id: str | None) -> Profile | None:
    """The deployment's profile, read only where a check was measured in more than one way."""
    is_mixed = any(len(some) > 1 and assessor_of(metric) for metric, some in by_metric.items())
    return chosen.profile_of(deployment_id) if deployment_id and is_mixed else None


def _merged(parts: Sequence[Seen]) -> Seen:
    """The same way of measuring in several groups or hours."""
    first_at, last_at = min(part.first_at for part in parts), max(part.last_at for part in parts)
    return Seen(*parts[0][:3], first_at, last_at, sum(part.n for part in parts))


def mixed(found: Iterable[Seen]) -> frozenset[str]:
    """The metrics that were measured in more than one way."""
    ways = {(one.metric, one.version) for one in found if one.n > 0}
    return frozenset(metric for metric, count in Counter(metric for metric, _ in ways).items() if count > 1)


def _rank(one: Seen, profile: Profile | None) -> tuple:
    is_of_today = one.assessor in OWN and one.version == version_of(one.metric, profile)
    return is_of_today, one.last_at, one.first_at, one.version


def seen(windows: Sequence[RollupWindow], metrics: Sequence[str] | None = None) -> list[Seen]:
    """How the metrics were measured in these windows."""
    keys = ["metric", "assessor", "measure_version"]
    return [
        Seen(*names, first_at, last_at, n)
        for window in windows
        for names, first_at, last_at, n, *_ in sums(window, metrics, keys)
    ]


def first_hour(window: RollupWindow, metric: str, version: str) -> datetime | None:
    """The first hour of the window in which a metric was measured by this version."""
    found = sums(window, [metric], ["measure_version"], by_hour=True)
    return next((first_at for (name,), first_at, *_ in found if name == version), None)

"""What checks, users and costs say of the answers of each prompt version, from rollups."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from feedback.choices import Bucket, Metric
from feedback.evidence.group_approval import Ballot, GroupApproval, group_approvals
from feedback.evidence.keeping import sampled
from feedback.measures.histograms import Histogram
from feedback.rollups import estimates, reading
from feedback.rollups.estimates import Estimate
from feedback.rollups.quality_statistics import MOST_VOTED, periods
from feedback.rollups.reading import EVENTS
from feedback.statistics.intervals import Z_95

# An interval of fewer values is not to be relied on, so none is shown.
FEWEST = 30
_METRICS = (Metric.QUALITY, Metric.LATENCY, Metric.COST)


@dataclass(frozen=True)
class Outcome:
    """The events of one prompt version. approval: n are users; latency: the median in ms; cost: the mean in USD.

    With fewer than FEWEST values an estimate has no interval.
    """

    events: int = 0
    approval: Estimate | None = None
    checks: Estimate | None = None
    latency: Estimate | None = None
    cost: Estimate | None = None


def by_version(deployment_id: str, *, days: int) -> dict[str, Outcome]:
    """The outcomes of the last days by what events name, which is '' for those without a version."""
    end = datetime.now(UTC) + timedelta(hours=1)
    window = reading.window(end - timedelta(days=days), end, deployment_id)
    counts = {row.keys["prompt_version"]: row.n for row in reading.sums_by(window, [EVENTS], ["prompt_version"])}
    measured = {keys[0]: found for keys, found in reading.grouped(window, _METRICS, by=["prompt_version"]).items()}
    ballots: defaultdict[str, list[Ballot]] = defaultdict(list)
    for event in sampled.newest_of_periods([deployment_id], periods(window, Bucket.DAY), most=MOST_VOTED):
        ballots[event.prompt_version].append(event.ballot)
    approvals = group_approvals(ballots)
    return {
        version: Outcome(events, _approval(approvals.get(version)), *_estimates(measured.get(version, {})))
        for version, events in counts.items()
    }


def _estimates(measured) -> tuple[Estimate | None, Estimate | None, Estimate | None]:
    checks, latency, cost = (measured.get(metric.value) for metric in _METRICS)
    return checks and _score(checks), latency and median(latency), cost and mean(cost)


def _approval(found: GroupApproval | None) -> Estimate | None:
    return None if found is None else _enough(Estimate(found.value, found.users, found.low, found.high))


def _score(histogram: Histogram) -> Estimate | None:
    found = estimates.mean(histogram.n, histogram.total, histogram.squares)
    return None if found is None else _enough(found)


def median(histogram: Histogram) -> Estimate | None:
    """The median with the interval of its order statistics, which assumes no distribution; None without values."""
    if not histogram.n:
        return None
    half = Z_95 / (2 * math.sqrt(histogram.n))
    low, value, high = histogram.quantiles([max(0.0, 0.5 - half), 0.5, min(1.0, 0.5 + half)]).tolist()
    return _enough(Estimate(value, histogram.n, low, high))


def mean(histogram: Histogram) -> Estimate | None:
    """The mean of amounts with a normal interval; None without values."""
    if not histogram.n:
        return None
    half = Z_95 * math.sqrt(histogram.variance / max(1, histogram.n - 1))
    return _enough(Estimate(histogram.mean, histogram.n, max(0.0, histogram.mean - half), histogram.mean + half))


def _enough(found: Estimate) -> Estimate:
    return found if found.n >= FEWEST else Estimate(found.value, found.n, None, None)


def unregistered(outcomes: dict[str, Outcome], labels: Sequence[str]) -> list[tuple[str, int]]:
    """The versions, with their events, that traffic names and the registry of its deployment lacks."""
    found = [(version, outcome.events) for version, outcome in outcomes.items() if version not in {"", *labels}]
    return sorted(found, key=lambda item: (-item[1], item[0]))

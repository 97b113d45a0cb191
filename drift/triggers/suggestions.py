"""A value for `feedback_threshold` from what users of the deployment said lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from drift.measures.approval_thresholds import FEWEST_EVENTS, MOST_DAYS, SMALLEST_FALL, suggested_threshold
from drift.reading.audited import AuditedVersion, audited_versions, described
from feedback.evidence.group_approval import LEVEL, Ballot, GroupApproval, group_approvals
from feedback.models import Evidence
from feedback.statistics.user_shares import FEWEST_USERS

MOST_EVENTS = 10_000
DAYS = int(MOST_DAYS)


@dataclass(frozen=True)
class Suggestion:
    """A threshold, None without enough data, and the approval that it rests on, over so many events and users.

    As in the condition, audits take the place of votes on a model version that has enough of them.

    low, high: the ends of the interval of approval at `level`.
    """

    value: float | None
    approval: float | None
    low: float | None
    high: float | None
    level: float
    events: int
    users: int
    days: int
    reason: str


def feedback_threshold(deployment_id: str, *, now: datetime) -> Suggestion:
    """The suggestion for a deployment, from its newest events of the last 30 days with votes."""
    since = now - timedelta(days=DAYS)
    evidenced = Evidence.objects.of_deployment(deployment_id).with_votes().occurred_since(since)
    columns = ("model_version_id", "voters", "ups", "downs")
    rows = list(evidenced.newest_first()[:MOST_EVENTS].values_list(*columns))
    audited = audited_versions(deployment_id, [row[0] for row in rows], since=since) if rows else []
    names = {one.name for one in audited}
    voted = group_approvals({"": [Ballot(*row[1:]) for row in rows if row[0] not in names]}).get("")
    parts = [(one.events, one.share.mean, one.share.low, one.share.high) for one in audited]
    if voted is not None and voted.users >= FEWEST_USERS:
        parts.append((voted.events, voted.value, voted.low, voted.high))
    if sum(part[0] for part in parts) < FEWEST_EVENTS:
        users = voted.users if voted else 0
        reason = (
            f"Not enough data for a suggestion: {_votes(len(rows), users)} of the last {DAYS} days; at least"
            f" {FEWEST_EVENTS} events and {FEWEST_USERS} users are needed."
        )
        return Suggestion(None, None, None, None, LEVEL, len(rows), users, DAYS, reason)
    return _suggestion(np.array(parts), voted, audited)


def _suggestion(parts: np.ndarray, voted: GroupApproval | None, audited: Sequence[AuditedVersion]) -> Suggestion:
    """parts: events, approval and the ends of its interval, of each version with audits and of all others."""
    sizes, *figures = parts.T
    approval, low, high = (float(np.average(figure, weights=sizes)) for figure in figures)
    has_votes = voted is not None and len(parts) > len(audited)
    sources = [_votes(voted.events, voted.users)] if voted is not None and has_votes else []
    sources += [described(audited)] if audited else []
    source = f"{' and '.join(sources)} of the last {DAYS} days"
    was = f"Approval was {approval:.3f} ({low:.3f} to {high:.3f}, {100 * LEVEL:.0f} %)"
    value = suggested_threshold(low)
    reason = (
        f"No suggestion: approval is too low. {was}, from {source}."
        if value is None
        else f"Suggested: {value:.2f}, from {source}. {was};"
        f" the suggestion is {100 * SMALLEST_FALL:.0f} points below the lower end, rounded down."
    )
    users = voted.users if voted is not None and has_votes else 0
    return Suggestion(value, approval, low, high, LEVEL, int(sizes.sum()), users, DAYS, reason)


def _votes(events: int, users: int) -> str:
    of_users = "1 user" if users == 1 else f"{users:,} users"
    about = "1 event" if events == 1 else f"{events:,} events"
    return f"the votes of {of_users} on {about}"

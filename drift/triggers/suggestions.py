"""A value for `feedback_threshold` from what users of the deployment said lately."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from drift.measures.approval_thresholds import FEWEST_EVENTS, MOST_DAYS, SMALLEST_FALL, suggested_threshold
from feedback.evidence.group_approval import LEVEL, Ballot, group_approvals
from feedback.models import Evidence
from feedback.statistics.user_shares import FEWEST_USERS

MOST_EVENTS = 10_000
DAYS = int(MOST_DAYS)


@dataclass(frozen=True)
class Suggestion:
    """A threshold, None without enough data, and the approval that it rests on, over so many events and users.

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
    """The suggestion for a deployment, from the votes on its newest events of the last 30 days."""
    evidenced = Evidence.objects.of_deployment(deployment_id).with_votes()
    newest = evidenced.occurred_since(now - timedelta(days=DAYS)).newest_first()[:MOST_EVENTS]
    ballots = [Ballot(*row) for row in newest.values_list("voters", "ups", "downs")]
    found = group_approvals({"": ballots}).get("")
    users = found.users if found else 0
    if found is None or found.low is None or len(ballots) < FEWEST_EVENTS or users < FEWEST_USERS:
        reason = (
            f"Not enough data for a suggestion: {_votes(len(ballots), users)}; at least"
            f" {FEWEST_EVENTS} events and {FEWEST_USERS} users are needed."
        )
        return Suggestion(None, None, None, None, LEVEL, len(ballots), users, DAYS, reason)
    value = suggested_threshold(found.low)
    interval = f"Approval was {found.value:.3f} ({found.low:.3f} to {found.high:.3f}, {100 * LEVEL:.0f} %)"
    reason = (
        f"No suggestion: approval is too low. {interval}, {_votes(found.events, users)}."
        if value is None
        else f"Suggested: {value:.2f}, from {_votes(found.events, users)}. {interval};"
        f" the suggestion is {100 * SMALLEST_FALL:.0f} points below the lower end."
    )
    return Suggestion(value, found.value, found.low, found.high, LEVEL, found.events, users, DAYS, reason)


def _votes(events: int, users: int) -> str:
    of_users = "1 user" if users == 1 else f"{users:,} users"
    about = "1 event" if events == 1 else f"{events:,} events"
    return f"the votes of {of_users} on {about} of the last {DAYS} days"

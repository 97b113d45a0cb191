"""The evidence about single events, as pages and the API show it."""

from collections.abc import Sequence
from dataclasses import dataclass

from feedback.choices import Agreement
from feedback.evidence.posterior import approval
from feedback.models import Evidence

LEVEL = 0.95


@dataclass(frozen=True)
class Share:
    """A share with its interval at `level`."""

    mean: float
    low: float
    high: float
    level: float = LEVEL


@dataclass(frozen=True)
class EventEvidence:
    """What signals and gold scores say of an answer.

    up, down, users: users for and against it, and all of them. approval: the share of users who would approve, None
    without signals that count. p_good: None if the users of the deployment do not agree enough. snapshot: the number of
    the fit that p_good comes from.
    """

    state: str
    up: float
    down: float
    users: int
    gold: list[float]
    approval: Share | None
    p_good: float | None
    snapshot: int | None
    agreement: str


def evidence_of(event_id: str) -> EventEvidence | None:
    """The evidence about this event; None if no signal that counts and no gold score is about it."""
    return evidence_of_events([event_id]).get(event_id)


def evidence_of_events(event_ids: Sequence[str]) -> dict[str, EventEvidence]:
    """The evidence about those of these events that have any, by the event's id."""
    rows = list(Evidence.objects.select_related("snapshot").filter(pk__in=event_ids)) if event_ids else []
    shares = approval([row.up for row in rows], [row.down for row in rows])
    ends = zip(rows, shares.mean.tolist(), shares.low.tolist(), shares.high.tolist(), strict=True)
    return {
        str(row.pk): EventEvidence(
            row.state,
            row.up,
            row.down,
            row.users,
            row.gold,
            Share(mean, low, high) if row.users else None,
            row.p_good,
            row.snapshot_id,
            row.snapshot.agreement if row.snapshot else Agreement.UNKNOWN.value,
        )
        for row, mean, low, high in ends
    }

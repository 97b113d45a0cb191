"""How many events of a deployment have flags, by day."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from feedback.choices import FlagKind, FlagState
from feedback.models import RaisedFlag


@dataclass(frozen=True)
class DayOfFlags:
    """Events of a day with a flag of a kind, and those of them with an unreviewed one."""

    day: date
    kind: FlagKind
    events: int
    unreviewed: int


def by_day(deployment_id: str, *, days: int, now: datetime | None = None) -> list[DayOfFlags]:
    """The days with flags, the oldest first, by the time of the event.

    An event counts once for each kind and day; with flags of several states it counts in each.
    """
    since = (now or timezone.now()) - timedelta(days=days)
    flags = RaisedFlag.objects.of_deployment(deployment_id).occurred_since(since)
    counts: defaultdict[tuple[date, str], dict[str, int]] = defaultdict(dict)
    for row in flags.counts_by_day():
        counts[row["day"].date(), row["kind"]][row["state"]] = row["events"]
    return [
        DayOfFlags(day, FlagKind(kind), sum(states.values()), states.get(FlagState.UNREVIEWED, 0))
        for (day, kind), states in sorted(counts.items())
    ]

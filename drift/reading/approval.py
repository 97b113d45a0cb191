"""The votes on the newest evidenced events of a deployment, as the conditions of quality drop compare them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from drift.measures.approval_falls import LARGEST_NEW, MOST_BEFORE, MOST_DAYS, SIZES, Votes
from drift.models import Baseline
from feedback.evidence.votes import ANONYMOUS
from feedback.models import Evidence
from feedback.statistics import user_shares

MOST_EVENTS = SIZES[-1] + MOST_BEFORE
_COLUMNS = ("occurred_at", "voters", "ups", "downs")
Row = tuple[datetime, Sequence[int], Sequence[float], Sequence[float]]


def newest(deployment_id: str, baseline: Baseline | None, *, now: datetime) -> tuple[Votes, Votes | None]:
    """The votes on the newest events, those after the baseline alone if there is one, and the votes on the baseline."""
    evidenced = Evidence.objects.of_deployment(deployment_id).with_votes().newest_first()
    if baseline is None:
        recent = evidenced.occurred_since(now - timedelta(days=2 * MOST_DAYS))
        return _votes([list(recent[:MOST_EVENTS].values_list(*_COLUMNS))], now)[0], None
    start, end = baseline.span
    after = list(evidenced.occurred_since(end)[:MOST_EVENTS].values_list(*_COLUMNS))
    pinned = evidenced.occurred_since(start).occurred_before(end)[:MOST_EVENTS]
    votes, of_baseline = _votes([after, list(pinned.values_list(*_COLUMNS))], now)
    return votes, of_baseline


def is_new(deployment_id: str) -> bool:
    """Whether a deployment has fewer evidenced events than tell what is usual for it."""
    evidenced = Evidence.objects.of_deployment(deployment_id).with_votes()
    return evidenced[:LARGEST_NEW].count() < LARGEST_NEW


def _votes(groups: Sequence[Sequence[Row]], now: datetime) -> list[Votes]:
    """The votes of each group of events; users have the same numbers in all of them."""
    voters = np.array([voter for rows in groups for row in rows for voter in row[1]], dtype=np.int64)
    users, size = user_shares.numbered(voters, anonymous=ANONYMOUS)
    found, start = [], 0
    for rows in groups:
        counts = np.array([len(row[1]) for row in rows], dtype=np.int64)
        ups, downs = (np.array([one for row in rows for one in row[place]], dtype=float) for place in (2, 3))
        # A user counts once for an event, whatever number of signals.
        scale = np.maximum(1.0, ups + downs)
        days = np.array([(now - row[0]).total_seconds() / 86_400 for row in rows], dtype=float)
        end = start + int(counts.sum())
        events = np.repeat(np.arange(len(rows)), counts)
        found.append(Votes(events, users[start:end], ups / scale, downs / scale, days, size))
        start = end
    return found

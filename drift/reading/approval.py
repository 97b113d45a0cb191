"""The votes on the newest evidenced events of a deployment, as the conditions of quality drop compare them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import numpy as np

from drift.measures import approval_falls
from drift.measures.approval_falls import LARGEST_NEW, MOST_BEFORE, SIZES, Votes
from drift.measures.approval_thresholds import MOST_DAYS
from drift.models import Baseline
from drift.reading import contents
from drift.reading.from_events import MOMENT
from feedback.evidence.votes import ANONYMOUS
from feedback.models import Evidence
from feedback.rollups.signals import figures
from feedback.statistics import user_shares
from feedback.stores.base import EventFilter

MOST_EVENTS = SIZES[-1] + MOST_BEFORE
_COLUMNS = ("occurred_at", "event_id", "model_version_id", "voters", "ups", "downs")


@dataclass(frozen=True)
class RecentVotes:
    """The votes on the newest events, and what of them is compared with which baseline.

    versions: the model version of each of the newest events. compared: the votes on events after the baseline; all
    without one. baseline: None if nothing is pinned, or if what is
    pinned has too few votes to compare with.
    """

    newest: Votes
    versions: Sequence[str]
    compared: Votes
    baseline: Votes | None


class _Row(NamedTuple):
    occurred_at: datetime
    event_id: UUID
    model_version_id: str
    voters: Sequence[int]
    ups: Sequence[float]
    downs: Sequence[float]


def recent(deployment_id: str, baseline: Baseline | None, *, now: datetime) -> RecentVotes:
    """The votes on the newest events of a deployment. baseline: the one that is pinned, if there is one."""
    since = now - timedelta(days=2 * MOST_DAYS)
    newest = _rows(EventFilter(deployment_id=deployment_id, occurred_from=since))
    versions = [row.model_version_id for row in newest]
    if baseline is not None:
        end = baseline.span[1]
        after = [row for row in newest if row.occurred_at >= end]
        compared, pinned = _votes([after, _rows_of(baseline)], now)
        if approval_falls.is_enough(pinned):
            return RecentVotes(_votes([newest], now)[0], versions, compared, pinned)
    (votes,) = _votes([newest], now)
    return RecentVotes(votes, versions, votes, None)


def is_new(deployment_id: str) -> bool:
    """Whether a deployment has had fewer evidenced events than tell what is usual for it.

    Events that retention deleted count: the rollups still have them.
    """
    stored = Evidence.objects.of_deployment(deployment_id).with_votes()[:LARGEST_NEW].count()
    return max(stored, 0 if stored >= LARGEST_NEW else figures.events_ever(deployment_id)) < LARGEST_NEW


def _rows(where: EventFilter) -> list[_Row]:
    found = Evidence.objects.matching(where).with_votes().newest_first()[:MOST_EVENTS]
    return [_Row(*row) for row in found.values_list(*_COLUMNS)]


def _rows_of(baseline: Baseline) -> list[_Row]:
    """The newest rows of the very events of a baseline."""
    resolved, (start, end) = baseline.resolved_window, baseline.span
    where = EventFilter(deployment_id=baseline.deployment_id, occurred_from=start, occurred_to=end)
    if hours := contents.hours_of(baseline.deployment_id, resolved):
        versions = {"model_version_id": hours.model_version_id, "prompt_version": hours.prompt_version}
        return _rows(replace(where, **versions))
    # Events of one moment may lie on both sides of an end.
    first, last = ((moment, resolved[f"{side}_id"]) for moment, side in ((start, "first"), (end - MOMENT, "last")))
    return [row for row in _rows(where) if first <= (row.occurred_at, str(row.event_id)) <= last]


def _votes(groups: Sequence[Sequence[_Row]], now: datetime) -> list[Votes]:
    """The votes of each group of events; users have the same numbers in all of them."""
    voters = np.array([voter for rows in groups for row in rows for voter in row.voters], dtype=np.int64)
    users, size = user_shares.numbered(voters, anonymous=ANONYMOUS)
    found, start = [], 0
    for rows in groups:
        counts = np.array([len(row.voters) for row in rows], dtype=np.int64)
        ups = np.array([one for row in rows for one in row.ups], dtype=float)
        downs = np.array([one for row in rows for one in row.downs], dtype=float)
        # A user counts once for an event, whatever number of signals.
        scale = np.maximum(1.0, ups + downs)
        days = np.array([(now - row.occurred_at).total_seconds() / 86_400 for row in rows], dtype=float)
        end = start + int(counts.sum())
        events = np.repeat(np.arange(len(rows)), counts)
        found.append(Votes(events, users[start:end], ups / scale, downs / scale, days, size))
        start = end
    return found

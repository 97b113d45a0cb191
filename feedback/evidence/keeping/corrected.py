"""Approval beside what audits say: those who vote are not all users, and audited events are chosen by chance."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from feedback.choices import FeedbackState
from feedback.evidence.audited_share import FEWEST_AUDITS, AuditedShare, audited_share
from feedback.evidence.group_approval import Ballot, GroupApproval, group_approvals
from feedback.models import AuditedEvent, Evidence
from feedback.stores import event_store
from feedback.stores.base import SignalFilter

# The newest audits of a deployment, and the newest events with votes, that are read.
MOST_AUDITS, MOST_VOTED = 20_000, 20_000


@dataclass(frozen=True)
class CorrectedApproval:
    """The audits of one model version.

    share: of all its events, those that are good by their gold scores; None below FEWEST_AUDITS answers. voluntary: the
    share of votes that are up since its first audit; None without any.
    """

    model_version_id: str
    audited: int
    answered: int
    share: AuditedShare | None
    voluntary: GroupApproval | None

    @property
    def unanswered(self) -> int:
        return self.audited - self.answered

    @property
    def message(self) -> str:
        """Why there is no share; '' if there is one."""
        return "" if self.share else f"not enough audits ({self.answered} of {FEWEST_AUDITS})"


def corrected_approval(deployment_id: str, *, since: datetime | None = None) -> list[CorrectedApproval]:
    """The audits of each model version of a deployment, in the order of their names; those of events since then."""
    found = AuditedEvent.objects.of_deployment(deployment_id).newest_first()
    newest = (found if since is None else found.occurred_since(since))[:MOST_AUDITS]
    audits: defaultdict[str, list[AuditedEvent]] = defaultdict(list)
    for audit in newest:
        audits[audit.model_version_id].append(audit)
    if not audits:
        return []
    strata = _strata([str(audit.event_id) for some in audits.values() for audit in some])
    approvals = group_approvals(_ballots(deployment_id, {name: some[-1] for name, some in audits.items()}))
    return [_of_version(name, audits[name], strata, approvals.get(name)) for name in sorted(audits)]


def _of_version(
    name: str, audits: list[AuditedEvent], strata: dict[str, tuple[str, bool]], voluntary: GroupApproval | None
) -> CorrectedApproval:
    gold = np.array([np.nan if audit.gold is None else audit.gold for audit in audits])
    rates = np.array([audit.rate for audit in audits])
    facts = []
    for audit in audits:
        state, prompted = strata.get(str(audit.event_id), (FeedbackState.NONE.value, False))
        facts.append((state, audit.feedback_shown, prompted))
    answered = int(np.count_nonzero(~np.isnan(gold)))
    return CorrectedApproval(name, len(audits), answered, audited_share(gold, rates, facts), voluntary)


def _strata(event_ids: list[str]) -> dict[str, tuple[str, bool]]:
    """Of those of these events that users voted on: what they say together, and whether any of them was asked."""
    states = Evidence.objects.with_votes().filter(pk__in=event_ids).values_list("event_id", "state")
    state_of = {str(event_id): state for event_id, state in states}
    if not state_of:
        return {}
    where = SignalFilter(event_ids=sorted(state_of))
    signals = event_store().scan_signals(where, ["event_id", "prompted"]).read_all()
    prompted = {row["event_id"] for row in signals.to_pylist() if row["prompted"]}
    return {event_id: (state, event_id in prompted) for event_id, state in state_of.items()}


def _ballots(deployment_id: str, oldest: dict[str, AuditedEvent]) -> dict[str, list[Ballot]]:
    """The votes on the newest events of each version since its oldest audit."""
    since = min(audit.occurred_at for audit in oldest.values())
    voted = Evidence.objects.of_deployment(deployment_id).with_votes().occurred_since(since).newest_first()
    columns = ("model_version_id", "occurred_at", "voters", "ups", "downs")
    ballots: dict[str, list[Ballot]] = {name: [] for name in oldest}
    for name, occurred_at, *votes in voted.values_list(*columns)[:MOST_VOTED]:
        if name in oldest and occurred_at >= oldest[name].occurred_at:
            ballots[name].append(Ballot(*votes))
    return ballots

"""The three conditions of quality drop: the checks, approval below a threshold, and a fall of approval."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from drift.choices import QualityArm, TriggerOutcome
from drift.measures import approval_falls
from drift.measures.approval_falls import EVEN, SIZES, Comparison, Finding, Votes
from drift.measures.approval_thresholds import MOST_DAYS, SMALLEST_FALL
from drift.models import Baseline
from drift.reading import approval, baselines
from drift.reading.approval import RecentVotes
from drift.triggers import rules
from drift.triggers.conditions import ConditionResult
from drift.triggers.rules import Effective
from feedback.statistics import user_falls, user_shares

_OUTCOMES = {None: TriggerOutcome.NO_DATA, False: TriggerOutcome.QUIET, True: TriggerOutcome.FIRED}
_TOO_FEW = f"Fewer than {user_shares.FEWEST_USERS} users voted in the last {MOST_DAYS:.0f} days."


@dataclass(frozen=True)
class Arm:
    """One condition: what was measured over how many events and users, and what follows."""

    name: str
    outcome: str
    value: float | None
    threshold: float | None
    events: int
    users: int | None
    reason: str


def evaluate(rule: Effective, form: ConditionResult, *, n: int, now: datetime) -> list[Arm]:
    """The arms in the order in which they count. form: the condition on the mean of the checks, over n events."""
    deployment_id = rule.row.deployment_id
    pinned = Baseline.objects.of_deployment(deployment_id).named(baselines.NORMAL)
    baseline = pinned.without_parts().newest_version()
    recent = approval.recent(deployment_id, baseline, now=now)
    is_new = recent.baseline is None and approval.is_new(deployment_id)
    return [
        Arm(QualityArm.FORM.value, _OUTCOMES[form.is_met].value, form.value, rule.threshold, n, None, form.reason),
        _threshold(rule, recent.newest),
        _fall(rule, recent, is_new=is_new),
    ]


def decisive(arms: Sequence[Arm]) -> Arm | None:
    """The first arm that holds."""
    return next((arm for arm in arms if arm.outcome == TriggerOutcome.FIRED), None)


def _off(name: QualityArm) -> Arm:
    return Arm(name.value, TriggerOutcome.OFF.value, None, None, 0, None, "This condition is off.")


def _threshold(rule: Effective, votes: Votes) -> Arm:
    name, limit = QualityArm.FEEDBACK_THRESHOLD, rule.feedback_threshold
    if limit is None:
        return _off(name)
    events = min(SIZES[-1], votes.within(MOST_DAYS))
    share = votes.share(0, events)
    if share is None:
        return Arm(name.value, TriggerOutcome.NO_DATA.value, None, limit, events, None, _TOO_FEW)
    highest = user_falls.upper_bound(share)
    is_met = highest < limit
    reason = (
        f"Approval over the newest {events:,} events with feedback of {share.users:,} users is {share.value:.3f},"
        f" at most {highest:.3f} (95 %), {'below' if is_met else 'not below'} the threshold of {limit:.15g}."
    )
    return Arm(name.value, _OUTCOMES[is_met].value, share.value, limit, events, share.users, reason)


def _fall(rule: Effective, recent: RecentVotes, *, is_new: bool) -> Arm:
    name = QualityArm.FEEDBACK_DROP
    if not rule.feedback_drop:
        return _off(name)
    compared = approval_falls.comparisons(recent.compared, recent.baseline, is_new=is_new)
    if not compared:
        reason = "Too few events with feedback, or too few users, to compare approval with what it was before."
        return Arm(name.value, TriggerOutcome.NO_DATA.value, None, None, len(recent.compared.days), None, reason)
    number = rules.claim_fall_evaluation(rule, _digest(compared))
    found = approval_falls.judge(compared, evaluation=number)
    worst = max(found, key=lambda one: (one.is_met, one.fall.low))
    expected = worst.comparison.expected
    return Arm(
        name.value,
        _OUTCOMES[worst.is_met].value,
        worst.comparison.now.value,
        max(0.0, expected - SMALLEST_FALL),
        worst.comparison.events,
        worst.comparison.now.users,
        _described(worst),
    )


def _described(found: Finding) -> str:
    one = found.comparison
    before = (
        f"{EVEN} expected of a new deployment"
        if one.before is None
        else f"{one.before.value:.3f} over {one.events_before:,} events before"
    )
    judged = "it has surely fallen" if found.is_met else "no fall of a tenth or more is certain"
    return (
        f"Approval over the newest {one.events:,} events with feedback of {one.now.users:,} users is"
        f" {one.now.value:.3f}, against {before}; {judged} (1 % over all evaluations)."
    )


def _digest(compared: Sequence[Comparison]) -> str:
    """Of what is compared, not of the votes: the same votes in other windows, or beside another baseline, are tested
    again.
    """
    digest = hashlib.sha256()
    for one in compared:
        digest.update(f"{one.events} {one.events_before};".encode())
        for share in (one.now, one.before):
            if share is not None:
                digest.update(share.weights.tobytes())
                digest.update(share.means.tobytes())
    return digest.hexdigest()[:16]

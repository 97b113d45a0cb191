"""The three conditions of quality drop: the checks, approval below a threshold, and a fall of approval."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from drift.choices import IntervalOf, QualityArm, TriggerOutcome
from drift.durations import duration
from drift.measures import approval_falls
from drift.measures.approval_falls import ALPHA, EVEN, SIZES, Comparison, Finding
from drift.measures.approval_thresholds import MOST_DAYS, SMALLEST_FALL
from drift.models import Baseline
from drift.reading import approval, baselines
from drift.reading.approval import RecentVotes
from drift.reading.audited import audited_versions, described
from drift.triggers import rules
from drift.triggers.conditions import ConditionResult
from drift.triggers.rules import Effective
from feedback.evidence import audited_share
from feedback.rollups.rolling import RollingAverage
from feedback.statistics import user_falls, user_shares

_OUTCOMES = {None: TriggerOutcome.NO_DATA, False: TriggerOutcome.QUIET, True: TriggerOutcome.FIRED}
_TOO_FEW = "Fewer than {} users voted in the last {}."
NO_THRESHOLD = "Approval has no threshold to be compared with: give one with the check, or as feedback_threshold."

LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """Where the mean, approval or its fall lies at this level. The end that decides nothing is None."""

    of: str
    low: float | None
    high: float | None
    level: float


@dataclass(frozen=True)
class Arm:
    """One condition: what was measured over how many events and users, and what follows.

    audits: answered ones that take the place of votes.
    """

    name: str
    outcome: str
    value: float | None
    threshold: float | None
    interval: Interval | None
    events: int
    users: int | None
    reason: str
    audits: int = 0


def evaluate(
    rule: Effective, form: ConditionResult, *, average: RollingAverage, now: datetime, days: float = MOST_DAYS
) -> list[Arm]:
    """The arms in the order in which they count.

    form: the condition on the average of the checks. days: how old an event may be whose votes are compared with the
    threshold of approval.
    """
    deployment_id = rule.row.deployment_id
    pinned = Baseline.objects.of_deployment(deployment_id).named(baselines.NORMAL)
    baseline = pinned.without_parts().newest_version()
    recent = approval.recent(deployment_id, baseline, now=now)
    is_new = recent.baseline is None and approval.is_new(deployment_id)
    return [
        _form(rule, form, average) if rule.form else _off(QualityArm.FORM),
        _threshold(rule, recent, now=now, days=min(days, MOST_DAYS)),
        _fall(rule, recent, is_new=is_new),
    ]


def decisive(arms: Sequence[Arm]) -> Arm | None:
    """The first arm that holds."""
    return next((arm for arm in arms if arm.outcome == TriggerOutcome.FIRED), None)


def first_on(arms: Sequence[Arm]) -> ConditionResult:
    """What the first arm that is on found, for a check without the form: none of them holds."""
    for arm in arms:
        if arm.outcome != TriggerOutcome.OFF:
            return ConditionResult(arm.value, None if arm.outcome == TriggerOutcome.NO_DATA else False, arm.reason)
    return ConditionResult(None, None, NO_THRESHOLD)


def _form(rule: Effective, form: ConditionResult, average: RollingAverage) -> Arm:
    interval = None if average.low is None else Interval(IntervalOf.MEAN.value, average.low, average.high, LEVEL)
    outcome = _OUTCOMES[form.is_met].value
    return Arm(QualityArm.FORM.value, outcome, form.value, rule.threshold, interval, average.n, None, form.reason)


def _off(name: QualityArm) -> Arm:
    return Arm(name.value, TriggerOutcome.OFF.value, None, None, None, 0, None, "This condition is off.")


def _no_data(name: QualityArm, limit: float | None, events: int, reason: str) -> Arm:
    return Arm(name.value, TriggerOutcome.NO_DATA.value, None, limit, None, events, None, reason)


def _threshold(rule: Effective, recent: RecentVotes, *, now: datetime, days: float) -> Arm:
    name, limit = QualityArm.FEEDBACK_THRESHOLD, rule.feedback_threshold
    if limit is None:
        return _off(name)
    versions = recent.versions[: min(SIZES[-1], recent.newest.within(days))]
    since = now - timedelta(days=days)
    audited = audited_versions(rule.row.deployment_id, versions, since=since) if versions else []
    by_votes = np.isin(versions, [one.name for one in audited], invert=True)
    share = recent.newest.only(by_votes).share(0, int(np.count_nonzero(by_votes)))
    parts = [(one.events, one.share.mean, audited_share.upper_bound(one.share, level=LEVEL)) for one in audited]
    if share is not None:
        parts.append((int(np.count_nonzero(by_votes)), share.value, user_falls.upper_bound(share, level=LEVEL)))
    if not parts:
        return _no_data(name, limit, len(versions), _TOO_FEW.format(user_shares.FEWEST_USERS, duration(days * 86_400)))
    # The mean of upper bounds is the upper bound of the mean, or above it.
    sizes, *figures = np.array(parts).T
    value, highest = (float(np.average(figure, weights=sizes)) for figure in figures)
    users = None if share is None else share.users
    of_users = "" if users is None else f" of {users:,} users"
    because = f"; {described(audited)} take the place of votes" if audited else ""
    is_met = highest < limit
    reason = (
        f"Approval over the newest {sizes.sum():,.0f} events with feedback{of_users} is {value:.3f}, at most"
        f" {highest:.3f} (95 %), {'below' if is_met else 'not below'} the threshold of {limit:.15g}{because}."
    )
    interval = Interval(IntervalOf.APPROVAL.value, None, highest, LEVEL)
    audits = sum(one.audits for one in audited)
    outcome = _OUTCOMES[is_met].value
    return Arm(name.value, outcome, value, limit, interval, int(sizes.sum()), users, reason, audits)


def _fall(rule: Effective, recent: RecentVotes, *, is_new: bool) -> Arm:
    name = QualityArm.FEEDBACK_DROP
    if not rule.feedback_drop:
        return _off(name)
    compared = approval_falls.comparisons(recent.compared, recent.baseline, is_new=is_new)
    if not compared:
        reason = "Too few events with feedback, or too few users, to compare approval with what it was before."
        return _no_data(name, None, len(recent.compared.days), reason)
    number = rules.claim_fall_evaluation(rule, _digest(compared))
    found = approval_falls.judge(compared, evaluation=number)
    worst = max(found, key=lambda one: (one.is_met, one.fall.low))
    expected = worst.comparison.expected
    return Arm(
        name.value,
        _OUTCOMES[worst.is_met].value,
        worst.comparison.now.value,
        max(0.0, expected - SMALLEST_FALL),
        Interval(IntervalOf.FALL.value, worst.fall.low, None, 1.0 - ALPHA),
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
    judged = (
        f"it has surely fallen, by at least {100 * found.fall.low:.1f} points"
        if found.is_met
        else f"no fall of {100 * SMALLEST_FALL:.0f} points or more is certain"
    )
    return (
        f"Approval over the newest {one.events:,} events with feedback of {one.now.users:,} users is"
        f" {one.now.value:.3f}, against {before}; {judged} ({100 * (1 - ALPHA):.0f} % over all checks)."
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

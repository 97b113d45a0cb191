"""The daily budget of a judge: each call reserves what it may use before it is made, and settles what it used."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, Q
from django.utils import timezone

from feedback.models import Judge, JudgeConsent, JudgeSpending

_EXACT = Decimal("0.00000001")


class BudgetExhausted(Exception):
    """The day has no room for the call."""

    def __init__(self) -> None:
        super().__init__("The budget of today is used up; the judge continues tomorrow (UTC).")


class CallTooDear(Exception):
    """One call needs more than a whole day has."""

    def __init__(self) -> None:
        super().__init__("One call may need more than the budget of a whole day.")


class JudgeStopped(Exception):
    """The judge was disabled or paused, its deployment was closed, or the consent was withdrawn."""


@dataclass(frozen=True)
class Reservation:
    """What a call may use, counted as used until it is settled. If it never is, it stays counted."""

    judge_id: int
    day: date
    tokens: int
    cost_usd: Decimal


def reserve(judge: Judge, *, tokens: int, cost_usd: float, is_hedged: bool = False) -> Reservation:
    """Reserve tokens and money for one call; one UPDATE decides, so calls of several workers never exceed a limit.

    Raises BudgetExhausted, CallTooDear and JudgeStopped.
    """
    day, cost = timezone.now().date(), exact(cost_usd)
    if tokens > judge.daily_tokens or judge.daily_usd is not None and cost > judge.daily_usd:
        raise CallTooDear
    JudgeSpending.objects.get_or_create(judge=judge, day=day)
    limits = Q(judge__daily_tokens__gte=F("tokens") + tokens) & (
        Q(judge__daily_usd__isnull=True) | Q(judge__daily_usd__gte=F("cost_usd") + cost)
    )
    reserved = JudgeSpending.objects.filter(limits, judge__in=Judge.objects.at_work(), judge=judge, day=day).update(
        tokens=F("tokens") + tokens,
        cost_usd=F("cost_usd") + cost,
        calls=F("calls") + 1,
        hedged_calls=F("hedged_calls") + int(is_hedged),
    )
    if not reserved and not Judge.objects.at_work().filter(pk=judge.pk).exists():
        raise JudgeStopped(_why_stopped(judge))
    if not reserved:
        raise BudgetExhausted
    return Reservation(judge.pk, day, tokens, cost)


def settle(reservation: Reservation, *, tokens: int, cost_usd: float) -> None:
    """Count what a call has used in place of what it had reserved; call it once."""
    JudgeSpending.objects.filter(judge_id=reservation.judge_id, day=reservation.day).update(
        tokens=F("tokens") + (tokens - reservation.tokens),
        cost_usd=F("cost_usd") + (exact(cost_usd) - reservation.cost_usd),
    )


def today(judge: Judge) -> JudgeSpending:
    """What the judge has used today; not stored where it is nothing."""
    return today_of([judge])[judge.pk]


def today_of(judges: Collection[Judge]) -> dict[int, JudgeSpending]:
    """The same of several judges, by their ids."""
    day = timezone.now().date()
    found = {one.judge_id: one for one in JudgeSpending.objects.filter(judge__in=judges, day=day)}
    return {judge.pk: found.get(judge.pk) or JudgeSpending(judge=judge, day=day) for judge in judges}


def is_exhausted(judge: Judge) -> bool:
    """Whether today is used up, as far as a call of the smallest size can tell."""
    return is_used_up(judge, today(judge))


def is_used_up(judge: Judge, used: JudgeSpending) -> bool:
    return used.tokens >= judge.daily_tokens or judge.daily_usd is not None and used.cost_usd >= judge.daily_usd


def exact(cost_usd: float) -> Decimal:
    return Decimal(repr(cost_usd)).quantize(_EXACT)


def _why_stopped(judge: Judge) -> str:
    if not JudgeConsent.objects.filter(deployment_id=judge.deployment_id).exists():
        return "The consent to send texts of this deployment was withdrawn."
    return "The judge was disabled or paused, or its deployment was closed."

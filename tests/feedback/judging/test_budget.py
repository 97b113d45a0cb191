"""The daily budget: exact, also where several workers reserve at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from feedback.judging import budget, consent
from feedback.judging.budget import BudgetExhausted, CallTooDear, JudgeStopped
from feedback.judging.online import running
from feedback.models import Judge, JudgeSpending
from tests.feedback.judging.conftest import judgements

PRICES = {"prompt_usd_per_million": 2.0, "completion_usd_per_million": 10.0}


def spent(judge):
    used = budget.today(judge)
    return used.tokens, used.cost_usd, used.calls


def test_calls_reserve_and_settle(judge):
    one = judge(daily_tokens=1_000, daily_usd=Decimal("0.01"))

    first = budget.reserve(one, tokens=600, cost_usd=0.004)
    with pytest.raises(BudgetExhausted):
        budget.reserve(one, tokens=500, cost_usd=0.001)
    with pytest.raises(BudgetExhausted):
        budget.reserve(one, tokens=100, cost_usd=0.007)
    budget.settle(first, tokens=500, cost_usd=0.002)
    budget.reserve(one, tokens=500, cost_usd=0.008)

    assert spent(one) == (1_000, Decimal("0.01"), 2)
    assert budget.is_exhausted(one)


@pytest.mark.parametrize(("tokens", "cost"), [(1_001, 0), (1, 0.011)])
def test_a_call_that_no_day_has_room_for_is_told_apart(judge, tokens, cost):
    with pytest.raises(CallTooDear):
        budget.reserve(judge(daily_tokens=1_000, daily_usd=Decimal("0.01")), tokens=tokens, cost_usd=cost)


def test_a_new_day_has_its_own_budget(judge, time_machine_at):
    one = judge(daily_tokens=1_000)
    budget.reserve(one, tokens=1_000, cost_usd=0)
    time_machine_at(timezone.now() + timedelta(days=1))

    budget.reserve(one, tokens=1_000, cost_usd=0)

    assert list(JudgeSpending.objects.values_list("tokens", flat=True)) == [1_000, 1_000]


def test_without_consent_nothing_is_reserved(judge, operator):
    one = judge()
    consent.withdraw(one.deployment, by=operator)

    with pytest.raises(JudgeStopped, match="consent"):
        budget.reserve(one, tokens=1, cost_usd=0)
    assert spent(one) == (0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_concurrent_calls_never_exceed_a_limit(judge):
    one = judge(daily_tokens=1_000)

    def reserve(_):
        try:
            budget.reserve(one, tokens=70, cost_usd=0)
        except BudgetExhausted:
            return 0
        finally:
            connection.close()
        return 1

    with ThreadPoolExecutor(8) as pool:
        reserved = sum(pool.map(reserve, range(40)))

    assert (reserved, spent(one)[0]) == (14, 980)


def test_a_judge_stops_at_its_budget_and_continues_the_next_day(
    events, judge, endpoint, ran, monkeypatch, time_machine_at
):
    monkeypatch.setattr(running, "CONCURRENCY", 1)
    events(*range(1, 7))
    there, one = endpoint(**PRICES), judge(daily_tokens=5_000)

    found = ran(one)

    used = budget.today(one).tokens
    assert used == 750 * len(there.asked) <= 5_000
    assert 1 <= len(there.asked) < 6
    assert one.last_error == "The budget of today is used up; the judge continues tomorrow (UTC)."
    assert {row.attempts for row in found.values() if row.status == "pending"} == {0}
    time_machine_at(timezone.now() + timedelta(days=1))
    ran(one)
    assert len(there.asked) > used // 750


def test_an_event_that_no_day_has_room_for_stays_unjudged_and_the_others_are_judged(events, judge, endpoint, ran):
    events(1, response="word " * 20_000)
    events(2)
    endpoint()

    ran(judge(daily_tokens=20_000))

    found = judgements()
    assert (found[1].status, found[1].next_try_at) == ("failed", None)
    assert found[1].reason == "One call may need more than the budget of a whole day."
    assert found[2].status == "judged"
    assert Judge.objects.get().last_error == ""

"""Which events a judge scores."""

from datetime import timedelta

import pytest
from django.utils import timezone

from feedback.judging.online import sampling
from feedback.models import AuditedEvent, Evidence
from tests.feedback.factories import JudgementFactory
from tests.feedback.scores.sent import event_id


def numbers(judge, most=100):
    return [one.event_id.int for one in sampling.candidates(judge, most=most)]


def test_a_rate_is_a_stable_share_apart_for_each_judge():
    ids = [str(number) for number in range(5_000)]

    def share(judge, rate):
        return {one for one in ids if sampling.is_sampled(one, judge=judge, rate=rate)}

    assert len(share("a", 0.1)) == pytest.approx(500, abs=70)
    assert share("a", 0.1) <= share("a", 0.3)
    assert len(share("a", 0.1) & share("b", 0.1)) == pytest.approx(50, abs=25)
    assert (share("a", 0), share("a", 1)) == (set(), set(ids))


def test_the_newest_events_come_first_and_none_twice(events, judge):
    for number in (1, 2, 3):
        events(number, occurred_at=(timezone.now() - timedelta(hours=number)).isoformat())
    events(4, occurred_at=(timezone.now() - timedelta(days=8)).isoformat())
    one = judge()
    JudgementFactory(judge=one, event_id=event_id(2))

    assert numbers(one) == [1, 3]
    assert numbers(one, most=1) == [1]
    assert numbers(judge(name="rarely", sampling_rate=0.0)) == []


def test_audited_events_are_judged_whatever_their_answer(events, judge):
    events(1, 2, 3)
    now = timezone.now()
    for number, gold in ((1, None), (2, 0.5)):
        AuditedEvent.objects.create(
            event_id=event_id(number),
            deployment_id="helpdesk",
            occurred_at=now - timedelta(hours=number),
            rate=0.5,
            gold=gold,
        )
    one = judge(sampling="audit")

    assert numbers(one) == [1, 2]
    JudgementFactory(judge=one, event_id=event_id(1))
    assert numbers(one) == [2]


def test_the_least_certain_events_come_first(judge):
    for number, p_good in ((1, 0.9), (2, 0.45), (3, 0.52), (4, 0.05), (5, None)):
        Evidence.objects.create(
            event_id=event_id(number),
            deployment_id="helpdesk",
            occurred_at=timezone.now(),
            state="good",
            up=1,
            down=0,
            users=1,
            p_good=p_good,
            weights_version="1",
        )
    one = judge(sampling="uncertain")

    assert numbers(one) == [3, 2, 1, 4]
    JudgementFactory(judge=one, event_id=event_id(3))
    assert numbers(one, most=2) == [2, 1]

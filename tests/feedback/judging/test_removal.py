"""Judgements go with their events, judges with their deployments."""

from datetime import timedelta

import pytest

from feedback.hashing import hash_person
from feedback.judging import consent
from feedback.models import Deployment, Judge, JudgeConsent, Judgement, JudgeSpending
from feedback.removal import deployments as removal
from feedback.removal import erasing, retention
from tests.factories import NOON
from tests.feedback.factories import JudgeFactory, JudgementFactory
from tests.feedback.scores.sent import event, event_id, send_events


@pytest.fixture
def judgements(api, write_all):
    """One of each of two events, of which the first is Ann's."""
    send_events(api, event(1, user_id="ann"), event(2, user_id="ben"))
    write_all()
    judge = JudgeFactory()
    return [JudgementFactory(judge=judge, event_id=event_id(number)) for number in (1, 2)]


def left():
    return [str(row.event_id) for row in Judgement.objects.order_by("event_id")]


def test_an_erasure_deletes_the_judgements_of_a_user(judgements, any_store, api, write_all):
    send_events(api, event(1, user_id="ann"))
    write_all()

    erasing.erase_some([hash_person("ann")])

    assert left() == [event_id(2)]


def test_judgements_of_expired_events_are_deleted(judgements):
    Deployment.objects.filter(pk="helpdesk").update(retention_days=30)
    judgements[0].occurred_at = NOON - timedelta(days=3_650)
    judgements[0].save()
    Judgement.objects.filter(pk=judgements[1].pk).update(occurred_at=NOON + timedelta(days=3_650))

    retention.purge()

    assert left() == [event_id(2)]


def test_a_deleted_deployment_leaves_no_judge(judgements, operator):
    consent.accept(Deployment.objects.get(pk="helpdesk"), by=operator)
    JudgeSpending.objects.create(judge=judgements[0].judge, day=NOON)
    Deployment.objects.create(id="shop")
    kept = JudgementFactory(judge=JudgeFactory(deployment_id="shop"))

    removal.remove_records("helpdesk")

    assert [row.pk for row in Judgement.objects.all()] == [kept.pk]
    assert [row.pk for row in Judge.objects.all()] == [kept.judge_id]
    assert (JudgeConsent.objects.count(), JudgeSpending.objects.count()) == (0, 0)

from datetime import timedelta

import pytest

from drift import tasks
from drift.models import TriggerEvaluation, TriggerFiring
from drift.triggers import history
from tests.drift.factories import TriggerEvaluationFactory, TriggerFiringFactory
from tests.factories import NOON, DeploymentFactory

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def looks(day, *, hours=(1, 2, 3), **values):
    values = {"fired": False, "name": "data_count", **values}
    midnight = NOON - 12 * HOUR
    return [TriggerEvaluationFactory(created_at=midnight - day * DAY + hour * HOUR, **values).pk for hour in hours]


def test_the_last_evaluation_of_an_old_day_and_the_whole_last_week_are_kept():
    recent, old, ancient = looks(7), looks(8), looks(401)

    assert history.thin(NOON) == 5
    assert sorted(TriggerEvaluation.objects.values_list("pk", flat=True)) == sorted([*recent, old[-1]])
    assert not set(ancient) & set(recent)
    assert history.thin(NOON) == 0


def test_triggers_deployments_and_days_are_thinned_each_by_itself():
    shop = DeploymentFactory(id="shop")
    kept = [looks(9)[-1], looks(10)[-1], looks(9, name="quality_drop")[-1], looks(9, deployment=shop)[-1]]

    assert history.thin(NOON) == 8
    assert sorted(TriggerEvaluation.objects.values_list("pk", flat=True)) == sorted(kept)


def test_evaluations_that_fired_are_kept(time_machine):
    time_machine.move_to(NOON)
    fired = looks(2_000, hours=(1, 2), fired=True)
    for number in fired:
        TriggerFiringFactory(evaluation=TriggerEvaluation.objects.get(pk=number))

    tasks.thin_trigger_history()

    assert sorted(TriggerEvaluation.objects.values_list("pk", flat=True)) == fired
    assert TriggerFiring.objects.count() == 2


def test_many_rows_go_in_batches(monkeypatch):
    monkeypatch.setattr(history, "BATCH", 2)
    looks(401, hours=range(7))

    assert history.thin(NOON) == 7
    assert TriggerEvaluation.objects.count() == 0

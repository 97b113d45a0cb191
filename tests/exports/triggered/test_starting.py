"""A firing of a trigger starts exactly one curated set with the request that the trigger keeps."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, transaction

from curation.choices import CuratedSetStatus
from curation.models import CuratedSet
from drift.choices import TriggerName
from drift.triggers import rules
from exports.models import TriggeredSet
from exports.tasks import start_triggered_sets
from exports.triggered import requests
from tests.curation.factories import CuratedSetFactory
from tests.drift.factories import TriggerEvaluationFactory, TriggerFiringFactory
from tests.factories import NOON, DeploymentFactory, StaffFactory

WANTED = {"name": "after drift", "strategies": ["user_edit", "high_quality"], "filters": {"tags": ["vip"]}, "limit": 50}
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _noon(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def deployment(db):
    return DeploymentFactory(id="helpdesk")


def keep(deployment, request=WANTED, name=TriggerName.DRIFT_THRESHOLD):
    """Let this trigger start a set."""
    [rule] = [found.row for found in rules.with_rows(deployment) if found.name == name]
    requests.keep(rule, request, by=StaffFactory())
    return rule


def fire(deployment, *, after=MINUTE, name=TriggerName.DRIFT_THRESHOLD):
    evaluation = TriggerEvaluationFactory(deployment=deployment, name=name)
    return TriggerFiringFactory(evaluation=evaluation, name=name, fired_at=NOON + after)


def started():
    found = TriggeredSet.objects.order_by("firing").select_related("curated_set")
    return [(row.firing_id, row.curated_set and str(row.curated_set), row.error) for row in found]


def test_a_firing_starts_one_set_with_the_kept_request(deployment):
    keep(deployment)
    firing = fire(deployment)

    for _ in range(3):
        start_triggered_sets()

    made = CuratedSet.objects.get()
    assert started() == [(firing.pk, "after drift v1.0.0 of helpdesk", "")]
    assert (made.strategies, made.filters, made.limit) == (["user_edit", "high_quality"], {"tags": ["vip"]}, 50)
    assert (made.status, made.created_by) == (CuratedSetStatus.BUILDING, None)


def test_each_firing_starts_the_next_version(deployment):
    keep(deployment)

    first = fire(deployment)
    start_triggered_sets()
    second = fire(deployment, after=2 * MINUTE)
    start_triggered_sets()

    assert started() == [
        (first.pk, "after drift v1.0.0 of helpdesk", ""),
        (second.pk, "after drift v1.1.0 of helpdesk", ""),
    ]


@pytest.mark.parametrize(
    ("firing", "sets"),
    [
        ({}, 1),
        ({"after": -MINUTE}, 0),
        ({"name": TriggerName.DATA_COUNT}, 0),
    ],
)
def test_only_later_firings_of_the_same_trigger_start_a_set(deployment, firing, sets):
    keep(deployment)
    fire(deployment, **firing)
    fire(DeploymentFactory(id="shop"))

    start_triggered_sets()

    assert len(started()) == CuratedSet.objects.count() == sets


def test_a_changed_request_still_counts_from_its_beginning(deployment, time_machine):
    rule = keep(deployment)
    fire(deployment)
    time_machine.move_to(NOON + 2 * MINUTE, tick=False)
    requests.keep(rule, {"name": "changed", "limit": 7}, by=StaffFactory())

    start_triggered_sets()

    assert CuratedSet.objects.values_list("name", "limit").get() == ("changed", 7)


def test_a_removed_request_starts_nothing(deployment):
    rule = keep(deployment)
    fire(deployment)

    assert requests.remove(rule, by=StaffFactory()) is True
    assert requests.remove(rule, by=StaffFactory()) is False
    start_triggered_sets()

    assert not CuratedSet.objects.exists()


@pytest.mark.parametrize("field", ["archived", "enabled"])
def test_a_deployment_that_is_not_active_starts_nothing(deployment, field):
    keep(deployment)
    fire(deployment)
    setattr(deployment, field, not getattr(deployment, field))
    deployment.save(update_fields=[field])

    start_triggered_sets()

    assert started() == []


def test_a_firing_waits_while_too_many_sets_are_built(deployment):
    keep(deployment)
    other = DeploymentFactory(id="shop")
    keep(other)
    building = [
        CuratedSetFactory(deployment=deployment, status=CuratedSetStatus.BUILDING, content_hash="", built_at=None)
        for _ in range(5)
    ]
    firing, of_other = fire(deployment), fire(other)

    start_triggered_sets()
    at_first = started()
    CuratedSet.objects.filter(pk=building[0].pk).update(status=CuratedSetStatus.DRAFT)
    start_triggered_sets()

    assert at_first == [(of_other.pk, "after drift v1.0.0 of shop", "")]
    assert started() == [(firing.pk, "after drift v1.0.0 of helpdesk", ""), *at_first]


def test_a_request_that_is_no_longer_valid_starts_nothing_and_says_why(deployment):
    keep(deployment, {**WANTED, "strategies": ["random"]})
    firing = fire(deployment)

    start_triggered_sets()
    start_triggered_sets()

    reason = 'The request is no longer valid. strategies.0: "random" is not a valid choice.'
    assert started() == [(firing.pk, None, reason)]
    assert not CuratedSet.objects.exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_two_runs_at_once_one_starts_the_set():
    deployment = DeploymentFactory(id="helpdesk")
    keep(deployment)
    fire(deployment)

    def run():
        try:
            start_triggered_sets.run()
        finally:
            connection.close()

    other = Thread(target=run)
    with transaction.atomic():
        start_triggered_sets.run()
        other.start()
        other.join(timeout=1)
        is_waiting = other.is_alive()
    other.join()

    assert is_waiting
    assert len(started()) == CuratedSet.objects.count() == 1

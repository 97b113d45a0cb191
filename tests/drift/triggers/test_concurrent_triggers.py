"""Checks at the same time, in transactions of their own."""

from threading import Barrier, Thread

import pytest
from django.db import connection, transaction

from drift.choices import CheckSource
from drift.models import AlertDelivery, TriggerEvaluation, TriggerFiring
from drift.triggers import checking, rules
from tests.drift.factories import AlertChannelFactory, DriftReportFactory, store_window
from tests.factories import NOON

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def check(source, *, wait_for=lambda: None):
    try:
        wait_for()
        checking.check("helpdesk", source=source, now=NOON)
    finally:
        connection.close()


def outcomes(name):
    return sorted(TriggerEvaluation.objects.filter(name=name).values_list("outcome", flat=True))


@pytest.fixture(autouse=True)
def reasons_to_fire(settings):
    """Every trigger has one, and a channel wants to know."""
    settings.TRIGGER_DATA_COUNT_THRESHOLD = 5
    report = DriftReportFactory(created_at=NOON, score=0.9, verdict="drifting")
    rules.with_rows(report.deployment)
    store_window("helpdesk", start_at=NOON, prompt_lengths=[10] * 5, quality=[0.5] * 5)
    AlertChannelFactory()


def test_only_one_of_two_concurrent_checks_fires():
    other = Thread(target=check, args=[CheckSource.CONSOLE])

    with transaction.atomic():
        checking.check("helpdesk", source=CheckSource.BEAT, now=NOON)
        other.start()
        other.join(timeout=1)
        is_waiting = other.is_alive()
    other.join()

    assert is_waiting
    for name in ("drift_threshold", "quality_drop", "data_count", "scheduled"):
        assert outcomes(name) == ["cooldown", "fired"]
    assert set(TriggerEvaluation.objects.filter(fired=True).values_list("source", flat=True)) == {"beat"}


def test_two_beats_and_a_click_at_once_fire_and_alert_once_each():
    start = Barrier(3)
    sources = [CheckSource.BEAT, CheckSource.BEAT, CheckSource.CONSOLE]
    threads = [Thread(target=check, args=[source], kwargs={"wait_for": start.wait}) for source in sources]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    names = ["data_count", "drift_threshold", "quality_drop", "scheduled"]
    for name in names:
        found = outcomes(name)
        assert len(found) == 3
        assert found.count("fired") == 1
    assert sorted(TriggerFiring.objects.values_list("name", flat=True)) == names
    assert AlertDelivery.objects.count() == 4

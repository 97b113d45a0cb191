from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, transaction

from drift import triggers
from drift.models import TriggerEvaluation
from tests.drift.factories import DriftReportFactory
from tests.factories import NOON


def check_in_thread():
    try:
        triggers.check("helpdesk", now=NOON - timedelta(seconds=1))
    finally:
        connection.close()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_two_checks_at_once_one_fires_the_schedule():
    DriftReportFactory(created_at=NOON - timedelta(minutes=1))
    other = Thread(target=check_in_thread)

    with transaction.atomic():
        triggers.check("helpdesk", now=NOON)
        other.start()
        other.join(timeout=1)
    other.join()

    scheduled = TriggerEvaluation.objects.of_deployment("helpdesk").filter(name="scheduled").order_by("-created_at")
    assert list(scheduled.values_list("fired", "value")) == [(True, None), (False, 0.0)]

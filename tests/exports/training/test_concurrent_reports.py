"""Two reports of the same end at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from exports.models import TrainingRun
from exports.training.handover import keys
from tests.exports.factories import TrainingRunFactory
from tests.exports.training.cases import eventually

pytestmark = pytest.mark.django_db(transaction=True)
WAITS = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"


def _waits():
    """Whether another connection waits for this one."""
    with connection.cursor() as cursor:
        cursor.execute(WAITS)
        return cursor.fetchone()[0]


@pytest.mark.parametrize(("status", "expected"), [("failed", 200), ("cancelled", 409)])
def test_the_same_end_at_once_is_accepted_and_another_is_not(status, expected):
    run = TrainingRunFactory()
    trainer = Client(headers={"Authorization": f"Bearer {keys.issue(run.pk)}"})
    body = {"status": "failed", "error_message": "It diverged."}

    def report():
        try:
            return trainer.patch(f"/api/v1/training-runs/{run.pk}", body, "application/json").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        locked = TrainingRun.objects.select_for_update().filter(pk=run.pk)
        locked.get()
        answer = pool.submit(report)
        eventually(_waits)
        locked.update(status=status, error_message="It diverged.", completed_at=timezone.now())

    assert answer.result() == expected
    assert TrainingRun.objects.get().status == status

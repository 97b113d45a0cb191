"""Commands on two machines: each cancels what it started."""

from typing import ClassVar

import pytest

from exports.choices import RunStatus
from exports.models import TrainerCall
from exports.training import runs
from exports.training.adapters.base import Observed
from exports.training.handover import supervising
from feedback.models import Deployment

pytestmark = pytest.mark.django_db


class Supervised:
    """Notes which calls it gets."""

    is_supervised = True
    cancelled: ClassVar[list[int]] = []

    def validate(self):
        return []

    def start(self, hand_off):
        return Observed(RunStatus.RUNNING, process_id=1, process_started=1)

    def poll(self, hand_off):
        return None

    def cancel(self, hand_off):
        self.cancelled.append(hand_off.run_id)


def test_a_run_is_cancelled_on_the_machine_that_started_it(settings, operator):
    settings.TRAINERS = {"nightly": {"adapter": f"{__name__}.Supervised"}}
    Supervised.cancelled.clear()
    Deployment.objects.create(pk="helpdesk")
    run = runs.open_run("helpdesk", by=operator, trainer="nightly")
    supervising.step("first")
    runs.cancel(run.pk, by=operator)

    supervising.step("second")
    on_the_second = list(Supervised.cancelled)
    supervising.step("first")

    assert (on_the_second, Supervised.cancelled) == ([], [run.pk])
    calls = TrainerCall.objects.order_by("pk").values_list("action", "machine", "status", "attempts")
    assert list(calls) == [("start", "first", "delivered", 1), ("cancel", "first", "delivered", 1)]

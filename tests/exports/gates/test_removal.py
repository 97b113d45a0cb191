"""What erasures and deletions leave of a gate."""

from threading import Event, Lock

import pytest
from django.db import connection

from curation.models import GoldenRow
from curation.review import golden
from exports import tasks
from exports.deletions import deleting
from exports.gates import requesting
from exports.models import GateAnswer, GateConsent, GateRun
from tests.exports.gates.conftest import ASKED

pytestmark = pytest.mark.django_db


def test_an_erasure_takes_the_answers_to_the_rows_with_it(request_gate, golden_set, allowed, models, running_tasks):
    GoldenRow.objects.filter(pk__in=golden_set.rows.values("pk")[:5]).update(user_hash="a" * 64)
    with running_tasks():
        request_gate(**ASKED)

    golden.erase(["a" * 64])

    assert GateAnswer.objects.count() == 110
    assert GateRun.objects.get().n == 60


def test_rows_that_are_erased_meanwhile_leave_the_gate(request_gate, golden_set, allowed, models):
    gate_id = request_gate(**ASKED).data["id"]
    GoldenRow.objects.filter(pk__in=golden_set.rows.values("pk")[:5]).delete()

    tasks.run_gate(gate_id)

    assert GateRun.objects.get().n == 55


def test_a_deleted_golden_set_leaves_the_verdict_and_no_answer(
    operator, request_gate, golden_set, allowed, models, running_tasks
):
    with running_tasks():
        request_gate(**ASKED)

    golden.delete(golden_set.pk, by=operator)

    gate = GateRun.objects.get()
    assert (gate.verdict, gate.golden_set_id, gate.golden_name) == ("better", None, golden_set.name)
    assert not GateAnswer.objects.exists()


def test_a_deleted_deployment_has_no_gate(operator, request_gate, golden_set, allowed, models, running_tasks):
    with running_tasks():
        request_gate(**ASKED)

    deletion = deleting.request("helpdesk", by=operator)
    deleting.run(deletion.pk)

    assert (GateRun.objects.count(), GateAnswer.objects.count(), GateConsent.objects.count()) == (0, 0, 0)
    assert deleting.run(deletion.pk).error == ""


@pytest.mark.parametrize("through", ["sweep", "upload"])
def test_a_gate_does_not_wait_for_answers_to_rows_that_are_erased(
    request_gate, golden_set, upload, running_tasks, through
):
    gate_id = request_gate().data["id"]
    first, *others = golden_set.rows.order_by("pk")
    lines = [
        {"row_id": row.pk, "side": side, "response": row.reference if side == "candidate" else "Rome"}
        for row in others
        for side in ("candidate", "current")
    ]
    upload(gate_id, *lines)
    GateRun.objects.update(created_at="2020-01-01T00:00:00Z")
    GoldenRow.objects.filter(pk=first.pk).update(user_hash="a" * 64)
    before = GateRun.objects.get().status

    golden.erase(["a" * 64])
    with running_tasks():
        if through == "sweep":
            requesting.sweep()
        else:
            upload(gate_id, lines[0])

    gate = GateRun.objects.get()
    assert (before, gate.status, gate.verdict, gate.n) == ("waiting", "completed", "better", 59)


@pytest.mark.django_db(transaction=True)
def test_a_gate_that_is_deleted_ends_its_task(operator, request_gate, golden_set, allowed, models):
    gate_id = request_gate(**ASKED).data["id"]
    begun, deleted = Lock(), Event()

    def answer(asked, there):
        """The gate is deleted during the first question; the others in flight wait for that."""
        if begun.acquire(blocking=False):
            GateRun.objects.filter(pk=gate_id).delete()
            connection.close()
            deleted.set()
        deleted.wait(10)
        return "Rome"

    models["new"].answer = models["old"].answer = answer
    tasks.run_gate(gate_id)
    tasks.run_gate(gate_id)

    assert (GateRun.objects.count(), GateAnswer.objects.count()) == (0, 0)

"""A gate whose questions take longer than a task continues in the next one."""

import os
import signal

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from exports import tasks
from exports.gates import asking, requesting
from exports.models import GateAnswer, GateRun
from tests.exports.gates.conftest import ASKED

pytestmark = pytest.mark.django_db


def test_a_long_gate_is_asked_by_one_task_after_another(request_gate, allowed, models, monkeypatch):
    queued = []
    monkeypatch.setattr("exports.tasks.run_gate.apply_async", lambda keys, countdown: queued.append((keys, countdown)))
    monkeypatch.setattr(asking, "SECONDS_PER_TURN", 0.2)
    right = models["new"].answer

    def slow(asked, there):
        there.released.wait(0.05)
        return right(asked, there)

    models["new"].answer = slow
    gate_id = request_gate(**ASKED).data["id"]
    turns = 0
    while GateRun.objects.get().status == "running":
        tasks.run_gate(gate_id)
        turns += 1

    assert GateRun.objects.get().verdict == "better"
    assert [len(there.asked) for there in models.values()] == [60, 60]
    assert turns > 1
    assert queued == [((gate_id,), 2)] * (turns - 1)


def test_a_turn_that_is_over_leaves_the_comparison_to_the_next_task(request_gate, allowed, models, monkeypatch):
    queued = []
    monkeypatch.setattr("exports.tasks.run_gate.apply_async", lambda keys, countdown: queued.append(keys))
    monkeypatch.setattr(asking, "SECONDS_PER_TURN", 0.4)

    def late_in_the_end(right):
        def answer(asked, there):
            if len(there.asked) == 60:
                there.released.wait(0.8)
            return right(asked, there)

        return answer

    for model in models.values():
        model.answer = late_in_the_end(model.answer)
    gate_id = request_gate(**ASKED).data["id"]
    while GateAnswer.objects.filter(side="candidate").count() < 60:
        tasks.run_gate(gate_id)
    while GateAnswer.objects.count() < 120:
        tasks.run_gate(gate_id)
    before, turns = GateRun.objects.get().status, len(queued)

    tasks.run_gate(gate_id)

    assert (before, GateRun.objects.get().verdict) == ("running", "better")
    assert len(queued) == turns


def time_is_over(signum, frame):
    raise SoftTimeLimitExceeded


def test_the_time_limit_of_a_task_does_not_fail_a_gate(request_gate, allowed, models, running_tasks):
    right, quick = models["new"].answer, models["old"].answer

    def first_is_interrupted(asked, there):
        """Celery's signal that the time is over comes while four questions are in flight."""
        if asked is there.asked[0]:
            there.released.wait(0.3)
            os.kill(os.getpid(), signal.SIGUSR1)
        if len(there.asked) <= 4:
            there.released.wait(0.5)
        return right(asked, there)

    def late(asked, there):
        if len(there.asked) <= 4:
            there.released.wait(1)
        return quick(asked, there)

    models["new"].answer, models["old"].answer = first_is_interrupted, late
    gate_id = request_gate(**ASKED).data["id"]
    former = signal.signal(signal.SIGUSR1, time_is_over)
    try:
        with pytest.raises(SoftTimeLimitExceeded):
            tasks.run_gate(gate_id)
    finally:
        signal.signal(signal.SIGUSR1, former)
    stopped = GateRun.objects.get()
    models["new"].answer = right
    GateRun.objects.update(created_at="2020-01-01T00:00:00Z")
    with running_tasks():
        requesting.sweep()

    assert (stopped.status, stopped.error) == ("running", "")
    assert GateRun.objects.get().verdict == "better"

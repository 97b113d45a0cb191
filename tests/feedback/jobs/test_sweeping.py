from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.utils import timezone

from feedback.jobs import leases, sweeping
from feedback.models import JobLease

TASK = "drift.tasks.detect_drift"
SENTENCE = "The worker crashed 5 times on this job. See its log, then try again."

pytestmark = pytest.mark.django_db


@dataclass
class Queue:
    """Stands for a task; knows which keys were queued."""

    name: str = TASK
    keys: list = field(default_factory=list)

    def delay_on_commit(self, key):
        self.keys.append(key)


def crashed(key="7", attempts=1):
    """A lease whose holder fell silent a while ago."""
    past = timezone.now() - timedelta(minutes=1)
    return JobLease.objects.create(task=TASK, key=key, attempts=attempts, expires_at=past)


def sweep(unfinished):
    """What one sweep queues, and what it gives up with which sentence."""
    queue, given_up = Queue(), []
    sweeping.sweep(queue, unfinished, give_up=lambda *arguments: given_up.append(arguments))
    return sorted(queue.keys), given_up


def test_a_job_that_no_worker_holds_is_queued_once_and_then_rarely():
    crashed("7")
    with leases.held(TASK, "8"):
        first, second = sweep([7, 8, 9]), sweep([7, 8, 9])
        JobLease.objects.filter(key="9").update(queued_again_at=timezone.now() - sweeping.QUEUE_AGAIN_AFTER)
        third = sweep([7, 8, 9])

    assert (first, second, third) == (([7, 9], []), ([], []), ([9], []))


def test_a_crash_after_it_was_queued_queues_a_job_again_at_once():
    assert sweep([7]) == ([7], [])
    with leases.held(TASK, "7"):
        JobLease.objects.update(expires_at=timezone.now() - timedelta(minutes=1))

        assert sweep([7]) == ([7], [])


@pytest.mark.parametrize(
    ("attempts", "queued", "given_up"), [(4, [7], []), (5, [], [(7, SENTENCE)]), (6, [], [(7, SENTENCE)])]
)
def test_a_job_that_crashes_its_workers_is_given_up(attempts, queued, given_up):
    crashed("7", attempts)

    assert sweep([7]) == (queued, given_up)
    assert JobLease.objects.exists() is not bool(given_up)


def test_a_job_in_its_last_attempt_is_left_to_its_worker():
    crashed("7", attempts=4)

    with leases.held(TASK, "7"):
        assert sweep([7]) == ([], [])
        assert JobLease.objects.get().attempts == 5


def test_leases_of_jobs_that_are_finished_are_removed():
    crashed("7", attempts=5)
    other = JobLease.objects.create(task="curation.tasks.build_curated_set", key="7")

    assert sweep([]) == ([], [])
    assert list(JobLease.objects.all()) == [other]


def test_a_job_that_cannot_be_given_up_keeps_its_lease():
    lease = crashed("7", attempts=5)

    def fail(key, reason):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        sweeping.sweep(Queue(), [7, 9], give_up=fail)

    assert list(JobLease.objects.all()) == [lease]

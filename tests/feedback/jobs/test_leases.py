import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from feedback.jobs import leases
from feedback.models import JobLease

TASK = "drift.tasks.detect_drift"


def left_behind(key="7", **fields):
    """A lease whose holder fell silent a while ago."""
    past = timezone.now() - timedelta(minutes=1)
    return JobLease.objects.create(task=TASK, key=key, attempts=fields.pop("attempts", 1), expires_at=past, **fields)


@pytest.mark.django_db
def test_a_job_is_held_once_and_free_again_afterwards():
    with leases.held(TASK, "7", worker="first") as first:
        with leases.held(TASK, "7") as second, leases.held(TASK, "8") as other:
            assert (first, second, other) == (True, False, True)
        (job,) = leases.in_hand()
        assert (job.task, job.key, job.worker, job.attempts) == (TASK, "7", "first", 1)

    assert not JobLease.objects.exists()


@pytest.mark.django_db
def test_a_job_that_fails_is_free_again():
    with pytest.raises(ZeroDivisionError), leases.held(TASK, "7"):
        raise ZeroDivisionError

    assert not JobLease.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds_left", "taken"), [(-1, True), (30, False)])
def test_the_lease_of_a_silent_worker_is_taken_over(seconds_left, taken):
    lease = left_behind(queued_again_at=timezone.now())
    JobLease.objects.update(expires_at=timezone.now() + timedelta(seconds=seconds_left))

    with leases.held(TASK, "7", worker="second") as ours:
        lease.refresh_from_db()

        assert ours is taken
        assert (lease.attempts, lease.worker) == ((2, "second") if taken else (1, ""))
        assert (lease.queued_again_at is None) is taken

    assert JobLease.objects.exists() is not taken


@pytest.mark.django_db(transaction=True)
def test_a_lease_is_renewed_for_as_long_as_its_job_runs(settings):
    settings.JOB_LEASE_SECONDS = 0.4
    with leases.held(TASK, "7"):
        time.sleep(0.8)

        with leases.held(TASK, "7") as ours:
            assert ours is False
        assert len(leases.in_hand()) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_at_once_one_has_the_job():
    gate, held = threading.Barrier(2), []

    def work():
        gate.wait()
        with leases.held(TASK, "7") as ours:
            held.append(ours)
            gate.wait()
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(held) == [False, True]


@pytest.mark.django_db
def test_what_nobody_is_at_is_queued_once_and_then_seldom():
    left_behind("7")
    with leases.held(TASK, "8"):
        first = leases.left_lying(TASK, [7, 8, 9])
        second = leases.left_lying(TASK, [7, 8, 9])
        JobLease.objects.filter(key="9").update(queued_again_at=timezone.now() - leases.QUEUE_AGAIN_AFTER)
        third = leases.left_lying(TASK, [7, 8, 9])

    assert sorted(first.to_queue) == ["7", "9"]
    assert (second.to_queue, third.to_queue) == ([], ["9"])
    assert first.to_give_up == []


@pytest.mark.django_db
@pytest.mark.parametrize(("attempts", "queued", "given_up"), [(4, ["7"], []), (5, [], ["7"])])
def test_what_ends_its_worker_again_and_again_is_given_up(attempts, queued, given_up):
    left_behind("7", attempts=attempts)

    found = leases.left_lying(TASK, [7])

    assert (found.to_queue, found.to_give_up) == (queued, given_up)
    assert JobLease.objects.exists() is not bool(given_up)


@pytest.mark.django_db
def test_leases_of_jobs_that_are_finished_are_removed():
    left_behind("7")
    other = JobLease.objects.create(task="curation.tasks.build_curated_set", key="7")

    leases.left_lying(TASK, [])

    assert list(JobLease.objects.all()) == [other]

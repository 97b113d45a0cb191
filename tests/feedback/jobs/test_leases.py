import re
import threading
import time
import uuid
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from feedback.jobs import leases
from feedback.models import JobLease
from feedback.querysets.jobs import JobLeaseQuerySet
from tests.servers.installation import until

TASK = "drift.tasks.detect_drift"


def left_behind(key="7", **fields):
    """A lease whose holder fell silent a while ago."""
    past = timezone.now() - timedelta(minutes=1)
    return JobLease.objects.create(task=TASK, key=key, attempts=fields.pop("attempts", 1), expires_at=past, **fields)


@pytest.mark.django_db
def test_a_job_is_held_once_and_free_again_afterwards():
    with leases.held(TASK, "7", worker="first") as first:
        with leases.held(TASK, "7") as second, leases.held(TASK, "8") as other:
            assert (first is None, second is None, other is None) == (False, True, False)
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

        assert (ours is not None) is taken
        assert (lease.attempts, lease.worker) == ((2, "second") if taken else (1, ""))
        assert (lease.queued_again_at is None) is taken

    assert JobLease.objects.exists() is not taken


@pytest.mark.django_db(transaction=True)
def test_a_lease_is_renewed_for_as_long_as_its_job_runs(settings):
    settings.JOB_LEASE_SECONDS = 0.4
    with leases.held(TASK, "7"):
        time.sleep(0.8)

        with leases.held(TASK, "7") as ours:
            assert ours is None
        assert len(leases.in_hand()) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_at_once_one_has_the_job():
    gate, held = threading.Barrier(2), []

    def work():
        gate.wait()
        with leases.held(TASK, "7") as ours:
            held.append(ours is not None)
            gate.wait()
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(held) == [False, True]


@pytest.mark.django_db
@pytest.mark.parametrize("job", [("other.tasks.job", "7"), (TASK, "8")])
def test_a_job_within_its_task_uses_the_lease_of_the_task(job):
    with leases.held(TASK, "7", worker="first") as ours:
        with leases.of_job(TASK, 7) as same, leases.of_job(*job) as another:
            assert same is ours
            assert another.token != ours.token
        assert leases.tokens(TASK) == {str(ours.token)}

        ours.require()

    with leases.of_job(TASK, 7) as of_its_own:
        assert of_its_own.token != ours.token
    assert not JobLease.objects.exists()


@pytest.mark.django_db
def test_another_workers_job_is_not_taken_without_its_task_either():
    JobLease.objects.create(task=TASK, key="7", attempts=1, expires_at=timezone.now() + timedelta(minutes=1))

    with leases.of_job(TASK, 7) as ours:
        assert ours is None

    assert JobLease.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("what", ["taken over", "given up"])
def test_a_holder_that_lost_its_lease_is_stopped(what):
    with leases.held(TASK, "7") as ours:
        ours.confirm()
        if what == "taken over":
            JobLease.objects.update(token=uuid.uuid4())
        else:
            JobLease.objects.all().delete()
        ours.require()

        with pytest.raises(leases.LeaseLost, match=re.escape(f"The lease of {TASK}(7) was lost.")):
            ours.confirm()
        assert ours.is_lost
        with pytest.raises(leases.LeaseLost):
            ours.require()

    assert JobLease.objects.count() == (1 if what == "taken over" else 0)


@pytest.mark.django_db(transaction=True)
def test_a_holder_learns_of_the_loss_while_it_works(settings):
    settings.JOB_LEASE_SECONDS = 0.4
    with leases.held(TASK, "7") as ours:
        JobLease.objects.update(token=uuid.uuid4(), expires_at=timezone.now() + timedelta(minutes=1))

        until(lambda: ours.is_lost)


@pytest.mark.django_db(transaction=True)
def test_a_lease_that_cannot_be_renewed_counts_as_lost_when_its_time_is_over(settings, monkeypatch):
    def fail(*_, **__):
        raise OperationalError("the database is down")

    settings.JOB_LEASE_SECONDS = 0.4
    with leases.held(TASK, "7") as ours:
        with monkeypatch.context() as patch:
            patch.setattr(JobLeaseQuerySet, "update", fail)
            assert not ours.is_lost
            until(lambda: ours.is_lost)
        until(lambda: not ours.is_lost)


@pytest.mark.django_db(transaction=True)
def test_no_worker_takes_a_job_over_while_its_holder_publishes():
    waiting, results = threading.Event(), []

    def take_over():
        waiting.set()
        with leases.held(TASK, "7") as ours:
            results.append(ours is not None)
        connection.close()

    other = threading.Thread(target=take_over)
    with leases.held(TASK, "7") as ours:
        JobLease.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
        with transaction.atomic():
            ours.confirm()
            other.start()
            waiting.wait()
            time.sleep(0.2)
            assert results == []
        other.join()

    assert results == [False]

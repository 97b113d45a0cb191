"""Deleting while writers write: nobody waits for long, nothing is lost, nothing is left hanging."""

import time
import uuid
from concurrent.futures import Future, wait
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from django.db import connection, transaction

from feedback.models import Event, QualityScore, SampledEvent, Signal
from feedback.removal import erasing, removing, retention
from feedback.stores import locks
from feedback.stores.postgres import store
from tests.factories import DeploymentFactory

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
NOW = datetime.now(UTC)
WAITS_FOR_A_LOCK = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'advisory')"


def in_thread(work) -> Future:
    """What the work returns or raises, once it has ended."""
    ended = Future()

    def run():
        try:
            ended.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised again where the result is asked for
            ended.set_exception(error)
        finally:
            connection.close()

    Thread(target=run).start()
    return ended


def an_id(number):
    return str(uuid.UUID(int=number))


def send_events(api, numbers, *, age=timedelta(0), **fields):
    items = [
        {
            "id": an_id(number),
            "deployment_id": "month",
            "prompt": "How do I reset my password?",
            "response": "Open the settings page and follow the link.",
            "occurred_at": (NOW - age).isoformat(),
        }
        | fields
        for number in numbers
    ]
    assert api.post("/api/v1/events", {"events": items}, format="json").status_code == 202


def send_signals(api, numbers):
    items = [{"event_id": an_id(number), "type": "thumbs_up", "user_id": "otto"} for number in numbers]
    assert api.post("/api/v1/signals", {"signals": items}, format="json").status_code == 202


def test_a_signal_that_comes_while_its_event_is_deleted_waits_instead_of_hanging_on_nothing(api, write_all):
    send_events(api, [1])
    write_all()
    send_signals(api, [1])

    with transaction.atomic():
        removing.remove_events([an_id(1)])
        writer = in_thread(write_all)
        wait([writer], timeout=0.5)
    writer.result(timeout=60)

    assert list(Signal.objects.values_list("waiting", "live")) == [(True, False)]


def test_a_purge_that_meets_an_erasure_of_the_same_events_waits_for_it(api, write_all):
    DeploymentFactory(id="month", retention_days=30)
    send_events(api, [1, 2], age=timedelta(days=31))
    write_all()

    with transaction.atomic():
        locks.lock_signals()
        purge = in_thread(retention.purge)
        with connection.cursor() as cursor:
            while not cursor.execute(WAITS_FOR_A_LOCK).fetchone()[0]:
                time.sleep(0.01)
        assert removing.remove_events([an_id(1), an_id(2)]).events == {an_id(1), an_id(2)}
    purge.result(timeout=60)

    assert not Event.objects.exists()


def test_purge_erasure_and_writers_at_once_lose_nothing_and_leave_nothing(api, write_all, monkeypatch):
    """Old events are purged and one user's erased while a writer stores the others' and signals about all of them."""
    monkeypatch.setattr(store, "PURGE_BATCH", 7)
    monkeypatch.setattr(erasing, "BATCH", 5)
    DeploymentFactory(id="month", retention_days=30)
    send_events(api, range(1, 101), age=timedelta(days=31), user_id="maria")
    send_events(api, range(101, 201), age=timedelta(days=31))
    send_events(api, range(201, 301), user_id="maria")
    write_all()
    for start in range(1, 301, 20):
        send_events(api, range(1_000 + start, 1_020 + start))
        send_signals(api, range(start, start + 20))
    maria = [Event.objects.get(pk=an_id(1)).user_hash]

    def erase():
        while erasing.erase_some(maria).more:
            pass

    for work in [in_thread(work) for work in (retention.purge, erase, write_all)]:
        work.result(timeout=60)

    kept = {uuid.UUID(int=number) for number in range(1_001, 1_301)}
    assert set(Event.objects.values_list("pk", flat=True)) == kept
    assert set(QualityScore.objects.values_list("event_id", flat=True)) == kept
    assert set(SampledEvent.objects.members().values_list("pk", flat=True)) <= kept
    assert not Signal.objects.filter(waiting=False).exists()
    assert not Signal.objects.live().exists()

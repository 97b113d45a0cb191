"""What is deleted for its age, and what stays."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django_celery_beat.models import PeriodicTask
from structlog.testing import capture_logs

from feedback.models import (
    Embedding,
    Event,
    IngestBatch,
    IngestCount,
    QualityScore,
    RejectedItem,
    SampledEvent,
    Signal,
)
from feedback.removal import retention
from feedback.stores.base import EventFilter
from feedback.tasks import purge_expired
from tests.factories import DeploymentFactory, EventFactory, SignalFactory
from tests.feedback.factories import (
    EmbeddingFactory,
    IngestBatchFactory,
    QualityScoreFactory,
    RejectedItemFactory,
    SampledEventFactory,
    roll_up,
)
from tests.feedback.rollups.rolled_up import everything

NOW = datetime(2026, 5, 31, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def noon(time_machine):
    time_machine.move_to(NOW, tick=False)


def ids(model, name="pk"):
    return set(model.objects.values_list(name, flat=True))


def event(deployment_id="month", *, age, **fields):
    """An event as a writer leaves it, with its score and its place in the sample."""
    stored = EventFactory(deployment_id=deployment_id, occurred_at=NOW - age, **fields)
    QualityScoreFactory(event_id=stored.pk)
    SampledEventFactory(event_id=stored.pk, deployment_id=deployment_id, occurred_at=NOW - age)
    EmbeddingFactory(event_id=stored.pk)
    return stored


def test_events_older_than_their_deployment_keeps_go_with_what_hangs_on_them(db):
    DeploymentFactory(id="month", retention_days=30)
    DeploymentFactory(id="forever")
    event(age=30 * DAY + timedelta(seconds=1))
    kept = {event(age=30 * DAY).pk, event(age=DAY).pk, event("forever", age=400 * DAY).pk}
    event(age=31 * DAY, id=uuid.UUID(int=1))
    SignalFactory(event_id=uuid.UUID(int=1), deployment_id="month", occurred_at=NOW)

    with capture_logs() as logs:
        retention.purge()

    assert ids(Event) == kept
    assert ids(QualityScore, "event_id") == kept
    assert ids(Embedding, "event_id") == kept
    assert set(SampledEvent.objects.members().values_list("pk", flat=True)) == kept
    assert ids(Signal) == set()
    assert logs == [
        {
            "event": "retention_purged",
            "log_level": "info",
            "deployment_id": "month",
            "events": 2,
            "signals": 1,
            "rejected_items": 0,
            "waiting_scores": 0,
        }
    ]


def test_a_second_run_changes_and_logs_nothing(db):
    DeploymentFactory(id="month", retention_days=30)
    event(age=31 * DAY)
    kept = event(age=DAY)
    retention.purge()

    with capture_logs() as logs:
        retention.purge()

    assert (ids(Event), logs) == ({kept.pk}, [])


def test_rollups_counts_and_signals_of_kept_events_stay(db):
    DeploymentFactory(id="month", retention_days=30)
    event(age=31 * DAY)
    new = event(age=29 * DAY)
    roll_up(deployment_id="month", hour_at=NOW - 31 * DAY)
    roll_up(deployment_id="month", hour_at=NOW - 29 * DAY)
    IngestCount.objects.create(deployment_id="month", kind="event", hour_at=NOW - 31 * DAY, flushed_at=NOW)
    early = SignalFactory(event_id=new.pk, deployment_id="month", occurred_at=NOW - 40 * DAY)
    before = everything()

    retention.purge()

    assert ids(Event) == {new.pk}
    assert (len(before), everything()) == (2, before)
    assert IngestCount.objects.count() == 1
    assert ids(Signal) == {early.pk}


@pytest.mark.parametrize(
    ("deployment_id", "occurred", "received", "is_kept"),
    [
        ("month", 31, 0, False),
        ("month", 29, 29, True),
        ("forever", 400, 400, True),
        ("", 31, 31, True),
        ("", 400, 60, True),
        ("", 400, 61, False),
    ],
)
def test_waiting_signals_go_by_their_deployment_or_after_the_longest_retention(
    db, deployment_id, occurred, received, is_kept
):
    DeploymentFactory(id="month", retention_days=30)
    DeploymentFactory(id="two-months", retention_days=60)
    DeploymentFactory(id="forever")
    waiting = SignalFactory(
        deployment_id=deployment_id,
        waiting=True,
        live=False,
        occurred_at=NOW - occurred * DAY,
        received_at=NOW - received * DAY,
    )

    retention.purge()

    assert (waiting.pk in ids(Signal)) == is_kept


def test_rejected_items_go_with_their_deployments_time(db):
    DeploymentFactory(id="month", retention_days=30)
    DeploymentFactory(id="forever")
    made = {name: RejectedItemFactory(deployment_id=name).pk for name in ("month", "forever")}
    RejectedItem.objects.update(rejected_at=NOW - 31 * DAY)
    young = RejectedItemFactory(deployment_id="month").pk

    retention.purge()

    assert ids(RejectedItem) == {made["forever"], young}


def test_ledger_rows_go_after_their_own_time_whatever_is_kept(db, settings, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    settings.LEDGER_RETENTION_DAYS = 90
    for _ in range(5):
        IngestBatchFactory()
    IngestBatch.objects.update(written_at=NOW - 90 * DAY - timedelta(seconds=1))
    kept = {IngestBatchFactory().pk, IngestBatchFactory().pk}

    with capture_logs() as logs:
        retention.purge()

    assert ids(IngestBatch) == kept
    assert logs == [{"event": "retention_purged", "log_level": "info", "ledger_rows": 5}]


def test_a_retention_longer_than_the_calendar_keeps_everything(db):
    DeploymentFactory(id="ever", retention_days=2**31 - 1)
    kept = event("ever", age=20_000 * DAY)

    retention.purge()

    assert ids(Event) == {kept.pk}


def test_the_index_by_time_serves_the_search(db):
    expired = Event.objects.matching(EventFilter(deployment_id="month", occurred_to=NOW)).oldest_first()
    with connection.cursor() as cursor:
        # In an empty table every way costs the same.
        cursor.execute("SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")

    assert "event_newest" in expired.values_list("pk", flat=True)[:10].explain()


def test_the_purge_has_a_schedule(db):
    schedule = PeriodicTask.objects.get(task=purge_expired.name)

    assert (str(schedule.interval), schedule.enabled) == ("every hour", True)

"""Scores of the application: recorded once whatever fails, and gone with what they are about."""

from datetime import timedelta

import pytest
from django.db import DataError
from django.urls import reverse

from feedback import valkey
from feedback.hashing import hash_person
from feedback.ingestion import formats, replay, stream
from feedback.ingestion.writing import entries
from feedback.models import DeclaredScore, Deployment, RejectedItem, WaitingScore
from feedback.removal import deployments as removal
from feedback.removal import erasing, retention
from feedback.scores import waiting
from tests.factories import NOON
from tests.feedback.scores.sent import (
    event,
    event_id,
    ledger,
    score,
    send_events,
    send_scores,
    shown,
)


@pytest.mark.parametrize("again", ["writer", "replay of a duplicate event"])
def test_scores_that_a_dying_writer_left_waiting_are_recorded(api, write_all, any_store, monkeypatch, again):
    send_events(api, event(1, scores=[{"name": "solved", "value": 1}]))
    with monkeypatch.context() as patched:
        patched.setattr("feedback.scores.waiting.record_found", _die)
        patched.setattr("feedback.ingestion.stream.acknowledge", lambda entries: None)
        ((stream_id, fields),) = valkey.client().xrange(stream.STREAM)
        with pytest.raises(KeyboardInterrupt):
            entries.write([stream.decode(stream_id.decode(), fields)])
    assert (WaitingScore.objects.count(), shown(api, 1)) == (1, [])

    if again != "writer":
        valkey.client().flushdb()
        stream.ensure_group()
        send_events(api, event(1))
    write_all()

    assert shown(api, 1) == [("solved", 1.0, 1.0, "")]
    assert not WaitingScore.objects.exists()


def _die(*_):
    raise KeyboardInterrupt


def test_scores_go_with_their_event(api, write_all, any_store):
    send_events(api, event(1, user_id="maria", scores=[{"name": "solved", "value": 1}]), event(2))
    send_scores(api, score(1, 0, name="tone"), score(2))
    write_all()

    erasing.erase_some([hash_person("maria")])
    send_scores(api, score(1))
    write_all()

    assert any_store.scores([event_id(1)]).num_rows == 0
    assert shown(api, 2) == [("solved", 1.0, 1.0, "")]
    assert WaitingScore.objects.count() == 1


def test_scores_that_wait_longer_than_events_are_kept_are_deleted(api, write_all):
    Deployment.objects.create(id="helpdesk", retention_days=30)
    send_scores(api, score(1), score(2), score(3, deployment_id="shop"))
    write_all()
    WaitingScore.objects.exclude(event_id=event_id(2)).update(received_at=NOON - timedelta(days=3_650))

    retention.purge()

    assert sorted(str(row.event_id) for row in WaitingScore.objects.all()) == [event_id(2), event_id(3)]


def test_a_deleted_deployment_leaves_no_scores(api, write_all):
    send_scores(api, score(1), score(2, deployment_id="shop"))
    write_all()

    removal.remove_records("helpdesk")

    assert [row.deployment_id for row in WaitingScore.objects.all()] == ["shop"]
    assert [row.deployment_id for row in DeclaredScore.objects.all()] == ["shop"]


def test_a_score_that_the_database_rejects_is_kept_shown_and_replayed(api, console, write_all, monkeypatch):
    send_events(api, event(1))
    write_all()
    receipt = send_scores(api, score(1, 0.5), score(1, 0.25, name="tone"))
    with monkeypatch.context() as patched:
        patched.setattr("feedback.scores.waiting.keep", _reject_tone(patched))
        write_all()
    rejected = RejectedItem.objects.get()
    counts = ledger(receipt)
    assert [counts[name] for name in ("accepted", "stored", "duplicate", "rejected", "invalid")] == [2, 1, 0, 1, 0]
    assert (rejected.kind, rejected.payload["name"], rejected.payload["format"]) == ("score", "tone", formats.FORMAT)
    page = console.get(reverse("admin:feedback_rejecteditem_change", args=[rejected.pk])).content.decode()
    assert "0.25" in page

    assert replay.replay([rejected.pk]) == 1
    write_all()

    assert shown(api, 1) == [("solved", 0.5, 0.5, ""), ("tone", 0.25, 0.25, "")]


def _reject_tone(patched):
    keep = waiting.keep

    def reject(rows):
        rows = list(rows)
        if any(row["name"] == "tone" for row in rows):
            raise DataError("no tone")
        keep(rows)

    return reject

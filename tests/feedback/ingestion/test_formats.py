"""What waits may be of an earlier version, which is filled up, or of a later one, which is left for it."""

import uuid
from datetime import UTC, datetime

import msgspec
import pytest

from config import doctor
from feedback import valkey
from feedback.choices import ItemKind
from feedback.ingestion import formats, replay, stream
from feedback.ingestion.writing.writer import Writer
from feedback.models import Event, IngestBatch, QualityScore, RejectedItem, Signal
from tests.factories import NOON
from tests.feedback.factories import RejectedItemFactory

EVENT = {"deployment_id": "helpdesk", "prompt": "Where is my order?", "response": "On its way.", "received_at": NOON}
ASSESSED = {"profile": "default", "score": 0.5, "checks": "[]", "assessed_at": NOON}
# What the least capable writer of rows might have said of each kind.
OLD_EVENT = {"id": str(uuid.UUID(int=1)), "occurred_at": NOON, **EVENT}
OLD_SIGNAL = {
    "id": str(uuid.UUID(int=2)),
    "event_id": OLD_EVENT["id"],
    "deployment_id": "helpdesk",
    "type": "thumbs_up",
    "slot": "thumbs",
    "occurred_at": NOON,
    "received_at": NOON,
}


def add(kind, *rows, **fields):
    """Put a request into the stream as an earlier version did, or one that says its format."""
    batch_id = uuid.uuid4()
    payload = {"kind": kind.value, "rows": rows, "invalid": {}, "received_at": NOON.timestamp()}
    encoded = msgspec.msgpack.encode(payload)
    valkey.client().xadd(stream.STREAM, {"batch": batch_id.bytes, "payload": encoded, **fields})
    return batch_id


def turns(number):
    writer = Writer()
    for _ in range(number):
        writer.step()


def test_rows_of_the_first_format_have_the_columns_that_came_later(write_all):
    add(ItemKind.EVENT, OLD_EVENT)
    add(ItemKind.SIGNAL, OLD_SIGNAL)

    write_all()

    event, signal = Event.objects.get(), Signal.objects.get()
    assert (event.prompt, event.external_id, event.tags, event.metadata, event.latency_ms) == (
        *("Where is my order?", "", [], {}, None),
    )
    assert event.quality_score == QualityScore.objects.get().score > 0
    assert (signal.live, signal.value, signal.comment, signal.metadata) == (True, None, "", {})


def test_a_score_that_travelled_with_its_row_gets_a_name_and_a_range(write_all):
    add(ItemKind.EVENT, OLD_EVENT | {"content_dropped": True, "assessment": {"event_id": OLD_EVENT["id"], **ASSESSED}})

    write_all()

    found = QualityScore.objects.get()
    assert (found.assessor, found.name, found.profile, found.version) == ("checks", "quality", "default", "")
    assert (found.raw, found.score, found.minimum, found.maximum) == (0.5, 0.5, 0, 1)


def test_requests_of_this_version_say_their_format(api, write_all):
    answer = api.post(
        "/api/v1/events", {key: EVENT[key] for key in ("deployment_id", "prompt", "response")}, format="json"
    )

    ((_, fields),) = valkey.client().xrange(stream.STREAM)
    assert (answer.status_code, fields[b"format"]) == (202, str(formats.FORMAT).encode())


def test_a_request_of_a_later_version_stays_and_is_named(write_all, caplog):
    add(ItemKind.EVENT, OLD_EVENT | {"id": str(uuid.UUID(int=3))}, format=str(formats.FORMAT + 1))
    add(ItemKind.EVENT, OLD_EVENT)

    turns(3)

    assert list(Event.objects.values_list("pk", flat=True)) == [uuid.UUID(int=1)]
    assert (stream.backlog().entries, IngestBatch.objects.count(), RejectedItem.objects.count()) == (1, 1, 0)
    assert [record.msg for record in caplog.records if record.msg["event"] == "entry_too_new"][0][
        "format"
    ] == formats.FORMAT + 1
    finding = doctor.entries()
    assert (
        finding.problem
        == "1 requests in the stream were written by a newer version and wait for a writer of that version."
    )


def test_doctor_finds_nothing_where_every_request_can_be_read(write_all):
    add(ItemKind.EVENT, OLD_EVENT)
    add(ItemKind.EVENT, OLD_EVENT, format=str(formats.FORMAT))

    assert doctor.entries() is None


@pytest.mark.parametrize("number", [None, formats.FORMAT, formats.FORMAT + 1])
def test_rejected_items_of_a_later_version_are_not_replayed(write_all, number):
    at = datetime(2026, 5, 4, 10, tzinfo=UTC).isoformat()
    payload = OLD_EVENT | {"occurred_at": at, "received_at": at}
    item = RejectedItemFactory(item_id=OLD_EVENT["id"], payload=payload | ({"format": number} if number else {}))

    replayed = replay.replay([item.pk])
    write_all()

    item.refresh_from_db()
    is_known = number != formats.FORMAT + 1
    assert (replayed, item.replayed_at is not None, Event.objects.count()) == (is_known, is_known, is_known)

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.urls import reverse

from feedback.choices import ContentPolicy, ItemKind
from feedback.deployments import policies
from feedback.ingestion import replay, stream
from feedback.models import Event, IngestBatch, QualityScore, RejectedItem, Signal
from tests.factories import NOON, DeploymentFactory, UserFactory
from tests.feedback.factories import RejectedItemFactory

LIST = reverse("admin:feedback_rejecteditem_changelist")
EVENT = {
    "deployment_id": "helpdesk",
    "prompt": "Where is my order? Write to ada@example.org.",
    "response": "It left our house this morning and is with you by noon.",
    "latency_ms": 5_000,
    "occurred_at": "2026-05-04T10:00:00Z",
    "metadata": {"team": "shop"},
    "tags": ["order"],
}
SIGNAL = {"deployment_id": "helpdesk", "external_id": "chat-7", "type": "report", "comment": "Too slow."}
RULES = {"feedback_event": "CHECK (latency_ms < 1000)", "feedback_signal": "CHECK (comment = '')"}


def page_of(item):
    return reverse("admin:feedback_rejecteditem_change", args=[item.pk])


def action_of(item):
    return reverse("admin:feedback_rejecteditem_replay_item", args=[item.pk])


def alter_tables(change):
    with connection.cursor() as cursor:
        for table, rule in RULES.items():
            cursor.execute(f"ALTER TABLE {table} " + change.format(rule=rule))


@pytest.fixture
def reject(api, write_all):
    """Send items at a time when the database refuses them, and return them as they are kept."""

    def sent(*, events=(), signals=()):
        alter_tables("ADD CONSTRAINT of_the_test {rule}")
        for path, items in (("events", events), ("signals", signals)):
            for item in items:
                assert api.post(f"/api/v1/{path}", item, format="json").status_code == 202
        write_all()
        alter_tables("DROP CONSTRAINT of_the_test")
        return list(RejectedItem.objects.order_by("pk"))

    return sent


def test_a_replayed_event_is_stored_as_it_was_sent(reject, write_all):
    (item,) = reject(events=[EVENT])

    replayed = replay.replay([item.pk])
    write_all()

    assert replayed == 1
    item.refresh_from_db()
    stored = Event.objects.get()
    assert (stored.pk, stored.latency_ms, stored.tags) == (item.item_id, 5_000, ["order"])
    assert stored.prompt == "Where is my order? Write to [EMAIL]."
    assert (stored.metadata, stored.masked) == ({"team": "shop"}, {"EMAIL": 1})
    assert stored.occurred_at == datetime(2026, 5, 4, 10, tzinfo=UTC)
    assert stored.received_at == datetime.fromisoformat(item.payload["received_at"])
    batch = IngestBatch.objects.get(batch_id=item.replay_batch_id)
    assert (batch.accepted, batch.stored, batch.rejected) == (1, 1, 0)
    assert stored.batch_id == item.replay_batch_id


def test_an_event_without_its_texts_keeps_its_score(reject, write_all):
    DeploymentFactory(id="helpdesk", content_policy=ContentPolicy.DROP)
    policies.forget()
    (item,) = reject(events=[EVENT])

    replay.replay([item.pk])
    write_all()

    stored, score = Event.objects.get(), QualityScore.objects.get()
    assert (stored.prompt, stored.content_dropped) == ("", True)
    assert stored.quality_score == score.score == item.payload["assessment"]["score"]


def test_a_text_that_spells_a_zero_byte_comes_through(reject, write_all):
    spelled = r"print('\u0000') is \\u0000"
    (item,) = reject(events=[{**EVENT, "prompt": spelled, "metadata": {"code": spelled}}])

    replay.replay([item.pk])
    write_all()

    assert item.payload["prompt"] == spelled
    stored = Event.objects.get()
    assert (stored.prompt, stored.metadata) == (spelled, {"code": spelled})


def test_each_kind_becomes_one_request(reject, write_all):
    items = reject(events=[EVENT, EVENT], signals=[SIGNAL])

    replayed = replay.replay([item.pk for item in items])

    assert (replayed, stream.backlog().entries) == (3, 2)
    batches = RejectedItem.objects.order_by("pk").values_list("replay_batch_id", flat=True)
    assert batches[0] == batches[1] != batches[2]
    write_all()
    assert (Event.objects.count(), Signal.objects.count()) == (2, 1)


def test_a_second_replay_changes_nothing(reject):
    (item,) = reject(events=[EVENT])
    replay.replay([item.pk])
    before = RejectedItem.objects.values().get()

    assert replay.replay([item.pk]) == 0

    assert RejectedItem.objects.values().get() == before
    assert stream.backlog().entries == 1


@pytest.mark.parametrize("fault", ["away", "full"])
def test_what_does_not_reach_the_stream_is_not_marked(reject, console, settings, fault):
    (item,) = reject(events=[EVENT])
    if fault == "away":
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
    else:
        settings.INGEST_MAX_BACKLOG_ENTRIES = 0

    console.post(action_of(item), {"_form_submitted": "true"})

    assert RejectedItem.objects.values_list("replayed_at", "replay_batch_id").get() == (None, None)
    assert "Some items were not replayed" in console.get(page_of(item)).content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_replay_once(write_all):
    ids = [RejectedItemFactory(payload=_payload()).pk for _ in range(20)]

    def one_person(_):
        try:
            return replay.replay(ids)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as people:
        counts = sorted(people.map(one_person, range(2)))

    assert counts == [0, 20]
    assert stream.backlog().entries == 1


def _payload():
    moment = NOON.isoformat()
    return {"id": str(uuid.uuid4()), "deployment_id": "helpdesk", "occurred_at": moment, "received_at": moment}


def test_the_page_of_an_item_shows_why_and_what_and_replays(reject, write_all, console):
    (item,) = reject(events=[EVENT])
    page = console.get(page_of(item)).content.decode()
    assert "of_the_test" in page
    assert "Write to [EMAIL]." in page
    assert "&quot;team&quot;: &quot;shop&quot;" in page
    assert "Not replayed." in page
    assert action_of(item) in page

    looked = console.get(action_of(item))
    assert "Replay this item?" in looked.content.decode()
    assert stream.backlog().entries == 0
    answer = console.post(action_of(item), {"_form_submitted": "true"})

    assert answer["HX-Redirect"] == page_of(item)
    page = console.get(page_of(item)).content.decode()
    assert "1 of 1 replayed" in page
    assert "waiting for a writer" in page
    assert action_of(item) not in page
    write_all()
    assert "written" in console.get(page_of(item)).content.decode()


def test_an_item_that_is_rejected_again_names_its_successor(reject, write_all, console, api):
    (item,) = reject(events=[EVENT])
    replay.replay([item.pk])

    _, successor = reject()

    assert successor.item_id == item.item_id
    assert page_of(successor) in console.get(page_of(item)).content.decode()


@pytest.mark.parametrize("everything", [True, False])
def test_many_items_are_replayed_from_the_list(reject, console, everything, django_assert_max_num_queries):
    items = reject(events=[EVENT, EVENT, EVENT])
    with django_assert_max_num_queries(12):
        assert "of_the_test" in console.get(LIST).content.decode()

    if everything:
        console.post(reverse("admin:feedback_rejecteditem_replay_all"), {"_form_submitted": "true"})
    else:
        chosen = {"action": "replay_selected", "_selected_action": [item.pk for item in items[:2]]}
        console.post(LIST, chosen)

    count = 3 if everything else 2
    assert RejectedItem.objects.replayed().count() == count
    assert f"{count} of {count} replayed" in console.get(LIST).content.decode()
    shown = console.get(LIST, {"replay": "waiting"}).context["cl"].result_list
    assert len(shown) == 3 - count


def test_users_with_view_rights_only_cannot_replay(reject):
    (item,) = reject(events=[EVENT])
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_rejecteditem"))
    client = Client()
    client.force_login(user)

    page = client.get(page_of(item))
    answer = client.post(action_of(item), {"_form_submitted": "true"})
    client.post(LIST, {"action": "replay_selected", "_selected_action": [item.pk]})

    assert (page.status_code, answer.status_code) == (200, 403)
    assert action_of(item) not in page.content.decode()
    assert RejectedItem.objects.replayed().count() == 0


def test_large_replays_are_cut_into_requests_of_a_writers_size(write_all, settings):
    settings.INGEST_MAX_BATCH = 2
    ids = [RejectedItemFactory(payload=_payload(), rejected_at=NOON - timedelta(days=1)).pk for _ in range(5)]

    assert replay.replay(ids) == 5
    assert stream.backlog().entries == 3
    assert RejectedItem.objects.filter(kind=ItemKind.EVENT).values("replay_batch_id").distinct().count() == 3

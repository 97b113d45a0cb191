import time
from datetime import timedelta

import msgspec
import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from config.console import system_page
from config.jobs import beat, workers
from feedback import valkey
from feedback.choices import ItemKind
from feedback.ingestion import writers
from feedback.jobs import leases
from tests.factories import NOON, UserFactory
from tests.feedback.factories import IngestCountFactory, RejectedItemFactory

pytestmark = pytest.mark.django_db
SYSTEM = reverse("admin:system")
NOW = NOON + timedelta(minutes=20)
EVENT = {"deployment_id": "helpdesk", "prompt": "How do I reset it?", "response": "Open the settings and follow it."}


@pytest.fixture(autouse=True)
def _quiet(settings, time_machine, write_all):
    """A moment at which nothing waits and nobody works."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    time_machine.move_to(NOW, tick=False)
    yield
    cache.clear()


@pytest.fixture
def everything_runs():
    """A writer, two workers and beat that give their signs of life."""
    cache.set("beat:heartbeat", time.time() - 60)
    valkey.client().set(beat.KEY, msgspec.json.encode(beat.Holder("beat-1", NOON.timestamp())), ex=10)
    workers.publish(workers.RunningWorker("worker-1", ["ingest"], 2, NOON.timestamp()))
    workers.publish(workers.RunningWorker("worker-2", ["curation", "drift", "export"], 3, NOON.timestamp()))
    writers.beat(writers.LivingWriter("writer-1", NOON.timestamp(), NOW.timestamp() - 180, 250))


def text_of(client):
    answer = client.get(SYSTEM)
    assert answer.status_code == 200
    return answer.content.decode()


def page(console):
    return console.get(SYSTEM).context["page"]


def test_an_empty_installation_shows_what_to_do(console):
    text = text_of(console)

    assert "3 problems found" in text
    assert "No writer is running, so accepted events are not stored yet." in text
    assert 'Run <code class="cf-code">manage.py run_writer</code>' in text
    assert "Nothing arrived in the last 24 hours" in text
    assert "curl http://testserver/api/v1/events" in text
    assert "No items to replay." in text
    assert page(console).charts == []


def test_a_healthy_installation_shows_no_problems(console, everything_runs):
    text = text_of(console)

    assert "No problems found" in text
    assert "writer-1" in text
    (writer,) = page(console).writers
    assert (writer.last_flush_at, writer.items) == (NOW - timedelta(minutes=3), 250)


def test_jobs_are_listed_by_queue_and_running_jobs_by_worker(console, everything_runs):
    valkey.client().rpush("celery:drift", "one", "two")
    with leases.held("drift.tasks.detect_drift", "17", worker="worker-2"):
        text = text_of(console)

    assert [(row.name, row.waiting, row.workers, row.processes) for row in page(console).jobs.queues] == [
        ("ingest", 0, ["worker-1"], 2),
        ("drift", 2, ["worker-2"], 3),
        ("curation", 0, ["worker-2"], 3),
        ("export", 0, ["worker-2"], 3),
    ]
    assert "drift.tasks.detect_drift" in text
    assert "<td>17</td>" in text
    assert "Beat runs as beat-1." in text
    assert page(console).jobs.running == []
    assert page(console).jobs.beat_heard_at == NOW - timedelta(minutes=1)


def test_the_backlog_is_shown_against_its_limit(console, api, settings):
    settings.INGEST_MAX_BACKLOG_ENTRIES = 8
    settings.INGEST_MAX_BACKLOG_BYTES = 2**20
    api.post("/api/v1/events", {"events": [EVENT, EVENT]}, format="json")
    api.post("/api/v1/events", {**EVENT, "deployment_id": "shop"}, format="json")

    requests, size, oldest, flush = page(console).facts

    assert (requests.value, requests.detail) == ("2", "25.0% of 8")
    assert size.detail.endswith("% of 1.0\N{NO-BREAK SPACE}MB")
    assert oldest.detail == "3 items waiting"
    assert flush.value == "–"
    assert [(row.name, row.pending, row.accepted) for row in page(console).ledger] == [
        ("helpdesk", 2, 2),
        ("shop", 1, 1),
    ]


def test_the_ledger_adds_up_per_deployment_and_per_hour(console, api):
    IngestCountFactory(stored=5, duplicate=1, rejected=2, invalid=3)
    IngestCountFactory(stored=7, sampled_out=4, hour_at=NOON - timedelta(hours=2), kind=ItemKind.SIGNAL)
    IngestCountFactory(deployment_id="", stored=1, invalid=1)
    IngestCountFactory(deployment_id="old", hour_at=NOON - timedelta(hours=24))
    api.post("/api/v1/events", EVENT, format="json")

    helpdesk, unnamed = page(console).ledger
    chart = page(console).chart

    assert (helpdesk.name, helpdesk.accepted, helpdesk.stored, helpdesk.duplicate) == ("helpdesk", 20, 12, 1)
    assert (helpdesk.sampled_out, helpdesk.rejected, helpdesk.pending, helpdesk.invalid) == (4, 2, 1, 3)
    assert (unnamed.name, unnamed.accepted, unnamed.invalid) == ("(no deployment)", 1, 1)
    assert len(chart.rows) == 24
    assert chart.rows[-1] == ["2026-05-04 12:00", "6", "1", "0", "2", "4"]
    assert chart.rows[-3] == ["2026-05-04 10:00", "7", "0", "4", "0", "0"]
    assert [trace["y"][-1] for trace in chart.figure["data"]] == [6, 1, 0, 2, 4]
    assert page(console).facts[-1].value == "20 min ago"


def test_only_the_busiest_of_many_deployments_are_named(console, monkeypatch):
    monkeypatch.setattr(system_page, "SHOWN_DEPLOYMENTS", 2)
    for number in range(1, 5):
        IngestCountFactory(deployment_id=f"d{number}", stored=number)

    assert [(row.name, row.stored) for row in page(console).ledger] == [("d4", 4), ("d3", 3), ("(2 others)", 3)]


def test_rejected_items_lead_to_their_pages(console):
    item = RejectedItemFactory(field="latency_ms", reason="value out of <range>")
    RejectedItemFactory(replayed_at=NOON, reason="Replayed long ago.")

    text = text_of(console)

    assert reverse("admin:feedback_rejecteditem_change", args=[item.pk]) in text
    assert "latency_ms" in text
    assert "value out of &lt;range&gt;" in text
    assert "Replayed long ago." not in text


def test_the_rest_is_shown_when_the_stream_is_unavailable(console, settings):
    IngestCountFactory(stored=3)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    text = text_of(console)

    assert "Redis does not answer" in text
    assert "The stream is unavailable, so the state of the writers is unknown." in text
    assert "The queue server is unavailable, so the state of the jobs is unknown." in text
    assert page(console).ledger[0].stored == 3
    assert [fact.value for fact in page(console).facts] == ["–", "–", "–", "20 min ago"]


@pytest.mark.parametrize(
    ("permissions", "status", "sees_items"),
    [([], 403, False), (["view_ingestbatch"], 200, False), (["view_ingestbatch", "view_rejecteditem"], 200, True)],
)
def test_permissions_limit_what_is_shown(permissions, status, sees_items, django_assert_max_num_queries):
    IngestCountFactory()
    RejectedItemFactory(reason="The reason.")
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)

    with django_assert_max_num_queries(12):
        answer = client.get(SYSTEM)

    assert answer.status_code == status
    assert ("The reason." in answer.content.decode()) is sees_items
    assert (SYSTEM in client.get(reverse("admin:index")).content.decode()) is (status == 200)


def test_the_page_is_read_only_and_for_staff(console):
    assert Client().get(SYSTEM).status_code == 302
    assert console.post(SYSTEM).status_code == 405

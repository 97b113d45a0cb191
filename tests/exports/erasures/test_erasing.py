"""An erasure from the request to its end, over the API and in the worker."""

from datetime import timedelta

import pytest
import redis
from django.contrib.auth.models import Permission
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from rest_framework.test import APIClient

from curation.choices import CuratedSetStatus
from curation.models import CuratedSet
from exports.erasures import erasing, results
from exports.models import Erasure
from exports.tasks import erase_user, sweep_erasures
from feedback.access import keys
from feedback.hashing import hash_person
from feedback.ingestion import stream
from feedback.models import ApiKey, Event, JobLease, RejectedItem, Signal
from tests.curation.factories import CuratedExampleFactory, CuratedSetFactory
from tests.exports.factories import approved_set
from tests.factories import ALL_SCOPES, EventFactory, SignalFactory, UserFactory
from tests.feedback.factories import RejectedItemFactory

URL = "/api/v1/erasures"
MARIA = hash_person("maria@example.org")

pytestmark = pytest.mark.usefixtures("write_all")


def client_of(user, scopes=ALL_SCOPES, deployments=()):
    key, secret = keys.create(user, "test", scopes)
    ApiKey.objects.filter(pk=key.pk).update(deployments=list(deployments))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def erase(api, running_tasks, user_id="maria@example.org"):
    with running_tasks():
        answer = api.post(URL, {"user_id": user_id}, format="json")
    return answer, Erasure.objects.get(pk=answer.json()["id"])


def lease(erasure, *, seconds_left, attempts=1):
    expires_at = timezone.now() + timedelta(seconds=seconds_left)
    JobLease.objects.create(task=erase_user.name, key=str(erasure.pk), attempts=attempts, expires_at=expires_at)


def test_a_user_is_erased_from_traffic_open_sets_decided_sets_and_exports(api, running_tasks, export, operator):
    event = EventFactory(user_hash=MARIA)
    SignalFactory(event_id=event.pk)
    SignalFactory(user_hash=MARIA)
    other = EventFactory()
    RejectedItemFactory(user_hash=MARIA)
    draft = CuratedSetFactory(counts={"high_quality": 2})
    CuratedExampleFactory(curated_set=draft, position=0, user_hash=MARIA)
    CuratedExampleFactory(curated_set=draft, position=1)
    decided = approved_set([{"user_hash": MARIA}, {}], name="weekly", version=3)
    published = export(decided)
    export(approved_set([{}], content_hash="d" * 64))

    answer, done = erase(api, running_tasks)

    shown = api.get(f"{URL}/{done.pk}").json()
    assert answer.status_code == 202
    changed = {
        "sets": [
            {
                "id": decided.pk,
                "deployment_id": "helpdesk",
                "name": "weekly",
                "version": 3,
                "semantic_version": "3.0.0",
                "status": "approved",
                "examples": 1,
            }
        ],
        "exports": [
            {
                "id": published.pk,
                "curated_set": decided.pk,
                "format": "jsonl",
                "status": "published",
                "files": published.files,
                "files_deleted_at": shown["exports"][0]["files_deleted_at"],
            }
        ],
        "next_steps": " ".join([results.BLANKED, results.BUILD_NEXT, results.DELETE_COPIES]),
    }
    counts = {"events": 1, "signals": 2, "rejected_items": 1, "examples": 1, "rows_blanked": 1}
    assert answer.json() == {
        "id": done.pk,
        "status": "requested",
        **dict.fromkeys(counts, 0),
        "sets": [],
        "exports": [],
        "next_steps": "",
        "error": "",
        "requested_by": operator.username,
        "requested_at": answer.json()["requested_at"],
        "completed_at": None,
    }
    assert {name: shown[name] for name in (*counts, *changed, "status", "error")} == {
        **counts,
        **changed,
        "status": "completed",
        "error": "",
    }
    assert list(Event.objects.all()) == [other]
    assert (Signal.objects.count(), RejectedItem.objects.count(), draft.examples.count()) == (0, 0, 1)
    assert shown["exports"][0]["files_deleted_at"] is not None
    assert list(decided.examples.in_order().values_list("prompt", "user_hash")) == [
        ("", ""),
        ("How do I reset my password?", ""),
    ]


def test_the_user_id_is_neither_stored_nor_shown(api, running_tasks, caplog):
    answer, done = erase(api, running_tasks)

    stored = str(Erasure.objects.values())
    assert done.hashes == []
    assert "maria" not in stored + caplog.text + answer.content.decode()
    assert MARIA not in caplog.text + answer.content.decode()
    assert answer.json()["next_steps"] == ""


def test_a_number_is_the_same_user_as_its_digits(api, running_tasks):
    EventFactory(user_hash=hash_person("42"))

    _, done = erase(api, running_tasks, user_id=42)

    assert (done.events, Event.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "user_id", "required"),
        ({"user_id": ""}, "user_id", "invalid"),
        ({"user_id": None}, "user_id", "null"),
        ({"user_id": True}, "user_id", "invalid"),
        ({"user_id": 1.5}, "user_id", "invalid"),
        ({"user_id": "x" * 1_001}, "user_id", "invalid"),
        ({"user_id": "maria", "why": "asked"}, "why", "unknown_field"),
    ],
)
def test_a_body_without_a_user_is_rejected(api, body, field, code):
    answer = api.post(URL, body, format="json")

    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]
    assert not Erasure.objects.exists()


@pytest.mark.parametrize(
    ("is_permitted", "scopes", "deployments", "expected"),
    [
        (True, ["operate"], [], 202),
        (False, ["operate"], [], 403),
        (True, ["read", "ingest", "signals"], [], 403),
        (True, ["operate"], ["helpdesk"], 403),
    ],
)
def test_erasing_needs_the_scope_the_permission_and_every_deployment(is_permitted, scopes, deployments, expected):
    user = UserFactory()
    if is_permitted:
        user.user_permissions.add(Permission.objects.get(codename="add_erasure"))

    answer = client_of(user, scopes, deployments).post(URL, {"user_id": "maria"}, format="json")

    assert answer.status_code == expected
    assert Erasure.objects.count() == (expected == 202)


def test_a_key_of_some_deployments_sees_no_erasure(api, running_tasks, operator):
    _, done = erase(api, running_tasks)

    answer = client_of(operator, deployments=["helpdesk"]).get(f"{URL}/{done.pk}")

    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (
        403,
        "Erasing a user needs a key for every deployment.",
    )
    assert api.get(f"{URL}/{done.pk + 1}").status_code == 404


def test_what_waits_in_the_stream_is_erased_when_it_is_written(api, running_tasks, write_all, time_machine):
    body = {"deployment_id": "helpdesk", "prompt": "Hi", "response": "Hello.", "user_id": "maria@example.org"}
    assert api.post("/api/v1/events", body, format="json").status_code == 202

    _, waiting = erase(api, running_tasks)
    assert (waiting.status, waiting.events, waiting.drained_at) == ("running", 0, None)
    with running_tasks():
        sweep_erasures()
    waiting.refresh_from_db()
    assert waiting.status == "running"
    write_all()
    assert Event.objects.count() == 1
    with running_tasks():
        sweep_erasures()

    waiting.refresh_from_db()
    assert (waiting.status, waiting.events, Event.objects.count()) == ("completed", 1, 0)


def test_entries_younger_than_the_erasure_do_not_keep_it_open(api, running_tasks, operator):
    body = {"deployment_id": "helpdesk", "prompt": "Hi", "response": "Hello."}
    long_ago = timezone.now() - timedelta(minutes=1)
    waiting = Erasure.objects.create(hashes=[MARIA], requested_by=operator, status="running", cleared_at=long_ago)
    assert api.post("/api/v1/events", body, format="json").status_code == 202

    assert erasing.run(waiting.pk).status == "completed"
    assert stream.backlog().entries == 1


def test_an_erasure_waits_for_a_build_and_removes_its_examples(api, running_tasks):
    building = CuratedSetFactory(status=CuratedSetStatus.BUILDING, content_hash="")

    _, waiting = erase(api, running_tasks)
    assert waiting.status == "running"
    CuratedExampleFactory(curated_set=building, position=0, user_hash=MARIA)
    CuratedExampleFactory(curated_set=building, position=1)
    CuratedSet.objects.filter(pk=building.pk).update(status=CuratedSetStatus.DRAFT, content_hash="c" * 64)
    with running_tasks():
        sweep_erasures()

    waiting.refresh_from_db()
    assert (waiting.status, waiting.examples, building.examples.count()) == ("completed", 1, 1)


def test_an_erasure_is_one_workers_until_its_lease_ends(operator):
    waiting = Erasure.objects.create(hashes=[MARIA], requested_by=operator)
    lease(waiting, seconds_left=60)

    assert erasing.run(waiting.pk).status == "requested"
    JobLease.objects.update(expires_at=timezone.now())
    assert erasing.run(waiting.pk).status == "completed"
    assert erasing.run(waiting.pk).completed_at == Erasure.objects.get().completed_at


def test_an_erasure_that_crashes_its_workers_shows_an_error_and_is_retried(operator, running_tasks):
    waiting = Erasure.objects.create(hashes=[MARIA], requested_by=operator, status="running")
    lease(waiting, seconds_left=-1, attempts=5)

    with running_tasks():
        sweep_erasures()
    waiting.refresh_from_db()
    assert (waiting.status, waiting.error) == (
        "running",
        "The worker crashed 5 times on this job. See its log, then try again.",
    )
    with running_tasks():
        sweep_erasures()

    waiting.refresh_from_db()
    assert (waiting.status, waiting.error) == ("completed", "")


def test_a_failure_is_shown_and_retried(api, running_tasks, operator, settings):
    EventFactory(user_hash=MARIA)
    failing = Erasure.objects.create(hashes=[MARIA], requested_by=operator)
    url, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:1/0"

    with pytest.raises(redis.ConnectionError):
        erasing.run(failing.pk)

    failing.refresh_from_db()
    assert (failing.status, failing.events, JobLease.objects.count()) == ("running", 1, 0)
    assert failing.error == "ConnectionError. See the log of the worker."
    settings.REDIS_URL = url
    done = erasing.run(failing.pk)
    assert (done.status, done.events, done.error) == ("completed", 1, "")


def test_unfinished_erasures_have_a_schedule(db):
    schedule = PeriodicTask.objects.get(task=sweep_erasures.name)

    assert (str(schedule.interval), schedule.enabled) == ("every minute", True)

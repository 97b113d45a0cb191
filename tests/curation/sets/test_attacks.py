"""Builds of hostile, odd or moving traffic end in a state that is defined, and leave nothing half-done."""

import os
import signal
import threading
from datetime import UTC, datetime

import numpy as np
import pytest
from django.db import connection
from django.urls import reverse

from curation.choices import CuratedSetStatus
from curation.models import CuratedExample, CuratedPair, CuratedSet, TracedEvents
from curation.sets import building, progress, requesting
from feedback.choices import SignalType
from feedback.embeddings import clients
from feedback.hashing import hash_person
from feedback.models import Event, JobLease, Signal
from feedback.removal import objections
from tests.curation.voting import edited, phrase, react, voted
from tests.factories import DeploymentFactory, StaffFactory

pytestmark = pytest.mark.django_db
API = "/api/v1/deployments/helpdesk/curated-sets"


class Zeros:
    name = "zeros"
    version = "1"

    def embed(self, texts):
        return np.zeros((len(texts), 8), dtype=np.float32)


class Growing:
    """Every call gives one dimension more."""

    name = "growing"
    version = "1"
    dimensions = 1

    def embed(self, texts):
        self.dimensions += 1
        return np.ones((len(texts), self.dimensions), dtype=np.float32)


@pytest.fixture(autouse=True)
def _helpdesk(db, embedding):
    DeploymentFactory(id="helpdesk")


def create(*strategies, **wanted):
    wanted = {"strategies": strategies} | wanted if strategies else wanted
    return requesting.create("helpdesk", name="x", by=None, **wanted)


def curate(*strategies, **wanted):
    return building.build(create(*strategies, **wanted).pk)


def events_of(curated_set):
    return {example.event_id for example in curated_set.examples.accepted()}


def nothing_is_stored():
    return not any(kind.objects.exists() for kind in (CuratedExample, CuratedPair, TracedEvents))


def while_selecting(monkeypatch, act):
    """Call `act` once, when candidates are read and nothing is selected yet."""
    read = building.reading.read

    def read_and_act(*args, **kwargs):
        found = read(*args, **kwargs)
        act()
        return found

    monkeypatch.setattr(building.reading, "read", read_and_act)


@pytest.mark.parametrize(("up", "accepted", "queued"), [(0, 0, 1), (2, 1, 0)])
def test_one_event_is_a_row_or_waits(up, accepted, queued):
    voted(up=up)

    found = curate(limit=10_000)

    assert (found.status, found.total, sum(found.queued.values())) == ("draft", accepted, queued)


def test_one_prompt_has_one_answer_however_often_it_was_asked():
    for number in range(30):
        voted(up=2, number=number, prompt="What is the time?")

    found = curate("high_quality", "diverse")

    assert found.counts["high_quality"] == 1


@pytest.mark.parametrize("client", [clients.NoopClient, Zeros])
def test_without_vectors_high_quality_is_built_and_diverse_says_why_not(embedding, client):
    embedding(client)
    for number in range(3):
        voted(up=2, number=number)

    voted(number=3)

    assert curate("high_quality").total == 3
    with pytest.raises(Exception, match="returned no vectors"):
        curate("high_quality", "diverse")
    failed = CuratedSet.objects.newest_first().first()
    assert (failed.status, failed.total, failed.examples.count()) == ("draft", 0, 0)
    assert failed.error == (
        "The build failed: The embedding client returned no vectors, which comparing prompts needs."
    )


NO_CLIENT = "diverse was left out: no embedding client (EMBEDDING_CLIENT)."


@pytest.fixture
def no_client(settings):
    settings.EMBEDDING_CLIENT = "noop"
    clients.embedding_client.cache_clear()


def test_without_an_embedding_client_the_default_leaves_diverse_out_and_says_so(no_client, api, console, running_tasks):
    voted(up=2)

    previewed = api.post(f"{API}/preview", {}, format="json").data
    with running_tasks():
        made = api.post(API, {"name": "weekly"}, format="json").data
    found = api.get(f"/api/v1/curated-sets/{made['id']}").data
    page = console.get(reverse("admin:curation_curatedset_change", args=[made["id"]])).content.decode()
    form = console.get(reverse("admin:curation_curatedset_new")).content.decode()

    assert found["strategies"] == ["user_edit", "high_quality", "hard_example"]
    assert (found["status"], found["counts"]["total"], found["error"]) == ("draft", 1, "")
    assert found["notice"] == previewed["notice"] == NO_CLIENT
    assert "Diverse was left out: no embedding client (EMBEDDING_CLIENT)." in page
    assert 'name="strategies.diverse" id="id_strategies.diverse"> Diverse (needs EMBEDDING_CLIENT)' in form


@pytest.mark.parametrize("name", ["diverse", "farthest_from_centroid"])
def test_without_an_embedding_client_a_request_that_names_diverse_is_rejected(no_client, api, name):
    answer = api.post(API, {"name": "weekly", "strategies": ["high_quality", name]}, format="json")

    message = (
        f"{name} needs embeddings. Set EMBEDDING_CLIENT to wordllama or to a client of your own, or leave it out of"
        " strategies."
    )
    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"field": "strategies", "code": "no_embedding_client", "message": message}]
    assert not CuratedSet.objects.exists()


def test_with_an_embedding_client_nothing_is_left_out(api):
    made = api.post(API, {"name": "weekly"}, format="json").data

    assert api.get(f"/api/v1/curated-sets/{made['id']}").data["notice"] == ""


def test_vectors_whose_dimension_changes_fail_the_build(embedding, monkeypatch):
    monkeypatch.setattr("curation.candidates.embedding._BATCH", 2)
    embedding(Growing)
    for number in range(5):
        voted(up=2, number=number)

    with pytest.raises(ValueError, match="shape"):
        curate("high_quality")

    assert nothing_is_stored()
    assert CuratedSet.objects.get().error == "The build failed: ValueError. See the log of the worker."


def test_an_edit_of_a_megabyte_is_judged_and_others_are_built():
    long, plain = voted(number=1), voted(number=2)
    edited(long, "What a long story. " * 60_000)
    edited(plain, plain.response.replace(".", ", as far as I know."))

    assert events_of(curate("user_edit")) == {plain.id}


def test_five_users_who_agree_make_examples():
    for number in range(8):
        event = voted(number=number)
        for user in range(5):
            react(event, SignalType.THUMBS_UP, user=f"user {user}")

    found = curate("high_quality")

    assert (found.total, found.influence) == (8, {"rows": 0, "of": 8, "people": 5})


def test_events_and_edits_deleted_meanwhile_make_room_for_no_empty_row(monkeypatch):
    gone, retracted, stays = (voted(up=2, number=number) for number in range(3))
    edited(retracted, f"It is {phrase(7)}, to be exact.")

    def delete():
        Event.objects.filter(pk=gone.pk).delete()
        Signal.objects.filter(type=SignalType.EDIT).delete()

    while_selecting(monkeypatch, delete)
    found = curate("user_edit", "high_quality")

    assert events_of(found) == {stays.id}
    assert found.funnel["high_quality"]["gone"] == 1
    assert found.funnel["user_edit"]["gone"] == 1


def test_a_user_who_objects_meanwhile_is_counted_as_withdrawn(monkeypatch, api):
    voted(up=2, user_hash=hash_person("nora"))
    by = StaffFactory()
    while_selecting(monkeypatch, lambda: objections.record("nora", by=by))

    found = curate("high_quality")

    assert api.get(f"/api/v1/curated-sets/{found.pk}").data["training_withdrawn"] == 1


def test_a_build_cancelled_meanwhile_stores_nothing(monkeypatch):
    voted(up=2)
    created, by = create("high_quality"), StaffFactory()
    while_selecting(monkeypatch, lambda: progress.cancel(created.pk, by=by))

    found = building.build(created.pk)

    assert (found.status, found.cancelled_by, found.total) == (CuratedSetStatus.DRAFT, by, 0)
    assert nothing_is_stored()


def test_two_accounts_of_one_person_make_five_rows_and_keep_no_one_elses_out():
    for number in range(40):
        event = voted(number=number)
        for account in ("first", "second"):
            react(event, SignalType.THUMBS_UP, user=account)
    assert curate("high_quality").total == 5

    honest = voted(up=2, number=50)

    found = curate("high_quality")
    assert (found.total, found.influence["rows"]) == (6, 5)
    assert honest.id in events_of(found)


def test_one_user_who_edits_everything_keeps_no_praised_answer_out():
    praised = [voted(up=3, number=number) for number in range(20)]
    for event in praised:
        edited(event, event.response.replace(".", ", as far as I know."), user="everywhere")

    found = curate("user_edit", "high_quality")

    assert found.counts == {"user_edit": 5, "high_quality": 15}
    assert events_of(found) == {event.id for event in praised}


@pytest.mark.django_db(transaction=True)
def test_of_two_builds_at_once_one_waits_for_the_other(monkeypatch):
    voted(up=2)
    first, second = create("high_quality"), create("high_quality")
    seen = []

    def build_second():
        thread = threading.Thread(target=_build_elsewhere, args=(second.pk, seen))
        thread.start()
        thread.join()

    while_selecting(monkeypatch, build_second)
    building.build(first.pk)

    first.refresh_from_db()
    assert (seen, first.status, first.total) == ([CuratedSetStatus.BUILDING], CuratedSetStatus.DRAFT, 1)
    monkeypatch.undo()
    assert building.build(second.pk).total == 0 + first.total


def _build_elsewhere(set_id, seen):
    try:
        seen.append(building.build(set_id).status)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_killed_build_leaves_nothing_and_runs_again(monkeypatch):
    voted(up=2)
    created = create("high_quality")
    connection.close()
    child = os.fork()
    if child == 0:
        building.reading.read = lambda *args, **kwargs: os.kill(os.getpid(), signal.SIGKILL)
        building.build(created.pk)
        os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert nothing_is_stored()
    assert building.build(created.pk).status == CuratedSetStatus.BUILDING

    JobLease.objects.update(expires_at=datetime(2020, 1, 1, tzinfo=UTC))

    assert building.build(created.pk).total == 1

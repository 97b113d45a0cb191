"""A preview of a set, in the form and over the API: what a build would select, with nothing stored."""

import pytest
from django.urls import reverse

from curation.models import CuratedExample, CuratedPair, CuratedSet, TracedEvents
from curation.sets import previewing
from feedback.jobs import leases
from tests.curation.voting import edited, phrase, voted
from tests.factories import DeploymentFactory, EventFactory

FORM = reverse("admin:curation_curatedset_new")
API = "/api/v1/deployments/helpdesk/curated-sets/preview"
STRATEGIES = {f"strategies.{name}": "on" for name in ("user_edit", "high_quality", "hard_example", "diverse")}
REQUEST = {"deployment": "helpdesk", "name": "weekly", "limit": "10", **STRATEGIES}


@pytest.fixture(autouse=True)
def _helpdesk(db, embedding):
    DeploymentFactory(id="helpdesk")


def _some_events():
    voted(up=2)
    edited(voted(number=1, response=f"It is {phrase(5)} and more."), f"It is {phrase(5)}, says the book.")
    voted(down=3, number=2)
    voted(number=3)


def test_a_preview_shows_what_a_build_selects_and_stores_nothing(console, running_tasks):
    _some_events()

    text = console.post(FORM, {**REQUEST, "preview": "1"}).content.decode()

    stored = [model.objects.exists() for model in (CuratedSet, CuratedExample, CuratedPair, TracedEvents)]
    assert stored == [False] * 4
    with running_tasks():
        console.post(FORM, {**REQUEST, "curate": "1"})
    built = CuratedSet.objects.get()
    assert built.total > 0
    plural = "" if built.total == 1 else "s"
    assert f"{built.total} example{plural} of at most 10, {built.queue_total} in the queue" in text
    assert "Selected from 4 events. Nothing is stored." in text
    assert 'name="name" value="weekly"' in text


def test_the_api_previews_the_same(api, running_tasks):
    _some_events()

    found = api.post(API, {"limit": 10}, format="json")

    assert (found.status_code, CuratedSet.objects.exists()) == (200, False)
    with running_tasks():
        api.post("/api/v1/deployments/helpdesk/curated-sets", {"name": "weekly", "limit": 10}, format="json")
    built = api.get(f"/api/v1/curated-sets/{CuratedSet.objects.get().pk}").data
    for name in ("candidates", "counts", "funnel", "influence"):
        assert found.data[name] == built[name]
    assert (found.data["is_partial"], found.data["error"]) == (False, "")


def test_a_preview_without_examples_says_why(api):
    EventFactory()

    found = api.post(API, {"strategies": ["high_quality"]}, format="json").data

    assert found["error"] == "Nothing to curate: none of the 1 events read passes high_quality."
    assert found["counts"] == {"total": 0, "by_strategy": {}, "queue": 0, "pairs": 0}


def test_a_preview_reads_a_bounded_number_of_events(api, monkeypatch):
    monkeypatch.setattr(previewing, "MOST_EVENTS", 2)
    _some_events()

    found = api.post(API, {}, format="json").data

    assert (found["candidates"], found["is_partial"]) == (2, True)


def test_a_preview_ends_when_its_time_is_up(api, console, monkeypatch):
    monkeypatch.setattr(previewing, "MOST_SECONDS", 0)
    sentence = "The preview takes more than 0 seconds. Narrow the filters, or build the set."

    answer = api.post(API, {}, format="json")

    assert (answer.status_code, answer.data["errors"][0]["message"]) == (409, sentence)
    assert sentence in console.post(FORM, {**REQUEST, "preview": "1"}).content.decode()


def test_a_deployment_has_one_preview_at_a_time(api):
    with leases.held(previewing.LEASE, "helpdesk"):
        answer = api.post(API, {}, format="json")

    assert answer.status_code == 409
    assert api.post(API, {}, format="json").status_code == 200


def test_a_deployment_without_training_previews_nothing(api):
    voted(up=2)
    DeploymentFactory(id="private", training_allowed=False)

    found = api.post("/api/v1/deployments/private/curated-sets/preview", {}, format="json").data

    assert (found["candidates"], found["error"]) == (
        0,
        "This deployment allows no training: its training_allowed is off.",
    )


def test_a_wrong_preview_is_rejected(api):
    answer = api.post(API, {"shares": {"diverse": 2}}, format="json")

    assert (answer.status_code, answer.data["errors"][0]["field"]) == (400, "shares.diverse")

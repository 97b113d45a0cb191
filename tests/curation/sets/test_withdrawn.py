"""Users who object to training: their events and edits stay out of sets, and sets built before say what they hold."""

import pytest
from django.urls import reverse

from curation.candidates import reading
from curation.choices import CuratedSetStatus, Outcome
from curation.models import CuratedExample, CuratedSet
from feedback.choices import SignalType
from feedback.hashing import hash_person
from feedback.models import Deployment
from feedback.removal import objections
from tests.curation.factories import CuratedExampleFactory, CuratedSetFactory
from tests.factories import NOON, DeploymentFactory, EventFactory, SignalFactory

NORA, OMAR = hash_person("nora"), hash_person("omar")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _helpdesk(db):
    DeploymentFactory(id="helpdesk")


def found():
    """Who edited each event that may be used."""
    read = reading.read(CuratedSet(deployment_id="helpdesk"), bound=100).candidates
    return {one.event_id: one.edit.editor if one.edit else "" for one in read if one.gate != Outcome.NOT_ALLOWED}


def edit_of(event, by, text, *, hour):
    SignalFactory(
        event_id=event.pk,
        type=SignalType.EDIT,
        slot=f"edit {by}",
        user_hash=by,
        edited_response=text,
        occurred_at=NOON.replace(hour=hour),
    )


def test_events_of_a_user_who_objects_are_no_candidates_until_it_is_lifted(operator):
    theirs, others, nobodys = EventFactory(user_hash=NORA), EventFactory(user_hash=OMAR), EventFactory()

    objections.record("nora", by=operator)
    objected = found()
    objections.lift("nora", by=operator)

    assert objected.keys() == {str(others.pk), str(nobodys.pk)}
    assert found().keys() == {str(theirs.pk), str(others.pk), str(nobodys.pk)}


def test_the_newest_edit_whose_editor_allows_it_is_the_answer(operator):
    event = EventFactory()
    edit_of(event, OMAR, "Open the settings page, choose Privacy and follow the link.", hour=13)
    edit_of(event, NORA, "Call us.", hour=14)

    objections.record("nora", by=operator)

    assert found() == {str(event.pk): OMAR}


def test_an_event_that_only_objecting_users_edited_is_no_candidate(operator):
    edit_of(EventFactory(), NORA, "Call us.", hour=14)

    objections.record("nora", by=operator)

    assert found() == {}


def held(**fields):
    curated_set = CuratedSetFactory(counts={"high_quality": 4}, **fields)
    for position, people in enumerate([{"user_hash": NORA}, {"editor_hash": NORA}, {"user_hash": OMAR}, {}]):
        CuratedExampleFactory(curated_set=curated_set, position=position, **people)
    return curated_set


@pytest.mark.parametrize("status", [CuratedSetStatus.DRAFT, CuratedSetStatus.APPROVED])
def test_a_set_says_how_many_of_its_examples_were_withdrawn(api, operator, status):
    curated_set = held()
    curated_set.status = status
    curated_set.save(update_fields=["status"])

    def shown():
        return api.get(f"/api/v1/curated-sets/{curated_set.pk}").json()["training_withdrawn"]

    before = shown()
    objections.record("nora", by=operator)
    objected = shown()
    Deployment.objects.update(training_allowed=False)
    switched_off = shown()
    Deployment.objects.update(training_allowed=True)
    objections.lift("nora", by=operator)

    assert (before, objected, switched_off, shown()) == (0, 2, 4, 0)
    assert CuratedExample.objects.filter(curated_set=curated_set).count() == 4


def test_the_page_of_a_set_warns_of_withdrawn_examples(console, operator, django_assert_max_num_queries):
    address = reverse("admin:curation_curatedset_change", args=[held().pk])
    words = "may no longer be used for training"

    before = console.get(address).content.decode()
    objections.record("nora", by=operator)
    with django_assert_max_num_queries(12):
        after = console.get(address).content.decode()

    assert words not in before
    assert f"2 examples {words}" in after

"""Erasing users in the console."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from exports.erasures import erasing, results
from exports.models import Erasure
from feedback.hashing import hash_person
from feedback.models import Event
from tests.exports.factories import approved_set
from tests.factories import EventFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("write_all")]
LIST = reverse("admin:exports_erasure_changelist")
ERASE = reverse("admin:exports_erasure_erase")
MARIA = hash_person("maria")
FORM = {"_form_submitted": True}


def page_of(record):
    return reverse("admin:exports_erasure_change", args=[record.pk])


def erase_of(event):
    return reverse("admin:feedback_event_erase_user", args=[event.pk])


def page_of_event(event):
    return reverse("admin:feedback_event_change", args=[event.pk])


def staff_with(*permissions):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def text_of(client, address):
    return client.get(address).content.decode()


def test_a_user_is_erased_by_the_id_that_clients_send(console, operator, running_tasks):
    EventFactory(user_hash=MARIA)
    other = EventFactory()

    assert ERASE in text_of(console, LIST)
    console.get(ERASE)
    assert not Erasure.objects.exists()
    with running_tasks():
        answer = console.post(ERASE, {**FORM, "user_id": " maria\n"})

    done = Erasure.objects.get()
    page = text_of(console, page_of(done))
    assert answer.headers["HX-Redirect"] == page_of(done)
    assert (done.hashes, done.status, done.requested_by, done.events) == ([], "completed", operator, 1)
    assert list(Event.objects.all()) == [other]
    assert "The erasure is requested." in page
    assert "No decided set had a row of this user." in page
    assert "maria" not in page


def test_the_form_needs_an_id(console):
    page = console.post(ERASE, {**FORM, "user_id": " "}).content.decode()

    assert "This field is required." in page
    assert not Erasure.objects.exists()


def test_the_user_of_an_event_is_erased_from_its_page(console, running_tasks):
    event, other, nobodys = EventFactory(user_hash=MARIA), EventFactory(user_hash=MARIA), EventFactory()

    assert erase_of(event) in text_of(console, page_of_event(event))
    assert erase_of(nobodys) not in text_of(console, page_of_event(nobodys))
    with running_tasks():
        answer = console.post(erase_of(event), FORM)

    assert answer.headers["HX-Redirect"] == page_of(Erasure.objects.get())
    assert list(Event.objects.all()) == [nobodys]
    assert console.post(erase_of(other), FORM).status_code == 404
    refused = console.post(erase_of(nobodys), FORM)
    assert refused.headers["HX-Redirect"] == reverse("admin:feedback_event_changelist")
    assert Erasure.objects.count() == 1


def test_the_page_lists_blanked_sets_deleted_files_and_next_steps(
    console, operator, export, django_assert_max_num_queries
):
    decided = approved_set([{"user_hash": MARIA}, {"editor_hash": MARIA}, {}], name="weekly", version=1)
    published = export(decided)
    requested = Erasure.objects.create(hashes=[MARIA, "e" * 64], requested_by=operator)
    waiting = text_of(console, page_of(requested))
    erasing.run(requested.pk)

    with django_assert_max_num_queries(12):
        page = text_of(console, page_of(requested))

    for text in ("Requested", MARIA, "e" * 64, "No row of a decided set has been blanked yet."):
        assert text in waiting
    assert reverse("admin:exports_exportbatch_change", args=[published.pk]) in page
    for text in ("weekly v1.0.0 of helpdesk", published.files[0]["path"], results.BUILD_NEXT, "deleted", "Completed"):
        assert text in page
    assert MARIA not in page


def test_the_page_shows_an_error(console, operator):
    requested = Erasure.objects.create(
        hashes=[MARIA], requested_by=operator, error="ConnectionError. See the log of the worker."
    )

    assert "ConnectionError. See the log of the worker. It is retried every minute." in text_of(
        console, page_of(requested)
    )


def test_the_list_shows_counts_and_how_to_erase(console, operator, django_assert_max_num_queries):
    assert "api/v1/erasures" in text_of(console, LIST)
    Erasure.objects.create(hashes=[MARIA], requested_by=operator, events=1_234)

    with django_assert_max_num_queries(12):
        page = text_of(console, LIST)

    assert "1,234" in page


def test_erasing_needs_its_permission(operator):
    event = EventFactory(user_hash=MARIA)
    requested = Erasure.objects.create(hashes=[MARIA], requested_by=operator)
    viewer, stranger = staff_with("view_erasure", "view_event"), staff_with()

    assert viewer.post(ERASE, {**FORM, "user_id": "maria"}).status_code == 403
    assert viewer.post(erase_of(event), FORM).status_code == 403
    assert ERASE not in text_of(viewer, LIST)
    assert erase_of(event) not in text_of(viewer, page_of_event(event))
    assert viewer.get(page_of(requested)).status_code == 200
    assert stranger.get(page_of(requested)).status_code == 403
    assert (Erasure.objects.count(), Event.objects.count()) == (1, 1)

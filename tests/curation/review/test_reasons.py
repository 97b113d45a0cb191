"""The reasons to drop a row."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from curation.choices import Decision
from curation.models import DropReason, RowDecision
from curation.review import reasons, rows
from tests.curation.factories import CuratedExampleFactory
from tests.factories import EventFactory, StaffFactory

pytestmark = pytest.mark.django_db
LIST = "admin:curation_dropreason_changelist"


@pytest.fixture(autouse=True)
def two_reasons():
    DropReason.objects.all().delete()
    DropReason.objects.create(key=7, code="off_topic", name="Off topic", is_about_the_answer=False)
    DropReason.objects.create(key=2, code="wrong", name="Wrong")


def test_the_list_is_in_the_order_of_its_keys(api):
    assert [reason.code for reason in reasons.in_order()] == ["wrong", "off_topic"]
    assert api.get("/api/v1/drop-reasons").data["results"] == [
        {"key": 2, "code": "wrong", "name": "Wrong", "is_about_the_answer": True},
        {"key": 7, "code": "off_topic", "name": "Off topic", "is_about_the_answer": False},
    ]


@pytest.mark.parametrize(
    ("reason", "score"),
    [("", 0.0), ("wrong", 0.0), ("off_topic", None), ("right_answer", 1.0), ("no reason of the list", 0.0)],
)
def test_only_a_reason_of_the_list_says_that_nothing_is_wrong_with_the_answer(operator, reason, score):
    row = CuratedExampleFactory(event_id=EventFactory().pk)

    rows.decide(row, Decision.DROP, by=operator, reason=reason)

    assert RowDecision.objects.values_list("reason", "score").get() == (reason, score)


def test_an_installation_edits_its_list_in_the_console(console, operator):
    form = {"key": 9, "name": "Too long", "code": "too_long"}
    added = console.post(reverse("admin:curation_dropreason_add"), form)
    reason = DropReason.objects.get(code="too_long")
    page = reverse("admin:curation_dropreason_change", args=[reason.pk])
    changed = console.post(page, {"key": 1, "name": "Far too long", "code": "other", "is_about_the_answer": "on"})

    assert (added.status_code, changed.status_code) == (302, 302)
    assert [(one.key, one.code, one.name, one.is_about_the_answer) for one in reasons.in_order()] == [
        (1, "too_long", "Far too long", True),
        (2, "wrong", "Wrong", True),
        (7, "off_topic", "Off topic", False),
    ]
    deleted = console.post(reverse("admin:curation_dropreason_delete", args=[reason.pk]), {"post": "yes"})
    assert deleted.status_code == 302
    assert [one.key for one in reasons.in_order()] == [2, 7]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"key": 10}, "less than or equal to 9"),
        ({"key": 0}, "greater than or equal to 1"),
        ({"key": 2}, "already exists"),
        ({"code": "wrong"}, "already exists"),
        ({"code": "too long"}, "valid “slug”"),
    ],
)
def test_keys_and_codes_are_checked(console, fields, error):
    answer = console.post(reverse("admin:curation_dropreason_add"), {"key": 9, "name": "New", "code": "new", **fields})

    assert answer.status_code == 200
    assert error in answer.content.decode()
    assert DropReason.objects.count() == 2


def test_reading_the_list_takes_few_queries_and_changing_it_a_permission(django_assert_max_num_queries):
    reader = StaffFactory(is_superuser=False)
    reader.user_permissions.set(Permission.objects.filter(codename="view_dropreason"))
    client = Client()
    client.force_login(reader)

    with django_assert_max_num_queries(12):
        page = client.get(reverse(LIST))

    assert "Off topic" in page.content.decode()
    assert client.get(reverse("admin:curation_dropreason_add")).status_code == 403

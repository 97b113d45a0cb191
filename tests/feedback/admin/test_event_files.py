"""The list of events leads to files of all its events."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from feedback import exact_json
from tests.factories import NOON, EventFactory, StaffFactory

pytestmark = pytest.mark.django_db
EVENTS, EXPORT = reverse("admin:feedback_event_changelist"), reverse("admin:feedback_event_export")


@pytest.fixture
def events():
    return [
        EventFactory(deployment_id="helpdesk"),
        EventFactory(deployment_id="shop", quality_score=0.1, occurred_at=NOON.replace(hour=10)),
        EventFactory(deployment_id="shop", occurred_at=NOON.replace(hour=9)),
    ]


def links(page):
    return [address.replace("&amp;", "&") for address in re.findall(rf'href="({EXPORT}[^"]*)"', page.content.decode())]


def ids(answer):
    return [exact_json.decode(line)["id"] for line in answer.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [0, 1, 2]),
        ({"deployment_id": "shop"}, [1, 2]),
        ({"checks": "low"}, [1]),
        ({"occurred_at__gte": "2026-05-04T10:00:00", "occurred_at__lt": "2026-05-04T12:00:00"}, [1]),
    ],
)
def test_the_links_of_a_list_lead_to_files_of_its_events(console, events, query, found):
    csv, jsonl, parquet, feedback_events = links(console.get(EVENTS, query))

    assert ids(console.get(jsonl)) == [str(events[number].pk) for number in found]
    assert console.get(csv).headers["Content-Disposition"] == 'attachment; filename="events.csv"'
    assert console.get(parquet).getvalue().startswith(b"PAR1")
    assert ids(console.get(feedback_events)) == ids(console.get(jsonl))


def test_an_empty_list_has_no_links(console):
    assert links(console.get(EVENTS)) == []


@pytest.mark.usefixtures("events")
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"format": "csv"}, 200),
        ({}, 400),
        ({"format": "xlsx"}, 400),
        ({"format": "csv", "occurred_at__gte": "yesterday"}, 400),
    ],
)
def test_a_wrong_filter_exports_nothing(console, query, status):
    assert console.get(EXPORT, query).status_code == status


@pytest.mark.parametrize(("permissions", "status"), [(["view_event"], 200), (["view_signal"], 403)])
def test_a_file_needs_the_permission_to_view_events(client, permissions, status):
    user = StaffFactory(is_superuser=False)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)

    assert client.get(EXPORT, {"format": "csv"}).status_code == status
    assert client.post(EXPORT, {"format": "csv"}).status_code == 405

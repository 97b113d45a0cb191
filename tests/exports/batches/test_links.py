"""Links that download an export without a key."""

import logging
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from exports.models import ExportBatch
from feedback.access import keys
from tests.exports.factories import ExportBatchFactory, approved_set
from tests.factories import ALL_SCOPES, NOON, UserFactory

pytestmark = pytest.mark.django_db


def link_of(client, batch, **body):
    return client.post(f"/api/v1/exports/{batch.pk}/link", body, format="json")


def message(answer):
    return answer.status_code, answer.data["errors"][0]["message"]


@pytest.fixture
def batch(export):
    return export(approved_set([{}], name="weekly", version=1))


def test_a_link_needs_no_key_until_it_expires(api, client, batch, folder, time_machine, caplog):
    time_machine.move_to(NOON, tick=False)
    with caplog.at_level(logging.INFO):
        made = link_of(api, batch).data

    assert made["url"].startswith(f"http://testserver/api/v1/exports/{batch.pk}/download?token=")
    assert made["expires_at"] == "2026-05-05T12:00:00Z"
    assert "export_link_made" in caplog.text
    assert made["url"].rpartition("=")[2] not in caplog.text
    assert client.get(made["url"]).getvalue() == (folder / batch.files[0]["path"]).read_bytes()
    assert client.get(f"/api/v1/exports/{batch.pk}/download").status_code == 401
    time_machine.move_to(NOON + timedelta(hours=24), tick=False)
    assert message(client.get(made["url"])) == (
        403,
        "This link expired at 2026-05-05 12:00 UTC. Ask for a new one.",
    )


@pytest.mark.parametrize(("hours", "status"), [(1, 200), (168, 200), (0, 400), (169, 400), ("soon", 400)])
def test_a_link_works_for_at_most_a_week(api, batch, hours, status):
    assert link_of(api, batch, hours=hours).status_code == status


def test_a_changed_token_and_one_of_another_export_open_nothing(api, client, export, batch):
    other = export(approved_set([{"response": "Secret."}], name="other"))
    url = link_of(api, batch).data["url"]
    token = url.partition("=")[2]
    invalid = 403, "This link is not valid. Copy the whole link, or ask for a new one."
    foreign = 403, "This link is of another export. Copy the whole link, or ask for a new one."

    assert message(client.get(url[:-1])) == invalid
    assert message(client.get(f"/api/v1/exports/{batch.pk}/download?token=")) == invalid
    assert message(client.get(f"/api/v1/exports/{other.pk}/download?token={token}")) == foreign
    assert message(client.get(f"/api/v1/exports/0/download?token={token}")) == foreign
    assert client.get(f"{url}&all=1").status_code == 400
    ExportBatch.objects.filter(pk=batch.pk).update(sha256="b" * 64)
    assert message(client.get(url)) == foreign


def test_a_link_ends_with_the_files(api, client, batch):
    url = link_of(api, batch).data["url"]

    api.delete(f"/api/v1/exports/{batch.pk}/files")

    gone = client.get(url)
    assert gone.status_code == 410
    assert " was deleted on " in gone.data["errors"][0]["message"]
    assert link_of(api, batch).status_code == 410
    assert link_of(api, ExportBatchFactory()).status_code == 409


@pytest.mark.parametrize(("permissions", "status"), [([], 403), (["view_exportbatch"], 200)])
def test_making_a_link_needs_the_right_to_download(batch, permissions, status):
    user = UserFactory()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {keys.create(user, 'test', ALL_SCOPES)[1]}")

    assert link_of(client, batch).status_code == status


def test_the_page_makes_a_link_to_copy(console, client, batch):
    page, step = (reverse(f"admin:exports_exportbatch_{name}", args=[batch.pk]) for name in ("change", "link"))

    asked = console.get(step).content.decode()
    answer = console.post(step, {"_form_submitted": True, "hours": 48})
    shown = console.get(answer.headers["HX-Redirect"]).context["link"]

    assert "Anyone who has the link can download the files" in asked
    assert answer.headers["HX-Redirect"] == f"{page}?link=48"
    assert timedelta(hours=47) < shown["expires_at"] - timezone.now() <= timedelta(hours=48)
    client.logout()
    assert client.get(shown["url"]).status_code == 200


@pytest.mark.parametrize("hours", ["0", "169", "-1", "x", ""])
def test_no_other_address_of_the_page_makes_a_link(console, batch, hours):
    page = reverse("admin:exports_exportbatch_change", args=[batch.pk])

    assert console.get(page, {"link": hours}).context["link"] is None

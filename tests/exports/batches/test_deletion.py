from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from rest_framework.test import APIClient

from exports import tasks
from exports.batches.target import TargetUnusable
from exports.choices import ExportStatus
from exports.models import ExportBatch, ExportItem
from feedback.access import keys
from tests.exports.factories import ExportBatchFactory, approved_set
from tests.factories import ALL_SCOPES, NOON, UserFactory

pytestmark = pytest.mark.django_db


def files_of(batch):
    return f"/api/v1/exports/{batch.pk}/files"


def client_with(*permissions):
    user = UserFactory()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {keys.create(user, 'test', ALL_SCOPES)[1]}")
    return client


def test_deleted_files_are_gone_and_their_record_stays(api, operator, place, export, kept):
    curated_set = approved_set([{}, {}])
    batch = export(curated_set)

    answer = api.delete(files_of(batch))

    download = api.get(f"/api/v1/exports/{batch.pk}/download")
    again = api.post("/api/v1/exports", {"curated_set": curated_set.pk, "format": "jsonl"}, format="json")
    assert answer.status_code == 200
    assert (answer.data["status"], answer.data["files_deleted_by"]) == ("published", operator.username)
    assert answer.data["files_deleted_at"] is not None
    assert (answer.data["rows"], answer.data["sha256"], answer.data["files"]) == (2, batch.sha256, batch.files)
    assert kept() == {}
    assert (download.status_code, download.data["errors"][0]["code"]) == (410, "gone")
    assert " was deleted on " in download.data["errors"][0]["message"]
    assert again.data == {"id": batch.pk, "status": "published"}
    assert ExportItem.objects.count() == 2


def test_deleting_twice_is_a_conflict_and_so_is_deleting_nothing(api, export):
    batch, unwritten = export(approved_set([{}])), ExportBatchFactory()
    api.delete(files_of(batch))
    first = ExportBatch.objects.get(pk=batch.pk).files_deleted_at

    assert api.delete(files_of(batch)).status_code == 409
    assert api.delete(files_of(unwritten)).status_code == 409
    assert ExportBatch.objects.get(pk=batch.pk).files_deleted_at == first
    assert ExportBatch.objects.get(pk=unwritten.pk).status == ExportStatus.REQUESTED


@pytest.mark.parametrize(("permissions", "expected"), [([], 403), (["delete_exportbatch"], 200)])
def test_deleting_needs_the_permission(export, kept, permissions, expected):
    batch = export(approved_set([{}]))

    answer = client_with(*permissions).delete(files_of(batch))

    assert answer.status_code == expected
    assert kept() == ({} if expected == 200 else {batch.files[0]["path"]: batch.bytes})


def test_a_failed_deletion_is_not_recorded(api, settings, export):
    batch = export(approved_set([{}]))
    settings.EXPORT_URL = "s4://bucket"

    answer = api.delete(files_of(batch))

    assert (answer.status_code, answer.data["errors"][0]["code"]) == (503, "unavailable")
    assert ExportBatch.objects.get().has_files


def test_files_are_deleted_in_the_console(console, operator, export, kept):
    batch = export(approved_set([{}]))
    page = reverse("admin:exports_exportbatch_change", args=[batch.pk])
    step = reverse("admin:exports_exportbatch_delete_files", args=[batch.pk])

    asked = console.get(step)
    assert kept() == {batch.files[0]["path"]: batch.bytes}
    answer = console.post(step, {"_form_submitted": True})
    shown = console.get(page).content.decode()

    assert (asked.status_code, answer.headers["HX-Redirect"]) == (200, page)
    assert kept() == {}
    assert "Files deleted" in shown
    assert step not in shown
    assert ExportBatch.objects.get().files_deleted_by == operator


@pytest.mark.parametrize(
    ("days", "age", "is_kept"),
    [
        (0, timedelta(days=4_000), True),
        (30, timedelta(days=30), True),
        (30, timedelta(days=30, seconds=1), False),
        (-1, timedelta(days=1), True),
    ],
)
def test_files_are_deleted_when_they_are_older_than_the_retention(
    api, console, export, kept, settings, time_machine, days, age, is_kept
):
    settings.EXPORT_RETENTION_DAYS = days
    batch = export(approved_set([{}]))
    ExportBatchFactory()
    ExportBatch.objects.filter(pk=batch.pk).update(published_at=NOON - age)
    time_machine.move_to(NOON, tick=False)

    tasks.sweep()
    tasks.sweep()

    batch.refresh_from_db()
    assert kept() == ({batch.files[0]["path"]: batch.bytes} if is_kept else {})
    assert (batch.has_files, batch.files_deleted_at, batch.files_deleted_by) == (
        is_kept,
        None if is_kept else NOON,
        None,
    )
    shown = api.get(f"/api/v1/exports/{batch.pk}")
    assert (shown.data["status"], shown.data["files_deleted_by"]) == ("published", None)
    assert api.get(f"/api/v1/exports/{batch.pk}/download").status_code == (200 if is_kept else 410)
    page = console.get(reverse("admin:exports_exportbatch_change", args=[batch.pk])).content.decode()
    assert ("Files deleted</dt><dd>automatic" in page) != is_kept


def test_old_files_that_cannot_be_deleted_now_are_deleted_later(export, settings, kept):
    settings.EXPORT_RETENTION_DAYS = 1
    batch = export(approved_set([{}]))
    ExportBatch.objects.update(published_at=NOON - timedelta(days=900))
    good, settings.EXPORT_URL = settings.EXPORT_URL, "s4://bucket"

    with pytest.raises(TargetUnusable):
        tasks.sweep()
    settings.EXPORT_URL = good
    assert (len(kept()), ExportBatch.objects.get().has_files) == (1, True)
    tasks.sweep()

    assert (kept(), ExportBatch.objects.get(pk=batch.pk).has_files) == ({}, False)

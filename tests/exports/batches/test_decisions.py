"""Approval, rejection and a second request of exports."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from rest_framework.test import APIClient

from exports.batches import requesting
from exports.choices import ExportFormat, ExportStatus
from exports.models import ExportBatch
from feedback.access import keys
from tests.exports.factories import ExportBatchFactory, approved_set
from tests.factories import ALL_SCOPES, UserFactory

pytestmark = pytest.mark.django_db


def client_of(user):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {keys.create(user, 'test', ALL_SCOPES)[1]}")
    return client


def user_with(*permissions):
    user = UserFactory()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def step(client, batch, name, **body):
    return client.post(f"/api/v1/exports/{batch.pk}/{name}", body, format="json")


def message(answer):
    return answer.data["errors"][0]["message"]


def requested(by, **fields):
    curated_set = approved_set([{}], name="weekly", version=1, **fields)
    batch, is_new = requesting.request(curated_set.pk, format=ExportFormat.JSONL, by=by)
    assert is_new
    return batch


def test_a_rejected_export_says_why_and_the_same_request_opens_it_again(api, operator):
    batch = requested(operator)

    rejected = step(api, batch, "reject", note=" Not before Monday. ").data
    approved = step(api, batch, "approve")
    body = {"curated_set": batch.curated_set_id, "format": "jsonl"}
    again = [api.post("/api/v1/exports", body, format="json").data for _ in range(2)]

    assert rejected["status"] == "rejected"
    assert [(one["action"], one["by"], one["note"]) for one in rejected["decisions"]] == [
        ("reject", operator.username, "Not before Monday.")
    ]
    assert (approved.status_code, message(approved)) == (409, "jsonl of weekly v1.0.0 of helpdesk is already rejected.")
    assert again == [{"id": batch.pk, "status": "requested"}] * 2
    shown = api.get(f"/api/v1/exports/{batch.pk}").data
    assert [(one["action"], one["note"]) for one in shown["decisions"]] == [
        ("reject", "Not before Monday."),
        ("request_again", ""),
    ]
    assert step(api, batch, "approve").data["status"] == "approved"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("requested", 200),
        ("failed", 200),
        ("cancelled", 200),
        ("approved", 409),
        ("running", 409),
        ("rejected", 409),
    ],
)
def test_only_an_export_that_is_not_written_is_rejected(api, status, expected):
    batch = ExportBatchFactory(status=status, error="The disk was full.")

    assert step(api, batch, "reject", note="No.").status_code == expected
    assert ExportBatch.objects.get().status == ("rejected" if expected == 200 else status)


@pytest.mark.parametrize("body", [{}, {"note": ""}, {"note": "  "}])
def test_a_rejection_needs_a_reason(api, body):
    batch = ExportBatchFactory()

    answer = step(api, batch, "reject", **body)

    assert answer.status_code == 400
    assert answer.data["errors"][0] == {
        "field": "note",
        "code": "required",
        "message": "A rejection needs a note with the reason.",
    }
    assert (ExportBatch.objects.get().status, batch.decisions.count()) == (ExportStatus.REQUESTED, 0)


@pytest.mark.parametrize(
    ("permission", "name", "expected"),
    [
        ("approve_exportbatch", "reject", 200),
        ("add_exportbatch", "reject", 403),
        ("add_exportbatch", "cancel", 200),
        ("approve_exportbatch", "cancel", 403),
    ],
)
def test_each_step_needs_its_permission(permission, name, expected):
    batch = ExportBatchFactory(status="requested" if name == "reject" else "approved")

    answer = step(client_of(user_with(permission)), batch, name, **({"note": "No."} if name == "reject" else {}))

    assert answer.status_code == expected
    assert batch.decisions.count() == (expected == 200)


@pytest.mark.parametrize(
    ("four_eyes", "by", "again_by", "expected"),
    [
        (False, "approver", None, 200),
        (True, "approver", None, 403),
        (True, "approver", "approver", 403),
        (True, "approver", "other", 200),
        (True, "other", None, 200),
        (True, "other", "approver", 200),
    ],
)
def test_with_four_eyes_another_user_must_have_requested_the_export(settings, four_eyes, by, again_by, expected):
    settings.FOUR_EYES = four_eyes
    people = {"approver": user_with("approve_exportbatch"), "other": UserFactory()}
    client, batch = client_of(people["approver"]), requested(people[by])
    if again_by:
        step(client, batch, "reject", note="Not yet.")
        requesting.request(batch.curated_set_id, format=ExportFormat.JSONL, by=people[again_by])

    answer = step(client, batch, "approve")

    batch.refresh_from_db()
    assert (answer.status_code, batch.status) == (expected, "approved" if expected == 200 else "requested")
    if expected == 403:
        assert message(answer) == (
            "FOUR_EYES is on: you can approve jsonl of weekly v1.0.0 of helpdesk only if another user requested it."
        )


def test_an_export_is_rejected_in_the_console(console, operator, settings, django_assert_max_num_queries):
    settings.FOUR_EYES = True
    batch = requested(operator)
    page = reverse("admin:exports_exportbatch_change", args=[batch.pk])
    approve, reject = (reverse(f"admin:exports_exportbatch_{name}", args=[batch.pk]) for name in ("approve", "reject"))

    before = console.get(page).content.decode()
    unexplained = console.post(reject, {"_form_submitted": True})
    answer = console.post(reject, {"_form_submitted": True, "note": "Not <before> Monday."})
    with django_assert_max_num_queries(12):
        after = console.get(page).content.decode()

    assert (reject in before, approve in before) == (True, False)
    assert (unexplained.status_code, answer.headers["HX-Redirect"]) == (200, page)
    assert f"{operator} rejected this export: Not &lt;before&gt; Monday." in after
    assert (reject in after, approve in after) == (False, False)
    requesting.request(batch.curated_set_id, format=ExportFormat.JSONL, by=operator)
    assert "Not &lt;before&gt; Monday." in console.get(page).content.decode()

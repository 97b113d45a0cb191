import hashlib
import json
import re

import pytest
from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from curation.choices import CuratedSetStatus, Strategy
from exports.batches import writing
from exports.batches.target import TargetUnusable
from exports.choices import ExportStatus
from exports.models import ExportBatch, ExportItem
from feedback.access import keys
from tests.curation.factories import CuratedSetFactory
from tests.exports.factories import ExportBatchFactory, approved_set
from tests.factories import ALL_SCOPES, NOON, UserFactory

pytestmark = pytest.mark.django_db

EDIT = {"strategy": Strategy.USER_EDIT, "edited_response": "Click “Forgot password”.", "score": 10.0}
HARD = {"strategy": Strategy.HARD_EXAMPLE, "score": 2.5}


def post(client, curated_set, format="jsonl", **body):
    return client.post("/api/v1/exports", {"curated_set": curated_set.pk, "format": format, **body}, format="json")


def client_with(*permissions):
    user = UserFactory()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {keys.create(user, 'test', ALL_SCOPES)[1]}")
    return client


def test_an_approved_set_is_requested_approved_written_and_downloaded(api, operator, running_tasks, place, kept):
    curated_set = approved_set([EDIT, {}, HARD], name="Weekly set", version=2)
    editing, praised, _ = curated_set.examples.in_order()

    requested = post(api, curated_set)
    address = f"/api/v1/exports/{requested.data['id']}"
    assert (requested.status_code, requested.data["status"]) == (201, "requested")
    assert kept() == {}
    with running_tasks():
        approved = api.post(f"{address}/approve")
    shown = api.get(address).data
    download = api.get(f"{address}/download")

    content = b"".join(download.streaming_content)
    name = shown["files"][0]["path"]
    assert (approved.status_code, approved.data["status"]) == (200, "approved")
    assert shown["status"] == "published"
    assert (shown["rows"], shown["bytes"]) == (2, len(content))
    assert shown["sha256"] == hashlib.sha256(content).hexdigest()
    assert shown["files"] == [{"path": name, "rows": 2, "bytes": len(content), "sha256": shown["sha256"]}]
    assert shown["excluded"] == {"hard_example": 1}
    assert (shown["requested_by"], shown["approved_by"]) == (operator.username, operator.username)
    assert (shown["deployment_id"], shown["curated_set"]) == ("helpdesk", curated_set.pk)
    assert re.fullmatch(r"helpdesk-weekly-set-v2\.0\.0-[0-9a-f]{12}\.jsonl", name)
    assert download.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert download.headers["Content-Type"] == "application/x-ndjson"
    assert kept() == {name: len(content)}
    assert download.headers["Content-Length"] == str(len(content))
    assert content.endswith(b"\n")
    assert [json.loads(line) for line in content.split(b"\n")[:-1]] == [
        {
            "messages": [
                {"role": "user", "content": editing.prompt},
                {"role": "assistant", "content": "Click “Forgot password”."},
            ],
            "source": "user_edit",
            "score": 10.0,
            "event_id": str(editing.event_id),
        },
        {
            "messages": [
                {"role": "user", "content": praised.prompt},
                {"role": "assistant", "content": praised.response},
            ],
            "source": "high_quality",
            "score": 3.9,
            "event_id": str(praised.event_id),
        },
    ]
    assert list(ExportItem.objects.order_by("pk").values_list("example_id", flat=True)) == [
        editing.pk,
        praised.pk,
    ]


def test_the_crucible_profile_is_an_option(api):
    curated_set = approved_set([EDIT])

    answer = post(api, curated_set, options={"profile": "crucible"})
    batch = writing.write(approve_quietly(answer.data["id"]))

    with writing.storage.open_published(batch.files[0]["path"]) as file:
        row = json.loads(file.read())
    assert api.get(f"/api/v1/exports/{batch.pk}").data["options"] == {"profile": "crucible"}
    assert list(row) == ["prompt", "response", "source", "score"]


def test_reasoning_and_turns_are_options(api):
    thought = {"role": "assistant", "content": "Yes.", "reasoning_content": "Hm."}
    curated_set = approved_set([{"response": "Yes.", "response_message": thought}])
    chosen = {"reasoning": "thinking", "turns": "last"}

    answer = post(api, curated_set, options=chosen)
    batch = writing.write(approve_quietly(answer.data["id"]))

    with writing.storage.open_published(batch.files[0]["path"]) as file:
        row = json.loads(file.read())
    assert api.get(f"/api/v1/exports/{batch.pk}").data["options"] == chosen
    assert row["completion"] == [{"role": "assistant", "content": "Yes.", "thinking": "Hm."}]


def approve_quietly(batch_id):
    ExportBatch.objects.filter(pk=batch_id).update(status=ExportStatus.APPROVED, approved_at=NOON)
    return batch_id


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (CuratedSetStatus.DRAFT, 409),
        (CuratedSetStatus.IN_REVIEW, 409),
        (CuratedSetStatus.REJECTED, 409),
        (CuratedSetStatus.APPROVED, 201),
        (CuratedSetStatus.SUPERSEDED, 201),
    ],
)
def test_only_what_was_approved_is_exported(api, status, expected):
    curated_set = CuratedSetFactory(status=status, name="weekly", version=1)

    answer = post(api, curated_set)

    assert answer.status_code == expected
    assert ExportBatch.objects.count() == (expected == 201)


def test_the_rejection_names_the_status_of_the_set(api):
    answer = post(api, CuratedSetFactory(name="weekly", version=1))

    assert answer.data["errors"] == [
        {
            "field": "",
            "code": "conflict",
            "message": "weekly v1.0.0 of helpdesk is draft; only an approved set can be exported.",
        }
    ]


def test_a_product_that_a_format_does_not_hold_is_refused(api):
    answer = post(api, approved_set([{}]), "preference_pairs", options={"product": "sft"})

    assert answer.status_code == 400
    assert answer.data["errors"] == [
        {
            "field": "options.product",
            "code": "invalid",
            "message": "The format preference_pairs holds preference, not sft.",
        }
    ]


@pytest.mark.parametrize("product", ["kto", "prompt_only"])
def test_a_product_without_the_crucible_profile_is_refused_with_it(api, product):
    answer = post(api, approved_set([{}]), options={"product": product, "profile": "crucible"})

    assert answer.status_code == 400
    assert answer.data["errors"] == [
        {
            "field": "options.product",
            "code": "invalid",
            "message": f"The product {product} has no profile crucible.",
        }
    ]
    assert not ExportBatch.objects.exists()


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"format": "jsonl"}, "curated_set", "required"),
        ({"curated_set": 1.5, "format": "jsonl"}, "curated_set", "invalid"),
        ({"format": "xlsx"}, "format", "invalid_choice"),
        ({"format": "jsonl", "limit": 3}, "limit", "unknown_field"),
        ({"format": "jsonl", "options": {"split": 0.1}}, "options.split", "unknown_field"),
        ({"format": "jsonl", "options": {"profile": "x"}}, "options.profile", "invalid_choice"),
        ({"format": "jsonl", "options": {"reasoning": "x"}}, "options.reasoning", "invalid_choice"),
        ({"format": "jsonl", "options": {"turns": "first"}}, "options.turns", "invalid_choice"),
        ({"format": "jsonl", "options": {"turns": "last", "profile": "crucible"}}, "options.turns", "invalid"),
        ({"format": "jsonl", "options": {"turns": "last", "product": "kto"}}, "options.turns", "invalid"),
        ({"format": "jsonl", "options": {"reasoning": "keep", "profile": "crucible"}}, "options.reasoning", "invalid"),
    ],
)
def test_an_invalid_request_creates_no_batch(api, body, field, code):
    if field != "curated_set":
        body = {"curated_set": approved_set([{}]).pk, **body}

    answer = api.post("/api/v1/exports", body, format="json")

    assert answer.status_code == 400
    assert (field, code) in [(error["field"], error["code"]) for error in answer.data["errors"]]
    assert not ExportBatch.objects.exists()


@pytest.mark.parametrize(("permissions", "expected"), [([], 403), (["add_exportbatch"], 201)])
def test_requesting_an_export_needs_the_permission(permissions, expected):
    answer = post(client_with(*permissions), approved_set([{}]))

    assert answer.status_code == expected
    assert ExportBatch.objects.count() == int(expected == 201)


@pytest.mark.parametrize(("permissions", "expected"), [([], 403), (["approve_exportbatch"], 200)])
def test_approving_an_export_needs_the_permission(permissions, expected):
    batch = ExportBatchFactory()

    answer = client_with(*permissions).post(f"/api/v1/exports/{batch.pk}/approve")

    batch.refresh_from_db()
    assert answer.status_code == expected
    assert batch.status == ("approved" if expected == 200 else "requested")


@pytest.mark.parametrize(
    ("status", "expected"),
    [("requested", 200), ("failed", 200), ("approved", 409), ("running", 409), ("validated", 409)],
)
def test_a_batch_is_approved_once_and_a_failed_one_again(api, status, expected):
    batch = ExportBatchFactory(status=status, error="The disk was full.")

    answer = api.post(f"/api/v1/exports/{batch.pk}/approve")

    batch.refresh_from_db()
    assert answer.status_code == expected
    assert batch.status == ("approved" if expected == 200 else status)
    assert batch.error == ("" if expected == 200 else "The disk was full.")


def test_an_unpublished_export_has_no_download(api):
    batch = ExportBatchFactory()

    assert api.get(f"/api/v1/exports/{batch.pk}/download").status_code == 409
    assert api.get("/api/v1/exports/404/download").status_code == 404


@pytest.mark.parametrize("accepted", ["application/x-ndjson", "application/octet-stream", "text/html"])
def test_a_client_that_accepts_other_types_than_json_gets_the_file(api, export, accepted):
    batch = export(approved_set([{}]))

    answer = api.get(f"/api/v1/exports/{batch.pk}/download", headers={"Accept": accepted})

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/x-ndjson")
    assert hashlib.sha256(answer.getvalue()).hexdigest() == batch.sha256


def test_a_missing_file_is_not_found(api, export, folder):
    batch = export(approved_set([{}]))
    (folder / batch.files[0]["path"]).unlink()

    assert api.get(f"/api/v1/exports/{batch.pk}/download").status_code == 404


def test_exports_are_listed_newest_first(api):
    first, second = ExportBatchFactory(), ExportBatchFactory()

    assert [row["id"] for row in api.get("/api/v1/exports").data["results"]] == [second.pk, first.pk]


def test_a_failure_is_shown_and_a_second_approval_writes_the_file(api, running_tasks, settings, folder):
    curated_set = approved_set([EDIT, {}])
    address = f"/api/v1/exports/{post(api, curated_set).data['id']}"
    good, settings.EXPORT_URL = settings.EXPORT_URL, "/srv/exports"
    with pytest.raises(TargetUnusable), running_tasks():
        api.post(f"{address}/approve")
    failed = api.get(address).data
    settings.EXPORT_URL = good

    with running_tasks():
        api.post(f"{address}/approve")

    assert failed["status"] == "failed"
    assert failed["error"] == (
        "EXPORT_URL (/srv/exports) has no scheme. Write it as file:///srv/exports or s3://bucket/folder. "
        "Then approve this export again."
    )
    assert api.get(address).data["status"] == "published"
    assert api.get(address).data["error"] == ""

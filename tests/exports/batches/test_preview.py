"""What will leave, in numbers, before an export is approved."""

from datetime import timedelta

import pytest
from django.urls import reverse

from exports.batches import requesting
from exports.batches.review import preview
from exports.choices import ExportFormat
from exports.models import ExportBatch
from feedback.models import MaskingPattern
from tests.exports.batches.test_manifest import selected_set
from tests.exports.factories import approved_set
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def requested(curated_set, by, format=ExportFormat.JSONL, **options):
    return requesting.request(curated_set.pk, format=format, by=by, **options)[0]


def preview_of(api, batch):
    answer = api.get(f"/api/v1/exports/{batch.pk}/preview")
    assert answer.status_code == 200
    return answer.data


def test_a_preview_counts_what_will_leave(api, operator, kept):
    curated_set = approved_set(
        [
            {"prompt": "I am [EMAIL].", "response": 'Hello [EMAIL], order [ORDER] “ab"c”.', "user_hash": "a" * 64},
            {"response": "Call [PHONE].", "user_hash": "b" * 64, "split": "test", "occurred_at": NOON},
            {"strategy": "hard_example", "response": "[SSN]", "user_hash": "c" * 64},
            {
                "strategy": "user_edit",
                "edited_response": "Better.",
                "user_hash": "a" * 64,
                "editor_hash": "d" * 64,
                "occurred_at": NOON + timedelta(hours=2),
            },
        ]
    )
    for name, replacement in (("ORDER", ""), ("NAME", '“ab"c”')):
        MaskingPattern.objects.create(
            deployment_id="helpdesk", name=name, expression=name.lower(), replacement=replacement
        )

    batch = requested(curated_set, operator)
    found = preview_of(api, batch)

    assert found == {
        "rows": [{"product": "sft", "split": "train", "rows": 2}, {"product": "sft", "split": "test", "rows": 1}],
        "people": 3,
        "deployments": ["helpdesk"],
        "masks": {"EMAIL": 2, "NAME": 1, "ORDER": 1, "PHONE": 1},
        "first_at": "2026-05-04T12:00:00Z",
        "last_at": "2026-05-04T14:00:00Z",
        "excluded": {"hard_example": 1},
        "note": "",
    }
    assert (kept(), ExportBatch.objects.get().status) == ({}, "requested")


@pytest.mark.parametrize("limit", ["MOST_ROWS", "MOST_SECONDS"])
def test_more_rows_are_counted_by_the_database(api, operator, monkeypatch, limit):
    monkeypatch.setattr(preview, limit, -1)
    pair = {"user_hash": "b" * 64, "rejected_user_hash": "c" * 64}
    curated_set = selected_set([{"user_hash": "a" * 64}, {"split": "test"}], [pair])

    found = preview_of(api, requested(curated_set, operator, ExportFormat.KTO))

    assert found["rows"] == [
        {"product": "examples", "split": "train", "rows": 1},
        {"product": "examples", "split": "test", "rows": 1},
        {"product": "pairs", "split": "train", "rows": 1},
    ]
    assert (found["people"], found["masks"], found["excluded"]) == (3, None, {})
    assert found["note"] == preview.COUNTED_BY_DATABASE


def test_an_export_that_would_be_empty_has_an_empty_preview(api, operator):
    batch = requested(approved_set([{"strategy": "hard_example"}]), operator)

    found = preview_of(api, batch)

    assert (found["rows"], found["people"], found["deployments"]) == ([], 0, [])
    assert (found["first_at"], found["last_at"], found["excluded"]) == (None, None, {"hard_example": 1})


def test_the_page_and_the_dialog_show_the_preview(console, operator):
    batch = requested(approved_set([{"response": "Call [PHONE]."}, {"strategy": "hard_example"}]), operator)
    page, approve, address = (
        reverse(f"admin:exports_exportbatch_{name}", args=[batch.pk]) for name in ("change", "approve", "preview")
    )

    for where in (page, approve):
        assert f'hx-get="{address}"' in console.get(where).content.decode()
    shown = console.get(address).content.decode()
    for text in ("Supervised fine-tuning, train", "PHONE 1", "1 hard examples", "helpdesk"):
        assert text in shown
    assert console.get(reverse("admin:exports_exportbatch_preview", args=[0])).status_code == 404

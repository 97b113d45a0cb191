"""Cancelling an export, before and while a worker writes it."""

import pytest
from django.urls import reverse

from exports.batches import storage, writing
from exports.batches.gathering import Gathered
from exports.batches.review import approval
from exports.choices import ExportStatus
from exports.models import ExportBatch, ExportItem
from feedback.models import JobLease
from tests.exports.factories import ExportBatchFactory, approved_set

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("status", "expected"),
    [("approved", 200), ("running", 200), ("validated", 200), ("requested", 409), ("failed", 409), ("rejected", 409)],
)
def test_only_what_a_worker_writes_is_cancelled(api, status, expected):
    batch = ExportBatchFactory(curated_set=approved_set([{}], name="weekly", version=1), status=status, error="Full.")

    answer = api.post(f"/api/v1/exports/{batch.pk}/cancel")

    assert answer.status_code == expected
    if expected == 409:
        assert answer.data["errors"][0]["message"] == (
            f"jsonl of weekly v1.0.0 of helpdesk is {status}: no worker writes it."
        )
    assert ExportBatch.objects.get().status == ("cancelled" if expected == 200 else status)


class Moment:
    """Calls a function when a worker comes to a step of its work."""

    def __init__(self, monkeypatch, owner, name):
        self.then, original = lambda: None, getattr(owner, name)

        def step(*arguments, **keywords):
            self.then()
            return original(*arguments, **keywords)

        monkeypatch.setattr(owner, name, step)


@pytest.mark.parametrize(
    ("owner", "name"),
    [(Gathered, "tables"), (storage.Draft, "check_lines"), (storage.Draft, "publish")],
)
def test_a_cancelled_export_publishes_nothing_and_can_be_approved_again(
    place, operator, kept, monkeypatch, owner, name
):
    moment = Moment(monkeypatch, owner, name)
    batch = ExportBatchFactory(curated_set=approved_set([{}] * 3), status=ExportStatus.APPROVED)
    moment.then = lambda: batch.decisions.exists() or approval.cancel(batch.pk, by=operator)

    ended = writing.write(batch.pk)

    assert (ended.status, ended.rows, ended.error) == (ExportStatus.CANCELLED, None, "")
    assert kept() == {}
    assert (ExportItem.objects.count(), JobLease.objects.count()) == (0, 0)
    assert [one.action for one in ended.decisions.all()] == ["cancel"]

    approval.approve(batch.pk, by=operator, queue=False)
    again = writing.write(batch.pk)
    assert (again.status, again.rows) == (ExportStatus.PUBLISHED, 3)
    assert kept() == {again.files[0]["path"]: again.bytes}


def test_the_page_follows_a_worker_and_offers_to_cancel(console, operator):
    batch = ExportBatchFactory(
        curated_set=approved_set([{}], name="weekly", version=1), status="running", rows_done=1_500, rows_total=4_000
    )
    page, cancel, progress = (
        reverse(f"admin:exports_exportbatch_{name}", args=[batch.pk]) for name in ("change", "cancel", "progress")
    )

    shown = [console.get(address).content.decode() for address in (page, progress)]
    assert cancel in shown[0]
    for text in shown:
        assert "Reading rows: 1,500 of 4,000" in text
    console.get(cancel)
    assert ExportBatch.objects.get().status == ExportStatus.RUNNING
    for _ in range(2):
        console.post(cancel, {"_form_submitted": True})

    assert console.get(progress).headers["HX-Refresh"] == "true"
    after = console.get(page).content.decode()
    for sentence in ("weekly v1.0.0 of helpdesk is cancelled.", "is cancelled: no worker writes it.", "Cancelled"):
        assert sentence in after
    assert cancel not in after
    assert [(one.action, one.by) for one in batch.decisions.all()] == [("cancel", operator)]
    assert console.get(reverse("admin:exports_exportbatch_progress", args=[0])).status_code == 404

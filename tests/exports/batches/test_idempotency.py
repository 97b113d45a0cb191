"""The same request is the same export, and `only_new` leaves out what left before it."""

import hashlib

import orjson
import pytest

from exports.batches import writing
from exports.models import ExportBatch
from tests.exports.batches.test_requests import EDIT, approve_quietly, post
from tests.exports.factories import ExportBatchFactory, approved_set

pytestmark = pytest.mark.django_db


def test_the_same_request_returns_the_same_batch(api):
    curated_set = approved_set([{}])

    first = post(api, curated_set).data["id"]

    assert post(api, curated_set).data["id"] == first
    assert post(api, curated_set, options={}).data["id"] == first
    assert post(api, curated_set, options={"profile": "default"}).data["id"] == first
    assert post(api, curated_set, options={"profile": "crucible"}).data["id"] != first
    assert post(api, curated_set, "preference_pairs").data["id"] != first
    assert ExportBatch.objects.count() == 3


@pytest.mark.parametrize(("format", "profile"), [("jsonl", None), ("jsonl", "crucible"), ("preference_pairs", None)])
def test_an_export_from_before_products_is_found_again(api, format, profile):
    curated_set = approved_set([EDIT])
    options = {"profile": profile} if profile else {}
    key = hashlib.sha256(orjson.dumps([curated_set.content_hash, format, options])).hexdigest()
    product = "sft" if format == "jsonl" else "preference"
    batch = ExportBatchFactory(
        curated_set=curated_set, format=format, options=options, key=key, key_version=1, product=product
    )

    assert post(api, curated_set, format, options=options).data["id"] == batch.pk
    assert post(api, curated_set, format, options={**options, "only_new": True}).data["id"] != batch.pk


def test_sets_of_the_same_content_have_exports_of_their_own(api):
    first, second = (approved_set([{}], content_hash="ab" * 32) for _ in range(2))

    assert post(api, first).data["id"] != post(api, second).data["id"]


def test_only_new_rows_are_those_that_left_in_no_export_of_the_product(api, export):
    curated_set = approved_set([{}, {}])
    old, new = curated_set.examples.in_order()
    export(approved_set([{"event_id": old.event_id}]))

    batch = export(curated_set, only_new=True)

    assert (batch.rows, batch.excluded) == (1, {"exported_before": 1})
    assert [item.example_id for item in batch.items.all()] == [new.pk]
    assert batch.options == {"only_new": True}
    again = post(api, curated_set, options={"only_new": True})
    assert again.status_code == 409
    assert again.data["errors"][0]["message"] == (
        f"Every row of {curated_set} was exported before; export it without only_new to have them again."
    )
    assert post(api, curated_set).status_code == 201


def test_what_had_left_is_decided_when_the_export_is_requested(api, export):
    curated_set = approved_set([{}, {}])
    first = post(api, curated_set, options={"only_new": True}).data["id"]
    assert post(api, curated_set, options={"only_new": True}).data["id"] == first

    export(curated_set)

    assert writing.write(approve_quietly(first)).rows == 2

"""Exports leave out what may no longer be used for training when the file is written."""

import json

import pytest
from django.urls import reverse

from exports.batches import gathering, writing
from exports.choices import LeftOut
from exports.models import ExportBatch
from feedback.hashing import hash_person
from feedback.models import Deployment
from feedback.removal import objections
from tests.exports.factories import approved_set
from tests.factories import EventFactory

pytestmark = pytest.mark.django_db
NORA = hash_person("nora")


def test_rows_of_users_who_object_and_of_events_that_allow_no_training_are_left_out(
    export, folder, operator, monkeypatch, console
):
    monkeypatch.setattr(gathering, "ROWS_PER_QUERY", 2)
    event = EventFactory(training_allowed=False)
    examples = [
        {"user_hash": NORA},
        {"response": "One."},
        {"editor_hash": NORA},
        {"event_id": event.pk},
        {"response": "Two."},
        {"strategy": "hard_example", "user_hash": NORA},
    ]
    objections.record("nora", by=operator)

    batch = export(approved_set(examples))

    lines = (folder / batch.files[0]["path"]).read_text().splitlines()
    assert [json.loads(line)["messages"][-1]["content"] for line in lines] == ["One.", "Two."]
    assert (batch.rows, batch.excluded) == (2, {"training_not_allowed": 3, "hard_example": 1})
    withdrawn = LeftOut.TRAINING_NOT_ALLOWED
    assert [reason for _, reason in batch.left_out] == [*[withdrawn] * 3, LeftOut.HARD_EXAMPLE]
    page = console.get(reverse("admin:exports_exportbatch_change", args=[batch.pk])).content.decode()
    assert "3 that may not be used for training" in page


def test_a_set_of_a_deployment_that_allows_no_training_any_more_is_not_written(export, kept):
    curated_set = approved_set([{}, {}])
    Deployment.objects.update(training_allowed=False)

    with pytest.raises(writing.NothingToExport):
        export(curated_set)

    batch = ExportBatch.objects.get()
    assert (batch.status, batch.excluded) == ("failed", {"training_not_allowed": 2})
    assert batch.error == (
        "Nothing to export in this format: every example was excluded (2 that may not be used for training)."
    )
    assert kept() == {}


def test_a_lifted_objection_lets_rows_into_the_next_file(export, operator):
    objections.record("nora", by=operator)
    objections.lift("nora", by=operator)

    batch = export(approved_set([{"user_hash": NORA}]))

    assert (batch.rows, batch.excluded) == (1, {})

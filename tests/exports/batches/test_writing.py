import json
from datetime import timedelta

import pytest
from django.db import IntegrityError

from curation.choices import Strategy
from exports import tasks
from exports.batches import writing
from exports.choices import ExportFormat, ExportStatus
from exports.formats import jsonl
from exports.models import ExportBatch, ExportItem
from feedback.models import Deployment
from tests.exports.factories import ExportBatchFactory, approved_set
from tests.factories import NOON

pytestmark = pytest.mark.django_db

EDIT = {"strategy": Strategy.USER_EDIT, "edited_response": "Click “Forgot password”.", "score": 10.0}
HARD = {"strategy": Strategy.HARD_EXAMPLE, "score": 2.5}


def test_preference_pairs_take_the_edits_only(export, folder):
    unchanged = {**EDIT, "response": "As it was.", "edited_response": " As it  was. "}

    batch = export(approved_set([EDIT, {}, HARD, unchanged]), ExportFormat.PREFERENCE_PAIRS)

    rows = [json.loads(line) for line in (folder / batch.files[0]["path"]).read_text().splitlines()]
    assert [list(row) for row in rows] == [["prompt", "chosen", "rejected"]]
    assert rows[0]["chosen"] == [{"role": "assistant", "content": "Click “Forgot password”."}]
    assert (batch.rows, batch.excluded) == (1, {"no_edit": 2, "unchanged": 1})


@pytest.mark.parametrize(
    ("examples", "format", "excluded", "error"),
    [
        (
            [HARD, HARD],
            ExportFormat.JSONL,
            {"hard_example": 2},
            "Nothing to export in this format: every example was left out (2 hard examples).",
        ),
        (
            [{}, {**EDIT, "response": "Same.", "edited_response": "Same. "}],
            ExportFormat.PREFERENCE_PAIRS,
            {"no_edit": 1, "unchanged": 1},
            "Nothing to export in this format: every example was left out "
            "(1 without an edit, 1 edited in white space only).",
        ),
    ],
)
def test_an_export_without_rows_fails_and_leaves_no_file(export, place, kept, examples, format, excluded, error):
    with pytest.raises(writing.NothingToExport):
        export(approved_set(examples), format)

    batch = ExportBatch.objects.get()
    assert (batch.status, batch.error, batch.rows, batch.excluded) == ("failed", error, None, excluded)
    assert kept() == {}
    assert not ExportItem.objects.exists()


def test_a_row_is_one_line_to_every_reader(export, folder):
    answer = "One\u2028two\u2029three\u0085four\x0bfive\r\nsix"

    batch = export(approved_set([{"response": answer}, {}]))

    lines = (folder / batch.files[0]["path"]).read_bytes().decode().splitlines()
    assert [json.loads(line)["messages"][-1]["content"] for line in lines][0] == answer
    assert len(lines) == batch.rows == 2


def test_writing_again_gives_the_same_bytes(export, folder):
    batch = export(approved_set([EDIT, {}, {"messages": [{"role": "user", "content": "é\u2028x"}]}]))
    path = folder / batch.files[0]["path"]
    before = path.read_bytes()
    path.unlink()
    ExportItem.objects.all().delete()
    ExportBatch.objects.update(status=ExportStatus.APPROVED, rows=None, sha256="")

    again = writing.write(batch.pk)

    assert path.read_bytes() == before
    assert (again.rows, again.sha256) == (batch.rows, batch.sha256)


def test_a_published_batch_is_not_written_again(export, folder):
    batch = export(approved_set([{}]))
    path = folder / batch.files[0]["path"]
    path.write_bytes(b"untouched")

    tasks.write_export(batch.pk)

    assert path.read_bytes() == b"untouched"
    assert ExportItem.objects.count() == 1


@pytest.mark.parametrize("deployment", ["..", ".hidden", "a:b", "-rf", "x" * 255])
def test_a_file_name_stays_in_the_folder(export, folder, deployment):
    curated_set = approved_set([{}], deployment=Deployment.objects.create(pk=deployment), name="Ünïcode / set")

    batch = export(curated_set)

    name = batch.files[0]["path"]
    assert (folder / name).is_file()
    assert len(name) < 255
    assert "/" not in name


def test_a_batch_with_a_live_lease_is_left_alone(folder):
    batch = ExportBatchFactory(
        status=ExportStatus.RUNNING,
        lease_token="0b39aac7-1aa6-43a2-b1a6-a122bdf63481",
        lease_expires_at=NOON + timedelta(days=10_000),
    )

    written = writing.write(batch.pk)

    assert (written.status, written.attempts) == (ExportStatus.RUNNING, 0)
    assert not folder.exists()


def test_a_worker_that_lost_its_lease_publishes_nothing(monkeypatch, place, kept):
    batch = ExportBatchFactory(status=ExportStatus.APPROVED, approved_at=NOON)
    to_row = jsonl.row

    def taken_over(example, profile):
        ExportBatch.objects.update(lease_token="0b39aac7-1aa6-43a2-b1a6-a122bdf63481")
        return to_row(example, profile)

    monkeypatch.setattr(jsonl, "row", taken_over)
    written = writing.write(batch.pk)

    assert written.status == ExportStatus.RUNNING
    assert kept() == {}
    assert not ExportItem.objects.exists()


def test_a_file_that_cannot_be_recorded_is_taken_away(place, kept):
    batch = ExportBatchFactory(status=ExportStatus.APPROVED, approved_at=NOON)
    ExportItem.objects.create(batch=batch, example=batch.curated_set.examples.get(), row_sha256="0" * 64)

    with pytest.raises(IntegrityError):
        writing.write(batch.pk)

    batch.refresh_from_db()
    assert (batch.status, batch.files) == (ExportStatus.FAILED, [])
    assert batch.error.startswith("IntegrityError: ")
    assert kept() == {}


def test_an_export_leaves_one_line_with_its_path(export, folder, caplog):
    with caplog.at_level("INFO", logger="exports"):
        batch = export(approved_set([{}, EDIT]), ExportFormat.JSONL)

    (line,) = [record.msg for record in caplog.records if record.name == "exports.batches.writing"]
    assert (line["event"], line["export"], line["format"]) == ("export_complete", batch.pk, "jsonl")
    assert (line["count"], line["path"]) == (2, batch.files[0]["path"])

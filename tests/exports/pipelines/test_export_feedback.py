"""The stage `export_feedback` does what each of its options says, and puts the path of the file."""

import json
from pathlib import Path

import pytest
from django.db import connection

from exports.models import ExportBatch
from exports.pipelines import ExportFeedback, StageFailed, StageWaits
from tests.exports.factories import approved_set
from tests.exports.pipelines.experiments import context
from tests.factories import DeploymentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def helpdesk(operator):
    return DeploymentFactory(id="helpdesk")


EDIT = {"strategy": "user_edit", "response": "old", "edited_response": "new", "score": 10.0}
PRAISED = {"strategy": "high_quality", "response": "fine", "score": 3.9}


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_an_export_puts_the_path_of_its_file(folder):
    approved_set([EDIT, PRAISED])

    after = ExportFeedback.run(context(), format="jsonl")

    batch = ExportBatch.objects.get()
    path = Path(after.get_artifact("feedback_data_path"))
    assert (path.parent, path.suffix, batch.status, batch.rows) == (folder, ".jsonl", "published", 2)
    assert [json.loads(line)["source"] for line in path.read_text().splitlines()] == ["user_edit", "high_quality"]
    assert after.get_artifact("export_id") == batch.pk


@pytest.mark.parametrize(
    ("format", "written"),
    [
        ("jsonl", ["weekly.jsonl"]),
        ("csv", ["weekly.csv"]),
        ("parquet", ["weekly.parquet"]),
        ("openai", ["weekly.jsonl"]),
        ("preference_pairs", ["weekly.jsonl"]),
        ("kto", ["weekly.jsonl"]),
    ],
)
def test_formats_and_paths_are_those_of_the_options(folder, format, written):
    approved_set([EDIT, PRAISED])

    after = ExportFeedback.run(context(), {"format": format, "output_path": "weekly"})

    assert files(folder) == written
    assert after.get_artifact("feedback_data_path") == str(folder / written[0])


def test_a_format_of_many_files_puts_their_folder(folder):
    approved_set([EDIT, PRAISED])

    after = ExportFeedback.run(context(), format="huggingface", output_path="exports/weekly")

    assert after.get_artifact("feedback_data_path") == str(folder / "exports" / "weekly")
    assert "exports/weekly/README.md" in files(folder)


def test_filters_choose_rows():
    approved_set([EDIT, PRAISED])

    after = ExportFeedback.run(context(), filters={"sources": ["high_quality"]})

    [line] = Path(after.get_artifact("feedback_data_path")).read_text().splitlines()
    assert json.loads(line)["source"] == "high_quality"


def test_an_export_is_of_the_newest_approved_set_or_of_a_named_one():
    older, newer = approved_set([EDIT]), approved_set([PRAISED])
    approved_set([PRAISED], deployment=DeploymentFactory(id="shop"))

    for options in ({}, {"curated_set": older.pk}):
        ExportFeedback.run(context(), options)
    ExportFeedback.run(context(artifacts={"curated_set_id": older.pk}), output_path="third")

    made = ExportBatch.objects.order_by("pk").values_list("curated_set", flat=True)
    assert list(made) == [newer.pk, older.pk, older.pk]


def test_an_export_waits_for_an_approval_that_its_user_may_not_give(staff):
    approved_set([EDIT])

    with pytest.raises(StageWaits, match="waits for approval"):
        ExportFeedback.run(context(user=staff("exports.add_exportbatch")))

    assert ExportBatch.objects.get().status == "requested"


def test_an_unexpected_error_shows_its_type_and_no_row(folder):
    approved_set([EDIT])
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE exports_exportitem ADD CONSTRAINT no_items CHECK (false)")

    with pytest.raises(StageFailed, match=r"^IntegrityError\. See the log of the worker\.$"):
        ExportFeedback.run(context(), format="jsonl")

    assert ExportBatch.objects.get().error == "IntegrityError. See the log of the worker."

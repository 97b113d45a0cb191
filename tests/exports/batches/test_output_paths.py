"""The files of an export are at the path that was asked for, and no export takes the path of another."""

import io
import zipfile

import pytest

from exports.batches import deletion, storage, target, writing
from exports.models import ExportBatch
from tests.exports.batches.test_requests import approve_quietly, post
from tests.exports.factories import approved_set
from tests.factories import DeploymentFactory

pytestmark = pytest.mark.django_db
TWO_SPLITS = [{}, {"split": "test"}]


def written(api, curated_set, path, format="jsonl"):
    answer = post(api, curated_set, format, options={"output_path": path})
    assert answer.status_code == 201, answer.json()
    return writing.write(approve_quietly(answer.data["id"]))


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("feedback.jsonl", "feedback.jsonl"),
        ("feedback", "feedback.jsonl"),
        ("exports/feedback.jsonl", "exports/feedback.jsonl"),
        ("v1.2/june set", "v1.2/june set.jsonl"),
    ],
)
def test_a_file_is_at_its_path(api, kept, path, file):
    batch = written(api, approved_set([{}]), path)

    assert kept() == {file: batch.bytes}
    assert (batch.folder, batch.file_names) == ("", [file])
    download = api.get(f"/api/v1/exports/{batch.pk}/download")
    assert download.headers["Content-Disposition"].endswith(f'filename="{file.rpartition("/")[2]}"')


def test_a_path_may_be_that_of_the_folder_of_exports(api, kept):
    written(api, approved_set([{}]), target.address("exports/feedback.jsonl"))

    assert list(kept()) == ["exports/feedback.jsonl"]


@pytest.mark.usefixtures("place")
def test_a_folder_is_at_its_path_beside_others_and_goes_alone(api, kept, operator):
    other = written(api, approved_set([{}]), "exports/other.jsonl")

    batch = written(api, approved_set(TWO_SPLITS), "exports/weekly")

    assert sorted(kept()) == ["exports/other.jsonl", "exports/weekly/test.jsonl", "exports/weekly/train.jsonl"]
    assert (batch.folder, batch.file_names) == ("exports/weekly", ["train.jsonl", "test.jsonl"])
    download = api.get(f"/api/v1/exports/{batch.pk}/download")
    assert download.headers["Content-Disposition"] == 'attachment; filename="weekly.zip"'
    with zipfile.ZipFile(io.BytesIO(download.getvalue())) as archive:
        assert archive.namelist() == ["weekly/train.jsonl", "weekly/test.jsonl"]
    deletion.delete_files(batch.pk, by=operator)
    assert kept() == {"exports/other.jsonl": other.bytes}


@pytest.mark.parametrize("path", ["a/b.jsonl", "a/b", "a", "a/b/c.jsonl"])
def test_a_path_of_another_export_is_rejected(api, path):
    first = written(api, approved_set(TWO_SPLITS), "a/b")

    answer = post(api, approved_set([{}]), options={"output_path": path})

    assert answer.status_code == 409
    assert f"belongs to export {first.pk}. Delete those files first" in answer.json()["errors"][0]["message"]
    assert ExportBatch.objects.count() == 1


def test_a_path_of_an_export_of_another_deployment_is_rejected_without_its_number(api):
    written(api, approved_set([{}], deployment=DeploymentFactory(id="shop")), "a")

    answer = post(api, approved_set([{}]), options={"output_path": "a"})

    assert answer.status_code == 409
    assert "a belongs to another export. Delete those files first" in answer.json()["errors"][0]["message"]
    assert ExportBatch.objects.count() == 1


def test_the_same_request_is_the_same_export_and_a_deleted_one_frees_its_path(api, operator):
    curated_set = approved_set([{}])
    first = written(api, curated_set, "a.jsonl")

    assert post(api, curated_set, options={"output_path": "a"}).data["id"] == first.pk
    deletion.delete_files(first.pk, by=operator)
    assert written(api, approved_set([{}]), "a.jsonl").pk != first.pk


def test_files_that_are_there_already_are_not_replaced(api, folder, kept):
    folder.mkdir()
    (folder / "a.jsonl").write_text("not ours")

    with pytest.raises(Exception, match=r"exists already\. Delete those files first"):
        written(api, approved_set([{}]), "a.jsonl")

    assert (folder / "a.jsonl").read_text() == "not ours"
    assert (ExportBatch.objects.get().status, storage.unfinished()) == ("failed", set())


@pytest.mark.parametrize(
    ("path", "format"),
    [
        ("../a", "jsonl"),
        ("/etc/passwd", "jsonl"),
        ("a//b", "jsonl"),
        ("a/", "jsonl"),
        (".unfinished/a", "jsonl"),
        ("s3://bucket/a", "jsonl"),
        ("a.csv", "jsonl"),
        ("a.jsonl", "huggingface"),
        ("a" * 201, "jsonl"),
    ],
)
def test_other_paths_are_rejected(api, path, format):
    answer = post(api, approved_set([{}]), format, options={"output_path": path})

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["options.output_path"]
    assert not ExportBatch.objects.exists()

import hashlib
import io
import json
import re
from datetime import timedelta
from uuid import UUID
from zipfile import ZipFile

import pytest
from django.db import IntegrityError

from curation.choices import Strategy
from exports import tasks
from exports.batches import writing
from exports.batches.encodings import ENCODINGS, Encoding
from exports.batches.review import approval
from exports.choices import ExportFormat, ExportStatus, LeftOut
from exports.formats import FORMATS, jsonl
from exports.formats.base import Format
from exports.models import ExportBatch, ExportItem
from exports.products import PRODUCTS
from exports.products.base import Product
from feedback.models import Deployment, JobLease
from tests.exports.factories import ExportBatchFactory, ExportLeaseFactory, approved_set
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
            "Nothing to export in this format: every example was excluded (2 hard examples).",
        ),
        (
            [{}, {**EDIT, "response": "Same.", "edited_response": "Same. "}],
            ExportFormat.PREFERENCE_PAIRS,
            {"no_edit": 1, "unchanged": 1},
            "Nothing to export in this format: every example was excluded "
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


def test_every_reader_sees_a_row_as_one_line(export, folder):
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
    batch = ExportBatchFactory(status=ExportStatus.RUNNING)
    lease = ExportLeaseFactory(key=batch.pk, expires_at=NOON + timedelta(days=10_000))

    written = writing.write(batch.pk)

    lease.refresh_from_db()
    assert (written.status, lease.attempts) == (ExportStatus.RUNNING, 1)
    assert not folder.exists()


@pytest.mark.parametrize("what", ["taken over", "given up"])
def test_a_worker_that_lost_its_lease_publishes_nothing(monkeypatch, place, kept, what):
    batch = ExportBatchFactory(status=ExportStatus.APPROVED, approved_at=NOON)
    to_records = Encoding.records

    def lose_the_lease(*arguments):
        if what == "taken over":
            JobLease.objects.update(token="0b39aac7-1aa6-43a2-b1a6-a122bdf63481")
        else:
            JobLease.objects.all().delete()
            ExportBatch.objects.update(status=ExportStatus.FAILED, error="Given up.")
        return to_records(*arguments)

    monkeypatch.setattr(Encoding, "records", lose_the_lease)
    written = writing.write(batch.pk)

    assert written.status == (ExportStatus.RUNNING if what == "taken over" else ExportStatus.FAILED)
    assert kept() == {}
    assert not ExportItem.objects.exists()


def test_an_export_holds_one_lease(monkeypatch, running_tasks, operator):
    batch = ExportBatchFactory()
    to_records, held = Encoding.records, []

    def look(*arguments):
        held.extend(JobLease.objects.values_list("task", "key", "attempts"))
        return to_records(*arguments)

    monkeypatch.setattr(Encoding, "records", look)
    with running_tasks():
        approval.approve(batch.pk, by=operator)

    batch.refresh_from_db()
    assert held == [("exports.tasks.write_export", str(batch.pk), 1)]
    assert (batch.status, JobLease.objects.count()) == (ExportStatus.PUBLISHED, 0)


def test_a_file_that_cannot_be_recorded_is_removed(place, kept):
    batch = ExportBatchFactory(status=ExportStatus.APPROVED, approved_at=NOON)
    ExportItem.objects.create(batch=batch, example=batch.curated_set.examples.get(), row_sha256="0" * 64)

    with pytest.raises(IntegrityError):
        writing.write(batch.pk)

    batch.refresh_from_db()
    assert (batch.status, batch.files) == (ExportStatus.FAILED, [])
    assert batch.error == "IntegrityError. See the log of the worker."
    assert kept() == {}


def test_an_export_logs_one_line_with_its_path(export, folder, caplog):
    with caplog.at_level("INFO", logger="exports"):
        batch = export(approved_set([{}, EDIT]), ExportFormat.JSONL)

    (line,) = [record.msg for record in caplog.records if record.name == "exports.batches.writing"]
    assert (line["event"], line["export"], line["format"]) == ("export_complete", batch.pk, "jsonl")
    assert (line["count"], line["path"]) == (2, batch.files[0]["path"])


@pytest.fixture
def folder_format(monkeypatch):
    """The format JSONL writes a folder of two files, the second of which holds the last record."""

    def write(draft, name, package):
        *first, last = package.tables[0].lines()
        parts = {f"{name}/data/one.jsonl": first, f"{name}/two.jsonl": [last]}
        return {path: draft.write_lines(path, lines) for path, lines in parts.items()}

    def fit(product, record):
        return LeftOut.EMPTY_ANSWER if "unfit" in record["messages"][-1]["content"] else record

    folders = Format("folders", media_type="text/plain", fit=fit, write=write, check=jsonl.check)
    monkeypatch.setitem(ENCODINGS, ExportFormat.JSONL, Encoding(folders, (PRODUCTS["sft"],)))


def test_a_format_may_write_several_files_into_a_folder(api, export, kept, place, folder_format):
    batch = export(approved_set([EDIT, {"response": "This is unfit."}, {}, {}]))

    assert re.fullmatch(r"helpdesk-.*-v\d+\.\d+\.\d+-[0-9a-f]{12}", name := batch.files[0]["path"].partition("/")[0])
    assert [(file["path"], file["rows"]) for file in batch.files] == [
        (f"{name}/data/one.jsonl", 2),
        (f"{name}/two.jsonl", 1),
    ]
    assert kept() == {file["path"]: file["bytes"] for file in batch.files}
    assert (batch.rows, batch.bytes, batch.excluded) == (3, sum(kept().values()), {"empty_answer": 1})
    listed = "".join(f"{file['sha256']}  {file['path']}\n" for file in batch.files)
    assert batch.sha256 == hashlib.sha256(listed.encode()).hexdigest()
    assert ExportItem.objects.count() == 3
    with ZipFile(io.BytesIO(api.get(f"/api/v1/exports/{batch.pk}/download").getvalue())) as archive:
        assert archive.namelist() == [file["path"] for file in batch.files]


def test_a_record_that_a_format_cannot_hold_costs_no_other_its_row(export, folder, monkeypatch):
    def records(example, options):
        return [{"size": object() if "unfit" in example.response else 8 * "9"}]

    odd = Product("sft", suffix="", columns=lambda options: {}, of_example=records)
    monkeypatch.setitem(ENCODINGS, ExportFormat.JSONL, Encoding(FORMATS["jsonl"], (odd,)))

    batch = export(approved_set([{}, {"response": "This is unfit."}, {}]))

    assert (batch.status, batch.rows, batch.excluded) == (ExportStatus.PUBLISHED, 2, {"unwritable": 1})
    assert ExportItem.objects.count() == 2


def test_an_example_with_several_records_is_one_item(export, folder, monkeypatch):
    def records(example, options):
        return [
            {"completion": example.edited_response, "label": True},
            {"completion": example.response, "label": False},
        ]

    both = Product("sft", suffix=".both", columns=lambda options: {}, of_example=records)
    monkeypatch.setitem(ENCODINGS, ExportFormat.JSONL, Encoding(FORMATS["jsonl"], (both,)))

    batch = export(approved_set([EDIT]))

    content = (folder / batch.files[0]["path"]).read_bytes()
    assert batch.files[0]["path"].endswith(".both.jsonl")
    assert [json.loads(line)["label"] for line in content.splitlines()] == [True, False]
    assert (batch.rows, ExportItem.objects.get().row_sha256) == (2, hashlib.sha256(content[:-1]).hexdigest())


def test_the_bytes_of_an_export_are_those_of_earlier_versions(export, folder):
    event_id = "0199aaaa-0000-7000-8000-000000000000"
    praised = {"event_id": event_id, "prompt": "Wo?", "response": "Hier\u2028dort", "score": 3.5}
    changed = {**praised, **EDIT, "event_id": UUID(int=1), "messages": [{"role": "user", "content": "Wo?"}]}
    expected = {
        ("jsonl", "default"): "4c54364ca54efdc071d8e1f0d0ee67c6802c79085f54150e36a5fe4cf0c8ec45",
        ("jsonl", "crucible"): "fe829e4b4088284e35a8c0206cf5e109a7e517ca05d5add10a2a11f0e095d29f",
        ("preference_pairs", "default"): "09fb24d45090372ba157fa2c3d656d88599ef803fcaf6e3241a27ccc16a2c060",
        ("preference_pairs", "crucible"): "4bde111cffe2f7466c59d2fd49ce7947c8fea57ea81e2d082ae4dacb19c6c941",
    }
    curated_set = approved_set([praised, changed], version=1)

    batches = {names: export(curated_set, names[0], profile=names[1]) for names in expected}

    assert {names: batch.sha256 for names, batch in batches.items()} == expected
    for batch in batches.values():
        lines = (folder / batch.files[0]["path"]).read_bytes().split(b"\n")[:-1]
        hashes = batch.items.order_by("pk").values_list("row_sha256", flat=True)
        assert list(hashes) == [hashlib.sha256(line).hexdigest() for line in lines]

"""Files of exports that hold rows of an erased user."""

import json
import uuid

import pytest
from django.urls import reverse

from exports.batches import requesting, storage, writing
from exports.batches.erased import RowsErased
from exports.batches.review import approval
from exports.choices import ExportFormat, LeftOut
from exports.erasures import erasing, results
from exports.models import Erasure, ExportBatch, ExportItem
from exports.tasks import write_export
from feedback.hashing import hash_person
from feedback.jobs import leases
from tests.exports.factories import ExportBatchFactory, ExportLeaseFactory, approved_set

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("write_all")]
MARIA = hash_person("maria")
HERS, HIS = {"user_hash": MARIA, "response": "Hers."}, {"response": "His."}
STEPS = ["Build the next", "Delete the files", "Delete every copy"]


def erase(operator):
    return erasing.run(Erasure.objects.create(hashes=[MARIA], requested_by=operator).pk)


def answers(folder, batch):
    lines = (folder / batch.files[0]["path"]).read_text().splitlines()
    return [json.loads(line)["messages"][-1]["content"] for line in lines]


def test_a_file_with_an_erased_row_is_deleted_and_its_download_says_why(api, operator, export, place, kept):
    with_hers, without = export(approved_set([HERS, HIS])), export(approved_set([HIS], content_hash="d" * 64))

    assert erase(operator).status == "completed"

    answer = api.get(f"/api/v1/exports/{with_hers.pk}/download")
    with_hers.refresh_from_db()
    assert list(kept()) == [without.files[0]["path"]]
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (410, "gone")
    assert answer.data["errors"][0]["message"] == (
        f"The file of {with_hers} was deleted on {with_hers.files_deleted_at:%Y-%m-%d}: it held data of a user who was "
        "erased. Delete your copies. A new export of the set leaves this data out."
    )
    assert (with_hers.status, with_hers.files_deleted_by) == ("published", operator)
    assert sorted(with_hers.items.values_list("row_sha256", flat=True))[0] == ""
    assert ExportItem.objects.exclude(row_sha256="").count() == 2
    assert api.get(f"/api/v1/exports/{without.pk}/download").status_code == 200


def test_a_new_export_of_the_set_leaves_erased_rows_out(operator, export, folder, console):
    decided = approved_set([HERS, HIS])
    first = export(decided)
    erase(operator)

    second = export(decided)

    assert second.pk != first.pk
    assert requesting.request(decided.pk, format=ExportFormat.JSONL, by=operator) == (second, False)
    assert (answers(folder, second), second.excluded) == (["His."], {"erased": 1})
    assert [reason for _, reason in second.left_out] == [LeftOut.ERASED]
    assert (
        "1 of users who were erased"
        in console.get(reverse("admin:exports_exportbatch_change", args=[second.pk])).content.decode()
    )


def test_an_export_that_waits_for_its_approval_leaves_erased_rows_out(operator, export, folder):
    decided = approved_set([HERS, HIS])
    waiting, _ = requesting.request(decided.pk, format=ExportFormat.JSONL, by=operator)
    done = erase(operator)

    approval.approve(waiting.pk, by=operator, queue=False)

    assert answers(folder, writing.write(waiting.pk)) == ["His."]
    assert (done.status, results.of(done).exports) == ("completed", [])


@pytest.mark.parametrize("deletes_files", [True, False])
def test_with_the_setting_off_files_stay_and_are_listed(operator, export, kept, settings, deletes_files):
    settings.ERASURE_DELETES_FILES = deletes_files
    batch = export(approved_set([HERS, HIS]))

    done = results.of(erase(operator))

    assert [found.pk for found in done.exports] == [batch.pk]
    assert [found.has_files for found in done.exports] == [not deletes_files]
    assert [step for step in STEPS if step in done.next_steps] == [STEPS[0], *STEPS[1 + deletes_files :]]
    assert len(kept()) == 1 - deletes_files


def test_rows_that_are_erased_while_a_file_is_written_do_not_get_out(operator, export, kept, monkeypatch):
    publish = storage.Draft.publish

    def erase_then_publish(draft, name):
        monkeypatch.setattr(storage.Draft, "publish", publish)
        done = erase(operator)
        assert (done.status, results.of(done).rows_blanked) == ("running", 1)
        publish(draft, name)

    monkeypatch.setattr(storage.Draft, "publish", erase_then_publish)

    with pytest.raises(RowsErased):
        export(approved_set([HERS, HIS]))

    batch = ExportBatch.objects.get()
    assert (batch.status, batch.error, kept()) == ("failed", str(RowsErased()), {})
    assert erasing.run(Erasure.objects.get().pk).status == "completed"


def test_what_a_killed_worker_left_behind_is_removed(operator, export, kept):
    decided = approved_set([HERS, HIS])
    name = "helpdesk-curated-v1.jsonl"
    batch = ExportBatchFactory(curated_set=decided, status="running", moved_to=name)
    draft = storage.Draft(uuid.uuid4())
    draft.write_lines(name, [b"Hers."])
    draft.publish(name)
    lease = ExportLeaseFactory(key=str(batch.pk))
    storage.Draft(lease.token).write_lines("weekly.jsonl", [b"Hers."])

    assert erase(operator).status == "completed"

    assert kept() == {}
    assert ExportBatch.objects.get().status == "running"


def test_an_erasure_waits_for_a_file_that_is_being_written(operator):
    batch = ExportBatchFactory(curated_set=approved_set([HERS]), status="running")

    with leases.of_job(write_export.name, batch.pk):
        waiting = erase(operator)
        assert waiting.status == "running"

    assert erasing.run(waiting.pk).status == "completed"


def test_an_erasure_that_cannot_delete_a_file_says_so_and_goes_on_later(operator, export, folder, settings, kept):
    batch = export(approved_set([HERS]))
    url, settings.EXPORT_URL = settings.EXPORT_URL, "nothing://x"
    failing = Erasure.objects.create(hashes=[MARIA], requested_by=operator)

    with pytest.raises(Exception, match="EXPORT_URL"):
        erasing.run(failing.pk)

    failing.refresh_from_db()
    assert (failing.status, "EXPORT_URL" in failing.error, results.of(failing).rows_blanked) == ("running", True, 1)
    settings.EXPORT_URL = url
    assert (erasing.run(failing.pk).status, kept()) == ("completed", {})
    assert results.of(failing).exports == [batch]


@pytest.mark.parametrize("step", ["blank_in", "_record", "delete"])
def test_an_erasure_that_is_killed_continues_where_it_was(operator, export, kept, monkeypatch, step):
    decided, other = approved_set([HERS, HERS, HIS]), approved_set([HERS], name="other", content_hash="d" * 64)
    first, second = export(decided), export(other)
    module = {"blank_in": erasing.curation_erasure, "_record": erasing, "delete": erasing.files}[step]
    whole, calls = getattr(module, step), []

    def killed(*args):
        calls.append(args)
        found = whole(*args)
        if len(calls) == (1 if step == "delete" else 2):
            raise KeyboardInterrupt
        return found

    monkeypatch.setattr(module, step, killed)
    with pytest.raises(KeyboardInterrupt):
        erase(operator)
    done = erasing.run(Erasure.objects.get().pk)

    found = results.of(done)
    assert (done.status, found.rows_blanked, found.exports) == ("completed", 3, [first, second])
    assert [blanked.rows for blanked in found.sets] == [2, 1]
    assert kept() == {}

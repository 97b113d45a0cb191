import gzip
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from curation.choices import ContaminationMethod
from curation.decontamination import registering, signing
from curation.decontamination.reading import EvaluationFile
from curation.models import EvaluationSet, EvaluationTexts
from feedback.access import keys
from tests.factories import ALL_SCOPES, StaffFactory

pytestmark = pytest.mark.django_db

QUESTION = "A baker fills 14 trays with 9 rolls each and sells all but 17 of them. How many rolls were sold?"
OTHER = "What is the capital of Peru?"
ROWS = [{"question": QUESTION, "answer": "109"}, {"question": OTHER, "answer": "Lima"}]


def _lines(rows):
    return "".join(f"{json.dumps(row)}\n" for row in rows).encode()


def _parquet(rows):
    target = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), target)
    return target.getvalue()


FILES = {
    "bakery.jsonl": _lines(ROWS),
    "bakery.jsonl.gz": gzip.compress(_lines(ROWS)),
    "bakery.json": json.dumps(ROWS).encode(),
    "bakery.csv": f'question,answer\n"{QUESTION}",109\n{OTHER},Lima\n'.encode(),
    "bakery.parquet": _parquet(ROWS),
}


def _upload(api, name="bakery", file_name="bakery.jsonl", content=FILES["bakery.jsonl"], **fields):
    file = io.BytesIO(content)
    file.name = file_name
    return api.post("/api/v1/evaluation-sets", {"name": name, "file": file, **fields}, format="multipart")


def _errors(response):
    return [(error["field"], error["code"]) for error in response.json()["errors"]]


@pytest.mark.parametrize("file_name", FILES)
def test_a_file_is_registered_over_the_api_and_its_texts_are_found(file_name, api, operator):
    response = _upload(api, file_name=file_name, content=FILES[file_name])

    assert response.status_code == 201
    body = response.json()
    assert {name: body[name] for name in ("name", "source", "columns", "rows", "rows_skipped", "texts", "grams")} == {
        "name": "bakery",
        "source": file_name,
        "columns": ["question"],
        "rows": 2,
        "rows_skipped": 0,
        "texts": 2,
        "grams": 14,
    }
    assert body["created_by"] == operator.username
    hit = registering.decontaminator().hit(f"Please: {QUESTION[20:]}")
    assert (hit.evaluation_set, hit.row, hit.method) == ("bakery", 1, ContaminationMethod.NGRAM)
    assert registering.decontaminator().hit(OTHER.lower()).row == 2


def test_of_the_texts_only_short_ones_are_stored(api):
    _upload(api)

    part = EvaluationTexts.objects.get()
    stored = [bytes(getattr(part, name)) for name in ("rows", "normal_keys", "signatures", "grams", "gram_texts")]
    assert [len(value) for value in stored] == [16, 32, 1024, 112, 56]
    assert not any(b"baker" in value for value in stored)
    assert part.short_texts == ["", OTHER]


def test_columns_can_be_named_and_repeated(api):
    body = _upload(api, column=["answer", "question"]).json()

    assert (body["columns"], body["rows"], body["texts"]) == (["answer", "question"], 2, 4)


def test_sets_are_listed_read_and_deleted(api):
    first = _upload(api).json()
    second = _upload(api, name="again").json()

    assert [one["name"] for one in api.get("/api/v1/evaluation-sets").json()["results"]] == ["again", "bakery"]
    assert api.get(f"/api/v1/evaluation-sets/{second['id']}").json() == second
    assert first["content_hash"] == second["content_hash"]
    assert api.delete(f"/api/v1/evaluation-sets/{second['id']}").status_code == 204
    assert api.delete(f"/api/v1/evaluation-sets/{second['id']}").status_code == 404
    assert list(EvaluationTexts.objects.values_list("evaluation_set__name", flat=True)) == ["bakery"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"name": ""}, ("name", "blank")),
        ({"name": "n" * 101}, ("name", "max_length")),
        ({"file_name": "bakery.xlsx"}, ("file", "unreadable")),
        ({"file_name": "bakery"}, ("file", "unreadable")),
        ({"file_name": "bakery.parquet", "content": b"no parquet"}, ("file", "unreadable")),
        ({"file_name": "b.jsonl.gz", "content": gzip.compress(_lines(ROWS))[:-9]}, ("file", "unreadable")),
        ({"content": b""}, ("file", "empty")),
        ({"content": b"no json\n{]\n"}, ("file", "no_texts")),
        ({"content": _lines([{"question": " "}, {"question": None}])}, ("file", "no_texts")),
        ({"content": _lines([{"cost": 1}])}, ("column", "unknown_column")),
        ({"column": "cost"}, ("column", "unknown_column")),
        ({"column": list("abcdefghijk")}, ("column", "max_length")),
        ({"colour": "red"}, ("colour", "unknown_field")),
        ({"content": _lines([{"question": "x" * (signing.MAX_CHARACTERS + 1)}])}, ("file", "too_large")),
    ],
)
def test_a_file_that_cannot_be_registered_is_rejected_whole(fields, error, api):
    response = _upload(api, **fields)

    assert (response.status_code, _errors(response)) == (400, [error])
    assert not EvaluationSet.objects.exists()
    assert not EvaluationTexts.objects.exists()


@pytest.mark.parametrize("limit", ["MAX_TEXTS", "MAX_GRAMS"])
def test_a_set_beyond_the_limits_leaves_nothing(limit, api, monkeypatch):
    monkeypatch.setattr(signing, limit, 3)
    monkeypatch.setattr(signing, "BATCH", 2)

    response = _upload(api, content=_lines([{"prompt": f"{QUESTION} {row}"} for row in range(5)]))

    assert (response.status_code, _errors(response)) == (400, [("file", "too_large")])
    assert not EvaluationTexts.objects.exists()


def test_a_body_that_is_no_form_is_rejected(api):
    assert api.post("/api/v1/evaluation-sets", {"name": "x"}, format="json").status_code == 415
    assert _errors(api.post("/api/v1/evaluation-sets", {"name": "x"}, format="multipart")) == [("file", "required")]


def test_a_name_is_taken_once(api):
    _upload(api)

    response = _upload(api, content=_lines([{"prompt": "Else?"}]))

    assert response.status_code == 409
    assert response.json()["errors"][0]["message"].startswith("There is an evaluation set bakery.")
    assert EvaluationSet.objects.get().texts == 2


def test_registering_and_deleting_need_the_permission_and_a_key_for_all_deployments(api):
    made = _upload(api).json()
    reader = StaffFactory(is_superuser=False)
    reader.user_permissions.add(Permission.objects.get(codename="view_evaluationset"))
    for user, deployments in ((reader, []), (StaffFactory(), ["helpdesk"])):
        limited = APIClient()
        _, secret = keys.create(user, "limited", ALL_SCOPES, deployments=deployments)
        limited.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")

        assert _upload(limited, name="more").status_code == 403
        assert limited.delete(f"/api/v1/evaluation-sets/{made['id']}").status_code == 403
        assert limited.get("/api/v1/evaluation-sets").status_code == (403 if deployments else 200)

    assert EvaluationSet.objects.get().name == "bakery"


def test_the_command_registers_a_hugging_face_directory(tmp_path, capsys):
    folder = tmp_path / "gsm"
    (folder / "data").mkdir(parents=True)
    (folder / "README.md").write_text("# A data set")
    (folder / "dataset_info.json").write_text('{"features": {}}')
    (folder / ".cache").mkdir()
    (folder / ".cache" / "old.jsonl").write_bytes(_lines([{"question": "hidden"}]))
    (folder / "data" / "test-00000-of-00001.parquet").write_bytes(_parquet(ROWS))
    (folder / "data" / "train-00000-of-00001.parquet").write_bytes(_parquet([{"question": "How?", "answer": ""}] * 2))

    call_command("register_evaluation_set", "gsm", str(folder))

    assert capsys.readouterr().out == "gsm: 3 different texts in question, 14 word 8-grams, of 4 rows\n"
    assert registering.decontaminator().hit("how").row == 3


def test_the_command_reads_what_save_to_disk_wrote(tmp_path, capsys):
    table = pa.Table.from_pylist(
        [{"messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": OTHER}]}]
    )
    with (
        pa.OSFile(str(tmp_path / "data-00000-of-00001.arrow"), "wb") as sink,
        pa.ipc.new_stream(sink, table.schema) as writer,
    ):
        writer.write_table(table)
    (tmp_path / "state.json").write_text("{}")

    call_command("register_evaluation_set", "saved", str(tmp_path), "--column", "messages")

    assert registering.decontaminator().hit(OTHER).evaluation_set == "saved"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("x", "absent.jsonl"), "absent.jsonl: no such file or directory"),
        (("x", "empty"), "empty: no file with rows"),
        (("", "rows.jsonl"), "The name must have 1 to 100 characters."),
        (("x", "rows.jsonl", "--column", "colour"), "rows.jsonl has no column colour; it has answer, question."),
        (("x", "rows.jsonl", "--user", "nobody"), "There is no user nobody."),
    ],
)
def test_the_command_rejects_what_it_cannot_register(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("rows.jsonl").write_bytes(_lines(ROWS))

    with pytest.raises(CommandError, match=message):
        call_command("register_evaluation_set", *arguments)

    assert not EvaluationSet.objects.exists()


def test_texts_of_conversations_are_what_users_say(tmp_path):
    path = tmp_path / "chats.jsonl"
    path.write_bytes(
        _lines(
            [
                {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "No"}]},
                {"conversations": [{"role": "user", "content": [{"type": "text", "text": "One"}, {"type": "image"}]}]},
                {"conversations": {"a": 1}},
                "a plain line",
                7,
            ]
        )
    )
    file = EvaluationFile(path)

    assert list(file.texts()) == [(1, "Hi"), (2, "One"), (3, '{"a": 1}'), (4, "a plain line")]
    assert (file.rows, file.rows_skipped) == (5, 1)


def test_sets_of_another_version_are_not_compared(api):
    _upload(api)
    EvaluationSet.objects.update(version="0")

    assert registering.decontaminator().hit(QUESTION) is None

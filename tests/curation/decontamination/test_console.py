import html

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from curation.decontamination import registering
from curation.decontamination.reading import EvaluationFile
from curation.models import EvaluationSet
from tests.curation.factories import EvaluationSetFactory
from tests.curation.test_admin import staff_with

pytestmark = pytest.mark.django_db
LIST, UPLOAD = (reverse(f"admin:curation_evaluationset_{name}") for name in ("changelist", "upload"))
QUESTION = "What is the capital of Peru?"


def test_the_console_lists_evaluation_sets(console, operator, tmp_path, django_assert_max_num_queries):
    path = tmp_path / "questions.csv"
    path.write_text("question,cost\nWhat is the capital of Peru?,1\n,2\n")
    registering.register("geography", EvaluationFile(path), by=operator)

    with django_assert_max_num_queries(12):
        page = console.get("/admin/curation/evaluationset/").content.decode()

    assert "geography" in page
    assert "questions.csv" in page
    assert "1 of 2 rows, 1 without text" in page


def test_an_empty_list_says_how_to_register_one(console):
    page = console.get("/admin/curation/evaluationset/").content.decode()

    assert "python manage.py register_evaluation_set NAME FILE_OR_DIRECTORY --column question" in page


def upload(client, *, content=f"question,cost\n{QUESTION},1\n", file="questions.csv", **fields):
    return client.post(UPLOAD, {"name": "geography", "file": SimpleUploadedFile(file, content.encode()), **fields})


def test_a_file_is_registered_and_deleted(console, operator):
    assert console.get(reverse("admin:curation_evaluationset_register")).headers["Location"] == UPLOAD

    answer = upload(console, column="question, cost")

    found = EvaluationSet.objects.get()
    assert answer.headers["Location"] == LIST
    assert (found.name, found.source, found.columns) == ("geography", "questions.csv", ["question", "cost"])
    assert (found.texts, found.created_by) == (2, operator)
    page = console.get(LIST).content.decode()
    assert "geography is registered: 2 different texts." in page
    delete = reverse("admin:curation_evaluationset_remove", args=[found.pk])
    assert delete in page
    assert console.get(delete).status_code == 200
    assert EvaluationSet.objects.exists()
    console.post(delete, {"_form_submitted": True})
    assert not EvaluationSet.objects.exists()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "taken"}, "There is an evaluation set taken. Delete it first, or choose another name."),
        ({"content": ""}, "The submitted file is empty."),
        ({"content": "question\n\n \n"}, "None of the"),
        ({"content": "cost\n1\n"}, "Name the column of the texts; the file has cost."),
        ({"column": "answer"}, "has no column answer; it has cost, question."),
        ({"column": ",".join("abcdefghijk")}, "no more than 10 elements"),
        ({"file": "questions.parquet"}, "upload.parquet"),
        ({"file": "questions.txt"}, "upload.txt"),
    ],
)
def test_a_file_that_cannot_be_registered_is_rejected_with_the_reason(console, fields, message):
    EvaluationSetFactory(name="taken")

    answer = upload(console, **fields)

    assert message in html.unescape(answer.content.decode())
    assert EvaluationSet.objects.count() == 1


def test_registering_and_deleting_need_their_permissions():
    found = EvaluationSetFactory()
    delete = reverse("admin:curation_evaluationset_remove", args=[found.pk])
    reader = staff_with("view_evaluationset")

    assert reader.get(UPLOAD).status_code == upload(reader).status_code == 403
    assert reader.post(delete, {"_form_submitted": True}).status_code == 403
    assert delete not in reader.get(LIST).content.decode()
    assert list(EvaluationSet.objects.all()) == [found]

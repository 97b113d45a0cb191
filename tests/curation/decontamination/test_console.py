import pytest

from curation.decontamination import registering
from curation.decontamination.reading import EvaluationFile

pytestmark = pytest.mark.django_db


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

"""Rubrics in the console."""

import pytest
from django.urls import reverse

from feedback.models import RubricVersion
from feedback.rubrics import documents, versions
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
NEW = "admin:feedback_rubricversion_new"


@pytest.fixture(autouse=True)
def rubric():
    versions.install_shipped()
    return versions.find("tip-v1")


def test_the_page_of_a_rubric_shows_its_scales_and_tries_its_formula(console, rubric, django_assert_max_num_queries):
    page = reverse("admin:feedback_rubricversion_change", args=[rubric.pk])
    answers = "&".join(f"answer-{name}=5" for name in ("relevance", "actionability", "tone"))

    with django_assert_max_num_queries(12):
        shown = console.get(page).content.decode()
    tried = console.get(f"{page}?try=1&{answers}&answer-format_ok=on").content.decode()

    assert "relevance + actionability + tone + 2 * format_ok - overlong" in shown
    assert "2 to 17" in shown
    assert "Composite <strong>17</strong>, score <strong>1.000</strong>" in tried
    assert "relevance: An answer from 1 to 5 is missing." in console.get(f"{page}?try=1").content.decode().replace(
        "&#x27;", "'"
    )


def test_a_new_version_begins_as_a_copy_and_is_tried_before_it_is_stored(console, operator, rubric):
    copy = console.get(f"{reverse(NEW)}?from={rubric.pk}").context["form"].initial["document"]
    changed = copy.replace("2 * format_ok", "3 * format_ok")

    tried = console.post(reverse(NEW), {"document": changed, "try": "1"})
    assert "2 to 18" in tried.content.decode()
    assert RubricVersion.objects.count() == 2
    created = console.post(reverse(NEW), {"document": changed})

    found = versions.find("tip-v2")
    assert created.url == reverse("admin:feedback_rubricversion_change", args=[found.pk])
    assert (found.created_by, found.criteria) == (operator, rubric.criteria)
    again = console.post(reverse(NEW), {"document": changed})
    assert "tip-v2, the newest version, is the same." in again.content.decode()


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("name = ", "This is not valid TOML"),
        ('name = "x"\nformula = "eval(a)"\n[[criteria]]\nname = "a"', "formula: Position 1: eval is no function"),
    ],
)
def test_a_document_that_does_not_fit_says_why(console, document, message):
    answer = console.post(reverse(NEW), {"document": document})

    assert (answer.status_code, message in answer.content.decode()) == (400, True)


def test_a_rubric_is_downloaded_as_toml(console, rubric):
    answer = console.get(reverse("admin:feedback_rubricversion_file", args=[rubric.pk]))

    assert documents.as_document(documents.from_toml(answer.content.decode())) == documents.as_document(rubric)


def test_who_may_not_add_rubrics_gets_no_form(client):
    client.force_login(UserFactory(is_staff=True))

    assert client.get(reverse(NEW)).status_code == 403

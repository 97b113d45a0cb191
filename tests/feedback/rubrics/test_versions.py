"""Stored versions of rubrics."""

import pytest
from django.db import DatabaseError, transaction

from feedback.models import RubricVersion
from feedback.rubrics import documents, versions
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db
DOCUMENT = {"name": "brief", "criteria": [{"name": "clarity"}]}


def test_shipped_rubrics_are_installed_once():
    versions.install_shipped()
    versions.install_shipped()

    assert [found.label for found in RubricVersion.objects.newest()] == ["helpfulness-v1", "tip-v1"]
    assert versions.find("tip-v1").is_shipped


def test_a_change_is_the_next_version():
    user = StaffFactory()

    first = versions.create(DOCUMENT, by=user)
    second = versions.create(DOCUMENT | {"prompt": "Be strict."}, by=user)

    assert (first.label, second.label, second.created_by) == ("brief-v1", "brief-v2", user)
    assert versions.find("brief-v1").prompt == ""
    assert RubricVersion.objects.newest().named("brief").get() == second
    with pytest.raises(versions.SameRubric, match="brief-v2, the newest version, is the same."):
        versions.create(documents.as_document(second), by=user)


@pytest.mark.parametrize("label", ["tip", "tip-v2", "tip-v0", "tip-v01", "TIP-v1", "", "tip-v99999999999999999999"])
def test_an_unknown_label_is_named(label):
    with pytest.raises(versions.UnknownRubric):
        versions.find(label)


def test_a_version_is_read_only_but_its_author_may_be_deleted():
    user = StaffFactory()
    rubric = versions.create(DOCUMENT, by=user)

    with pytest.raises(DatabaseError, match="rubric brief-v1 is read-only"), transaction.atomic():
        RubricVersion.objects.filter(pk=rubric.pk).update(prompt="Another")
    user.delete()

    rubric.refresh_from_db()
    assert (rubric.created_by, rubric.prompt) == (None, "")

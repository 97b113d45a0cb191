"""DatasetRefs over the API: which set they name, what is answered, and what is no reference."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission

from curation.choices import CuratedSetStatus, Split
from exports.choices import ExportStatus
from feedback.access import keys
from feedback.choices import Scope
from feedback.models import Deployment
from tests.curation.factories import CuratedSetFactory
from tests.exports.factories import ExportBatchFactory, approved_set
from tests.factories import NOON, UserFactory

pytestmark = pytest.mark.django_db
PATH = "/api/v1/datasets/resolve"
REF = {"name": "helpdesk/answers", "provider": "crucible_feedback"}
PUBLISHED = {"status": ExportStatus.PUBLISHED, "published_at": NOON, "rows": 4, "bytes": 900, "sha256": "a" * 64}


@pytest.fixture
def answers():
    """Versions 1.0.0, 1.1.0 and 2.0.0 of the set answers; the newest has six rows."""
    approved_set([{}], name="answers", major=1)
    approved_set([{}, {}], name="answers", major=1, minor=1)
    rows = [*([{"split": Split.TRAIN}] * 4), {"split": Split.TEST}, {"queue_reason": "Unsure."}]
    return approved_set(rows, name="answers", major=2)


def resolve(api, **values):
    return api.post(PATH, REF | values, format="json")


def test_a_reference_is_answered_with_set_rows_hashes_and_exports(api, answers):
    published = ExportBatchFactory(curated_set=answers, format="jsonl", product="sft", **PUBLISHED)
    ExportBatchFactory(curated_set=answers, format="csv")
    ExportBatchFactory(curated_set=answers, format="parquet", files_deleted_at=NOON, **PUBLISHED)

    answer = resolve(api)

    assert answer.status_code == 200
    assert answer.json() == {
        "ref": {
            "name": "helpdesk/answers",
            "provider": "crucible_feedback",
            "split": "train",
            "options": None,
            "version": "2.0.0",
            "format": None,
            "schema": None,
        },
        "curated_set": answers.pk,
        "deployment_id": "helpdesk",
        "name": "answers",
        "version": "2.0.0",
        "status": "approved",
        "content_hash": "c" * 64,
        "sealed_hash": "",
        "rows": 4,
        "rows_by_split": {"train": 4, "validation": 0, "test": 1},
        "exports": [
            {
                "id": published.pk,
                "format": "jsonl",
                "product": "sft",
                "rows": 4,
                "bytes": 900,
                "sha256": "a" * 64,
                "published_at": "2026-05-04T12:00:00Z",
                "download": f"http://testserver/api/v1/exports/{published.pk}/download",
            }
        ],
    }


@pytest.mark.usefixtures("answers")
@pytest.mark.parametrize(
    ("values", "version", "rows"),
    [
        ({}, "2.0.0", 4),
        ({"version": None}, "2.0.0", 4),
        ({"version": "1.1.0"}, "1.1.0", 2),
        ({"version": "1.0.0"}, "1.0.0", 1),
        ({"split": "test"}, "2.0.0", 1),
        ({"split": "validation"}, "2.0.0", 0),
        ({"split": None}, "2.0.0", 5),
        ({"name": "answers", "options": {"deployment_id": "helpdesk", "limit": 3}}, "2.0.0", 4),
        ({"options": {"deployment_id": "helpdesk"}}, "2.0.0", 4),
        ({"unknown": 1}, "2.0.0", 4),
    ],
)
def test_version_and_split_are_chosen(api, values, version, rows):
    found = resolve(api, **values).json()

    assert (found["version"], found["rows"], found["ref"]["name"]) == (version, rows, "helpdesk/answers")
    assert found["ref"]["options"] == ({"limit": 3} if "limit" in values.get("options", {}) else None)
    again = api.post(PATH, found["ref"], format="json").json()
    assert again == found


def test_the_newest_approved_version_is_taken_and_a_superseded_one_by_its_number(api, answers):
    answers.status = CuratedSetStatus.SUPERSEDED
    answers.save(update_fields=["status"])
    CuratedSetFactory(name="answers", major=3)

    assert resolve(api).json()["version"] == "1.1.0"
    assert resolve(api, version="2.0.0").json()["status"] == "superseded"


def test_names_with_slashes_are_read_with_the_deployment_in_options(api):
    approved_set([{}], name="a/b", major=1)

    found = [resolve(api, name="helpdesk/a/b"), resolve(api, name="a/b", options={"deployment_id": "helpdesk"})]

    assert [answer.json()["ref"]["name"] for answer in found] == ["helpdesk/a/b"] * 2


@pytest.mark.parametrize(("wanted", "listed"), [(None, ["parquet", "jsonl"]), ("jsonl", ["jsonl"]), ("arrow", [])])
def test_exports_are_listed_newest_first_and_by_format(api, answers, wanted, listed):
    ExportBatchFactory(curated_set=answers, format="jsonl", **PUBLISHED)
    later = PUBLISHED | {"published_at": NOON + timedelta(hours=1)}
    ExportBatchFactory(curated_set=answers, format="parquet", **later)

    assert [export["format"] for export in resolve(api, format=wanted).json()["exports"]] == listed


@pytest.mark.usefixtures("answers")
@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        (
            {"provider": "huggingface"},
            "provider",
            "provider must be crucible_feedback; other providers are not resolved here",
        ),
        (
            {"name": "answers"},
            "name",
            "name must be DEPLOYMENT/SET, or the name of a set with deployment_id in options",
        ),
        (
            {"name": "helpdesk/"},
            "name",
            "name must be DEPLOYMENT/SET, or the name of a set with deployment_id in options",
        ),
        ({"name": None}, "name", "name must be DEPLOYMENT/SET, or the name of a set with deployment_id in options"),
        ({"name": "helpdesk/other"}, "name", "Deployment helpdesk has no approved set named other"),
        ({"name": "shop/answers"}, "name", "Deployment shop has no approved set named answers"),
        ({"name": "helpdesk/a\0b"}, "name", "name contains a NUL character or a lone surrogate"),
        ({"options": {"deployment_id": 5}}, "options", "deployment_id in options must be a text"),
        ({"split": "holdout"}, "split", "split must be one of train, validation, test, or null for all"),
        ({"version": "2.0"}, "version", "version must be x.y.z, or null for the newest approved version"),
        ({"version": "9.0.0"}, "version", "answers of helpdesk has no version 9.0.0; approved are 2.0.0, 1.1.0, 1.0.0"),
        ({"version": "99999999999.0.0"}, "version", "version must be x.y.z, or null for the newest approved version"),
        ({"format": "xml"}, "format", "format must be one of parquet, csv, jsonl, arrow"),
        ({"split": 5}, "", "No DatasetRef: Expected `str | null`, got `int` - at `$.split`"),
    ],
)
def test_what_names_no_approved_set_is_rejected_with_the_reason(api, values, field, message):
    answer = resolve(api, **values)

    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert (error["field"], error["message"]) == (field, message)


def test_a_version_that_is_not_approved_is_rejected(api):
    CuratedSetFactory(name="answers", major=3, examples=1)

    [error] = resolve(api, version="3.0.0").json()["errors"]

    assert error == {
        "field": "version",
        "code": "not_approved",
        "message": "Version 3.0.0 of answers is not approved: it is draft",
    }


def test_a_set_of_another_deployment_is_what_does_not_exist(api, operator, answers):
    approved_set([{}], name="answers", major=1, deployment=Deployment.objects.create(pk="shop"))
    _, secret = keys.create(operator, "shop", [Scope.READ], deployments=["shop"])
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")

    found = [resolve(api, name=name) for name in ("shop/answers", "helpdesk/answers", "helpdesk/none")]

    assert [answer.status_code for answer in found] == [200, 400, 400]
    messages = [answer.json()["errors"][0]["message"] for answer in found[1:]]
    assert [message.rsplit(" ", 1)[0] for message in messages] == ["Deployment helpdesk has no approved set named"] * 2


@pytest.mark.parametrize(
    ("permissions", "status", "exports"),
    [([], 403, None), (["view_curatedset"], 200, 0), (["view_curatedset", "view_exportbatch"], 200, 1)],
)
def test_a_reference_needs_the_permissions_to_view_sets_and_exports(api, answers, permissions, status, exports):
    ExportBatchFactory(curated_set=answers, **PUBLISHED)
    user = UserFactory()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    _, secret = keys.create(user, "plain", [Scope.READ])
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")

    answer = resolve(api)

    assert answer.status_code == status
    if status == 200:
        assert len(answer.json()["exports"]) == exports

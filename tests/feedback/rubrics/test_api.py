"""The API of rubrics."""

import pytest
from rest_framework.test import APIClient

from feedback.access import keys
from feedback.models import RubricVersion
from feedback.rubrics import versions
from tests.factories import ALL_SCOPES, StaffFactory

pytestmark = pytest.mark.django_db
DOCUMENT = {"name": "brief", "criteria": [{"name": "clarity"}], "flags": [{"name": "rude"}], "formula": "clarity-rude"}


def test_a_rubric_is_created_read_and_versioned(api):
    versions.install_shipped()

    created = api.post("/api/v1/rubrics", DOCUMENT, format="json")
    same = api.post("/api/v1/rubrics", DOCUMENT, format="json")
    changed = api.post("/api/v1/rubrics", DOCUMENT | {"prompt": "Be strict."}, format="json")

    assert (created.status_code, created.json()["label"]) == (201, "brief-v1")
    assert created.json()["composite"] == {"minimum": 0, "maximum": 5, "is_exact": True}
    assert (same.status_code, same.json()["errors"][0]["message"]) == (
        409,
        "brief-v1, the newest version, is the same.",
    )
    assert changed.json()["label"] == "brief-v2"
    assert api.get("/api/v1/rubrics/brief-v2").json() == changed.json()
    assert api.get("/api/v1/rubrics/brief-v3").status_code == 404
    assert [one["label"] for one in api.get("/api/v1/rubrics?name=brief").json()["results"]] == ["brief-v2", "brief-v1"]
    assert len(api.get("/api/v1/rubrics").json()["results"]) == 4


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        (
            DOCUMENT | {"formula": "open(clarity)"},
            "formula",
            "Position 1: open is no function; there are max, mean and min.",
        ),
        (DOCUMENT | {"criteria": []}, "criteria", "A rubric has at least one criterion."),
        (DOCUMENT | {"scale": 5}, "scale", "Unknown field."),
        ([DOCUMENT], "", "The body is not an object."),
    ],
)
def test_a_rubric_that_does_not_fit_is_not_stored(api, body, field, message):
    before = RubricVersion.objects.count()

    answer = api.post("/api/v1/rubrics", body, format="json")

    assert answer.status_code == 400
    assert [(error["field"], error["message"]) for error in answer.json()["errors"]] == [(field, message)]
    assert RubricVersion.objects.count() == before


def test_a_key_of_one_deployment_reads_rubrics_and_creates_none():
    versions.install_shipped()
    _, secret = keys.create(StaffFactory(), "limited", ALL_SCOPES, deployments=["helpdesk"])
    client = APIClient(headers={"Authorization": f"Bearer {secret}"})

    assert client.get("/api/v1/rubrics/tip-v1").status_code == 200
    assert client.post("/api/v1/rubrics", DOCUMENT, format="json").status_code == 403

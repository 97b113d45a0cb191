import pytest
from rest_framework.test import APIClient

from feedback.access import keys
from feedback.choices import Scope
from tests.factories import ALL_SCOPES, DeploymentFactory, StaffFactory


@pytest.mark.parametrize(("scopes", "status"), [([Scope.READ], 200), ([Scope.INGEST], 403)])
def test_a_key_reads_the_schema_within_its_scope(db, scopes, status):
    _, secret = keys.create(StaffFactory(), "schema", scopes)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")

    assert client.get("/api/schema/").status_code == status


def test_no_version_in_the_address_reaches_a_header(api):
    plain, odd = api.get("/api/schema/"), api.get("/api/schema/?version=%00")

    assert (odd.status_code, odd["Content-Disposition"]) == (200, plain["Content-Disposition"])


@pytest.mark.parametrize("path", ["/api/schema/", "/api/docs/"])
def test_only_staff_see_schema_and_documentation_in_a_browser(client, operator, settings, path):
    outside = client.get(path).status_code
    client.force_login(operator)

    assert (outside in {401, 403}, client.get(path).status_code) == (True, 200)


def test_every_operation_of_the_api_has_a_name_of_its_own(api):
    document = api.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()
    paths = {path: operations for path, operations in document["paths"].items() if path.startswith("/api/v1/")}
    names = [operation["operationId"] for operations in paths.values() for operation in operations.values()]

    assert [name for name in names if name.startswith("api_")] == []
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize(
    ("method", "path", "permission"),
    [
        ("patch", "deployments/helpdesk", "feedback.change_deployment"),
        ("put", "deployments/helpdesk/config", "feedback.change_deployment"),
        ("post", "deployments/helpdesk/drift", "drift.add_driftreport"),
        ("put", "deployments/helpdesk/baselines/normal", "drift.add_baseline"),
        ("post", "deployments/helpdesk/triggers/check", "drift.add_triggerevaluation"),
        ("patch", "deployments/helpdesk/triggers/rules", "drift.change_triggerrule"),
        ("post", "deployments/helpdesk/curated-sets", "curation.add_curatedset"),
        ("post", "exports", "exports.add_exportbatch"),
        ("post", "pipelines", "exports.add_pipelinerun"),
    ],
)
def test_a_missing_permission_is_reported_the_same_way_everywhere(db, method, path, permission):
    DeploymentFactory(id="helpdesk")
    _, secret = keys.create(StaffFactory(is_superuser=False), "plain", ALL_SCOPES)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")

    answer = getattr(client, method)(f"/api/v1/{path}", {}, format="json")

    message = f"The user of this API key lacks the permission {permission}."
    assert answer.status_code == 403
    assert answer.json() == {"errors": [{"field": "", "code": "permission_denied", "message": message}]}

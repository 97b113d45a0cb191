import pytest
from rest_framework.test import APIClient

from feedback.access import keys
from feedback.choices import Scope
from tests.factories import StaffFactory


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
def test_only_the_staff_sees_schema_and_documentation_in_a_browser(client, operator, settings, path):
    outside = client.get(path).status_code
    client.force_login(operator)

    assert (outside in {401, 403}, client.get(path).status_code) == (True, 200)

"""The key of a training run: what it is made of, and that no view opens to it by itself."""

import pytest
from django.db import IntegrityError
from rest_framework.test import APIClient

from feedback.access import keys
from feedback.choices import Scope
from feedback.models import ApiKey
from tests.factories import DeploymentFactory, StaffFactory

pytestmark = pytest.mark.django_db


def secret_of(key_id):
    return f"cf_secret of key {key_id}"


def of_run():
    return keys.create_for_run(StaffFactory(), "run 7", "helpdesk", secret_of)


def test_a_key_of_a_run_is_stored_as_a_hash_of_a_text_made_from_its_id():
    key = of_run()

    found = keys.find(secret_of(key.pk))
    assert found == key
    assert (found.scopes, found.deployments, found.may_create_deployments) == (["train"], ["helpdesk"], False)
    assert found.prefix == "cf_secre"
    assert keys.is_secret_of(found, secret_of(key.pk))
    assert not keys.is_secret_of(found, secret_of(key.pk + 1))


def test_a_revoked_key_has_no_secret():
    key = of_run()

    keys.revoke(key)

    key.refresh_from_db()
    assert not keys.is_secret_of(key, secret_of(key.pk))
    assert keys.find(secret_of(key.pk)) is None


def test_a_key_of_a_run_opens_nothing_that_does_not_name_it():
    DeploymentFactory(id="helpdesk")
    headers = {"Authorization": f"Bearer {secret_of(of_run().pk)}"}

    answer = APIClient().get("/api/v1/deployments/helpdesk", headers=headers)

    assert answer.status_code == 403
    assert answer.json()["errors"][0]["message"] == (
        "This API key may read and report its own training run and download its export, and nothing else."
    )


@pytest.mark.parametrize("scopes", [["train"], ["ingest", "train"]])
def test_no_user_makes_a_key_of_a_run(scopes):
    with pytest.raises(keys.InvalidKey, match="bound to one training run: it is made when the run starts"):
        keys.create(StaffFactory(), "trainer", scopes)

    assert not ApiKey.objects.exists()


def test_the_scope_train_stands_alone():
    key = of_run()

    with pytest.raises(IntegrityError, match="api_key_train_alone"):
        ApiKey.objects.filter(pk=key.pk).update(scopes=[Scope.READ, Scope.TRAIN])

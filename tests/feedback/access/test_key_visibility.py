"""A key that is limited to deployments sees nothing else."""

import uuid

import pytest
from rest_framework.test import APIClient

from curation.models import CuratedSet
from exports.models import ExportBatch
from feedback.access import keys
from feedback.models import ApiKey, Deployment
from tests.curation.factories import CuratedSetFactory
from tests.drift.factories import DriftReportFactory, TriggerEvaluationFactory
from tests.exports.factories import ExportBatchFactory, approved_set
from tests.factories import ALL_SCOPES, EventFactory
from tests.feedback.factories import IngestBatchFactory

V1 = "/api/v1"
EVENT = {"prompt": "How do I reset it?", "response": "Open the settings and follow it."}


@pytest.fixture
def limited(operator):
    """A client of the API with every scope, limited to these deployments."""

    def made(*deployments):
        _, secret = keys.create(operator, "limited", ALL_SCOPES, deployments=deployments)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return client

    return made


def fill(name):
    """One of everything in this deployment, as paths."""
    deployment, _ = Deployment.objects.get_or_create(pk=name)
    event = EventFactory(deployment_id=name)
    batch = IngestBatchFactory(deployment_id=name)
    report = DriftReportFactory(deployment=deployment)
    TriggerEvaluationFactory(deployment=deployment)
    curated_set = CuratedSetFactory(deployment=deployment, name="draft", examples=1)
    export = ExportBatchFactory(curated_set=approved_set([{}], deployment=deployment, name="approved"))
    below = ["", "/config", "/quality", "/drift", "/triggers", "/triggers/rules", "/triggers/firings", "/curated-sets"]
    return {
        *(f"{V1}/deployments/{name}{rest}" for rest in below),
        f"{V1}/events/{event.pk}",
        f"{V1}/batches/{batch.batch_id}",
        f"{V1}/drift-reports/{report.pk}",
        f"{V1}/curated-sets/{curated_set.pk}",
        f"{V1}/curated-sets/{curated_set.pk}/examples",
        f"{V1}/exports/{export.pk}",
    }


def test_every_object_of_another_deployment_is_not_found(api, limited):
    helpdesk, shop = fill("helpdesk"), fill("shop")
    client = limited("helpdesk")

    assert {path: api.get(path).status_code for path in helpdesk | shop} == dict.fromkeys(helpdesk | shop, 200)
    assert {path: client.get(path).status_code for path in helpdesk} == dict.fromkeys(helpdesk, 200)
    assert {path: client.get(path).status_code for path in shop} == dict.fromkeys(shop, 404)


def test_another_deployment_is_answered_as_if_it_did_not_exist(limited):
    fill("shop")
    client = limited("helpdesk")

    assert client.get(f"{V1}/deployments/shop").json() == client.get(f"{V1}/deployments/nowhere").json()
    hidden = client.get(f"{V1}/events", {"deployment_id": "shop"}).json()
    assert hidden == client.get(f"{V1}/events", {"deployment_id": "nowhere"}).json()
    assert hidden["results"] == []


@pytest.mark.parametrize(
    ("deployments", "seen"),
    [([], {"helpdesk", "shop", "bank"}), (["helpdesk"], {"helpdesk"}), (["helpdesk", "shop"], {"helpdesk", "shop"})],
)
def test_lists_leave_out_what_a_key_may_not_see(limited, deployments, seen):
    for name in ("helpdesk", "shop", "bank"):
        fill(name)
    client = limited(*deployments)

    def listed(path, field="deployment_id"):
        return sorted(row[field] for row in client.get(f"{V1}/{path}").json()["results"])

    assert listed("events") == sorted(seen)
    assert listed("exports") == sorted(seen)
    assert listed("deployments", "id") == sorted(seen)


def test_pages_of_events_hold_as_many_as_asked_for(limited):
    for name in ("helpdesk", "shop") * 3:
        EventFactory(deployment_id=name)
    client = limited("helpdesk")

    first = client.get(f"{V1}/events?page_size=2").json()
    second = client.get(first["next"]).json()

    assert [len(first["results"]), len(second["results"]), second["next"]] == [2, 1, None]


def test_nothing_of_another_deployment_can_be_started_or_decided(limited):
    fill("helpdesk")
    fill("shop")
    draft = CuratedSet.objects.get(deployment_id="shop", name="draft")
    approved = CuratedSet.objects.get(deployment_id="shop", name="approved")
    export = ExportBatch.objects.get(curated_set=approved)
    client = limited("helpdesk")

    calls = {
        "deployments/shop/drift": {},
        "deployments/shop/triggers/check": {},
        "deployments/shop/curated-sets": {"name": "mine"},
        f"curated-sets/{draft.pk}/submit": {},
        f"curated-sets/{draft.pk}/approve": {},
        f"curated-sets/{draft.pk}/reject": {"note": "No."},
        "exports": {"curated_set": approved.pk, "format": "preference_pairs"},
        f"exports/{export.pk}/approve": {},
    }
    statuses = {path: client.post(f"{V1}/{path}", body, format="json").status_code for path, body in calls.items()}

    assert statuses == dict.fromkeys(calls, 404)
    assert client.get(f"{V1}/exports/{export.pk}/download").status_code == 404
    assert client.patch(f"{V1}/deployments/shop", {"enabled": False}, format="json").status_code == 404
    assert CuratedSet.objects.get(pk=draft.pk).status == "draft"
    assert ExportBatch.objects.get(pk=export.pk).status == "requested"
    assert (CuratedSet.objects.count(), ExportBatch.objects.count()) == (4, 2)
    assert Deployment.objects.get(pk="shop").enabled


def test_a_hidden_set_and_a_missing_one_get_the_same_answer(limited):
    fill("shop")
    approved = CuratedSet.objects.get(name="approved")
    client = limited("helpdesk")

    hidden, absent = (
        client.post(f"{V1}/exports", {"curated_set": pk, "format": "jsonl"}, format="json") for pk in (approved.pk, 0)
    )

    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert hidden.json() == absent.json()


@pytest.mark.parametrize(
    ("deployments", "status"), [([], 200), (["helpdesk", "shop"], 200), (["helpdesk"], 404), (["bank"], 404)]
)
def test_a_request_is_shown_to_who_may_see_all_its_deployments(limited, deployments, status):
    batch_id = uuid.uuid4()
    for name in ("helpdesk", "shop", ""):
        IngestBatchFactory(batch_id=batch_id, deployment_id=name)

    assert limited(*deployments).get(f"{V1}/batches/{batch_id}").status_code == status


def test_a_request_without_a_deployment_is_shown_to_unlimited_keys_only(api, limited):
    batch = IngestBatchFactory(deployment_id="")

    assert [client.get(f"{V1}/batches/{batch.batch_id}").status_code for client in (api, limited("helpdesk"))] == [
        200,
        404,
    ]


def test_a_limited_key_sends_to_its_deployments_and_reads_its_own_request(limited, write_all):
    client = limited("helpdesk")
    body = {"events": [EVENT | {"deployment_id": "helpdesk"}, EVENT | {"deployment_id": "shop"}, {"prompt": 1}]}

    sent = client.post(f"{V1}/events", body, format="json")
    waiting = client.get(f"{V1}/batches/{sent.json()['batch_id']}")
    write_all()
    written = client.get(f"{V1}/batches/{sent.json()['batch_id']}")

    assert (sent.status_code, [item["index"] for item in sent.json()["rejected"]]) == (207, [1, 2])
    assert (waiting.status_code, waiting.json()["pending"]) == (200, 1)
    assert (written.status_code, written.json()["stored"], written.json()["invalid"]) == (200, 1, 2)
    assert list(Deployment.objects.values_list("pk", flat=True)) == ["helpdesk"]


@pytest.mark.parametrize(
    ("deployments", "asked", "seen"),
    [([], [], True), ([], ["shop"], True), (["helpdesk"], [], False), (["helpdesk"], ["helpdesk", "shop"], False)],
)
def test_a_key_sees_what_lies_within_its_deployments(deployments, asked, seen):
    assert ApiKey(deployments=deployments).sees(*asked) is seen

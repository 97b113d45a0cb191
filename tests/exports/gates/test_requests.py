"""A gate from request to verdict: consent, permissions, references and what it records."""

import pytest
from django.contrib.auth.models import Permission
from django.core.checks import run_checks
from django.urls import reverse

from curation.models import GoldenRow, GoldenUse
from exports import tasks
from exports.models import GateConsent, GateRun
from feedback.access import keys
from feedback.models import Deployment
from tests.curation.factories import GoldenRowFactory
from tests.exports.factories import TrainingRunFactory
from tests.exports.gates.conftest import ASKED, message_of
from tests.factories import ALL_SCOPES, DeploymentFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_candidate_that_people_agree_with_is_better(api, request_gate, golden_set, allowed, models, running_tasks):
    with running_tasks():
        requested = request_gate(**ASKED)

    assert requested.status_code == 201
    assert requested.data["status"] == "running"
    found = api.get(f"/api/v1/gates/{requested.data['id']}").json()
    assert found | {"details": None, "created_at": None, "completed_at": None, "interval": None} == {
        "id": requested.data["id"],
        "deployment_id": "helpdesk",
        "golden_set": golden_set.pk,
        "judge": None,
        "golden_name": golden_set.name,
        "training_run": None,
        "status": "completed",
        "verdict": "better",
        "sentence": found["sentence"],
        "metric": "exact_match",
        "references": 60,
        "n": 60,
        "difference": 1.0,
        "interval": None,
        "candidate": {"endpoint": "new", "model_version_id": "v2", "mean": 1.0, "outcomes": {"answered": 60}},
        "current": {"endpoint": "old", "model_version_id": "", "mean": 0.0, "outcomes": {"answered": 60}},
        "details": None,
        "tokens": 1_200,
        "token_budget": 2_000_000,
        "error": "",
        "requested_by": allowed.accepted_by.username,
        "created_at": None,
        "completed_at": None,
    }
    assert found["details"] == {
        "uses_before": 0,
        "prompts": 60,
        "candidate_wins": 60,
        "current_wins": 0,
        "ties": 0,
        "outcomes": {"candidate": {"answered": 60}, "current": {"answered": 60}},
        "uncorrected": {"candidate": 1.0, "current": 0.0},
        "references_from": {"other": {"rows": 60, "difference": 1.0}},
        "embedding": None,
        "budget_exhausted": False,
    }
    assert found["interval"] == [pytest.approx(0.9033, abs=1e-4), 1.0]
    assert found["sentence"] == (
        "The candidate is better: it scores 1.000 and the current model 0.000 on 60 references "
        "(difference +1.000, 95 % interval +0.903 to +1.000)."
    )
    assert list(GoldenUse.objects.values_list("name", "rows")) == [(f"gate {found['id']}", 60)]
    assert set(golden_set.rows.values_list("uses", flat=True)) == {1}


def test_swapped_models_are_worse_and_equal_ones_no_evidence(request_gate, allowed, models, running_tasks):
    with running_tasks():
        swapped = request_gate({"endpoint": "old"}, {"endpoint": "new"}).data["id"]
    models["old"].answer = models["new"].answer
    with running_tasks():
        equal = request_gate(**ASKED).data["id"]

    assert dict(GateRun.objects.values_list("pk", "verdict")) == {swapped: "worse", equal: "no_evidence"}
    gate = GateRun.objects.get(pk=equal)
    assert (gate.difference, gate.low, gate.high, gate.details["ties"], gate.reason) == (0, 0, 0, 60, "interval")
    assert gate.details["uses_before"] == 1


def test_without_consent_nothing_is_sent(api, request_gate, models, operator, running_tasks):
    with running_tasks():
        answer = request_gate(**ASKED)

    assert answer.status_code == 409
    assert message_of(answer).startswith("No user has accepted that masked texts of helpdesk are sent to endpoints")
    assert (GateRun.objects.count(), GoldenUse.objects.count()) == (0, 0)
    assert models["new"].asked == models["old"].asked == []


def test_consent_says_who_gave_it_and_is_withdrawn(api, operator, golden_set):
    address = "/api/v1/deployments/helpdesk/gate-consent"

    before, given = api.get(address), api.put(address)
    again = api.put(address)
    withdrawn = api.delete(address)

    assert before.data == {"accepted_by": None, "accepted_at": None}
    assert given.data["accepted_by"] == operator.username
    assert again.data == given.data
    assert withdrawn.status_code == 204
    assert not GateConsent.objects.exists()


@pytest.mark.parametrize("permission", ["add_gaterun", "add_gateconsent", "review_curatedset"])
def test_each_step_needs_its_permission(golden_set, client, models, allowed, permission):
    user = UserFactory()
    needed = ["add_gaterun", "add_gateconsent", "review_curatedset", "add_apikey"]
    user.user_permissions.set(Permission.objects.filter(codename__in=[name for name in needed if name != permission]))
    _, secret = keys.create(user, "plain", ALL_SCOPES)
    headers = {"Authorization": f"Bearer {secret}"}
    body = {"golden_set": golden_set.pk} | ASKED

    asked = client.post("/api/v1/gates", body, content_type="application/json", headers=headers)
    given = client.put("/api/v1/deployments/helpdesk/gate-consent", headers=headers)

    assert asked.status_code == (201 if permission == "add_gateconsent" else 403)
    assert given.status_code == (403 if permission == "add_gateconsent" else 200)
    assert GateRun.objects.count() == GoldenUse.objects.count() == (permission == "add_gateconsent")


@pytest.mark.parametrize(
    ("models_asked", "field", "code"),
    [
        (
            {"candidate": {"endpoint": "newest"}, "current": {"endpoint": "old"}},
            "candidate.endpoint",
            "unknown_endpoint",
        ),
        ({"candidate": {"endpoint": "new"}, "current": {"endpoint": "new"}}, "candidate.endpoint", "same_model"),
        ({"candidate": {"url": "http://127.0.0.1"}, "current": {}}, "candidate.url", "unknown_field"),
    ],
)
def test_a_request_that_is_wrong_names_the_field(request_gate, allowed, models, models_asked, field, code):
    answer = request_gate(**models_asked)

    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.data["errors"]] == [(field, code)]
    assert not GateRun.objects.exists()


def test_with_too_few_references_no_model_is_asked(request_gate, golden_set, allowed, models, running_tasks):
    GoldenRow.objects.filter(pk__in=golden_set.rows.values("pk")[:11]).delete()
    with running_tasks():
        answer = request_gate(**ASKED)

    assert (answer.data["status"], answer.data["verdict"], answer.data["n"]) == ("completed", "no_evidence", 0)
    assert answer.data["sentence"] == (
        "No evidence: the golden set has 49 references written by people, and a verdict needs at least 50."
    )
    assert models["new"].asked == []
    assert GoldenUse.objects.count() == 1


def test_rows_that_are_marked_later_do_not_take_part(request_gate, golden_set, allowed, models):
    gate_id = request_gate(**ASKED).data["id"]
    GoldenRowFactory(golden_set=golden_set)

    tasks.run_gate(gate_id)

    assert GateRun.objects.get().n == 60
    assert len(models["new"].asked) == 60


def test_the_metric_of_the_first_gate_stays(request_gate, golden_set):
    first = request_gate().data["metric"]
    golden_set.rows.update(reference="Open the page, choose Security and follow the link there.")

    assert (first, request_gate().data["metric"]) == ("exact_match", "exact_match")
    GateRun.objects.all().delete()
    assert request_gate().data["metric"] == "similarity"


def test_lists_are_newest_first(api, request_gate):
    made = [request_gate().data["id"] for _ in range(3)]

    assert [gate["id"] for gate in api.get("/api/v1/gates").data["results"]] == made[::-1]
    assert Deployment.objects.count() == 1


def test_a_gate_of_a_training_run_has_its_version(api, console, golden_set, allowed, models, running_tasks):
    run = TrainingRunFactory(deployment=golden_set.deployment, final_model_version="v7")
    body = {"golden_set": golden_set.pk, "candidate": {"endpoint": "new"}, "current": {"endpoint": "old"}}

    with running_tasks():
        of_run = api.post(f"/api/v1/training-runs/{run.pk}/gate", body, format="json")
        named = api.post("/api/v1/gates", body | {"training_run": run.pk}, format="json")

    assert (of_run.status_code, named.status_code) == (201, 201)
    assert of_run.data["candidate"]["model_version_id"] == named.data["candidate"]["model_version_id"] == "v7"
    assert list(run.gates.values_list("verdict", flat=True)) == ["better", "better"]
    listed = {number: api.get("/api/v1/gates", {"training_run": number}).data["results"] for number in (run.pk, 0)}
    assert [gate["id"] for gate in listed[run.pk]] == [named.data["id"], of_run.data["id"]]
    assert listed[0] == []
    page = console.get(reverse("admin:exports_trainingrun_change", args=[run.pk])).content.decode()
    assert reverse("admin:exports_gaterun_change", args=[named.data["id"]]) in page


def test_a_run_of_another_deployment_has_no_gate_with_the_set(api, golden_set):
    run = TrainingRunFactory(deployment=DeploymentFactory(id="shop"))
    body = {"golden_set": golden_set.pk, "candidate": {}, "current": {}}

    answer = api.post(f"/api/v1/training-runs/{run.pk}/gate", body, format="json")

    assert (answer.status_code, message_of(answer)) == (409, "The golden set is of helpdesk, the run of shop.")
    assert not GateRun.objects.exists()


def test_invalid_endpoints_are_reported(settings, request_gate):
    settings.LLM_ENDPOINTS = {"new": {"base_url": "ftp://x", "model": "m"}}

    answer = request_gate({"endpoint": "new"}, {})

    assert (answer.status_code, answer.data["errors"][0]["code"]) == (503, "unavailable")
    assert [error.id for error in run_checks() if error.id == "exports.E001"] == ["exports.E001"]

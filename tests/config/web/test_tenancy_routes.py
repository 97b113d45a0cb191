"""Pairs of deployments through every route: to a key of one, what the other has is what does not exist."""

import re
import uuid

import pytest
from django.test import Client

from curation.models import CuratedExample, CuratedSet
from drift.models import ArmComparison, Baseline, DriftReport, TriggerFiring, TriggerRule
from exports.models import DeploymentDeletion, ExportBatch, GateRun, PairwiseRun
from feedback.access import keys
from feedback.models import (
    Deployment,
    Event,
    IngestBatch,
    Judge,
    Judgement,
    Prompt,
    PromptVersion,
    RaisedFlag,
    RejectionReason,
    Signal,
)
from tests.config.web.test_routes import METHODS, VIEWS
from tests.curation.factories import CuratedSetFactory, GoldenSetFactory
from tests.drift.factories import ArmComparisonFactory, BaselineFactory, DriftReportFactory, TriggerFiringFactory
from tests.exports.factories import (
    ExportBatchFactory,
    GateRunFactory,
    PairwiseRunFactory,
    PipelineRunFactory,
    TrainingRunFactory,
    approved_set,
)
from tests.exports.pipelines.experiments import experiment
from tests.factories import ALL_SCOPES, NOON, DeploymentFactory, EventFactory, SignalFactory, StaffFactory
from tests.feedback.factories import IngestBatchFactory, PromptVersionFactory, RaisedFlagFactory, ReassessmentFactory

PAIRS = [("helpdesk", "shop"), ("shop", "helpdesk")]
MODELS = (
    ArmComparison,
    *(Baseline, CuratedExample, CuratedSet, Deployment, DriftReport, Event, ExportBatch, IngestBatch),
    *(
        GateRun,
        Judge,
        Judgement,
        PairwiseRun,
        Prompt,
        PromptVersion,
        RaisedFlag,
        RejectionReason,
        Signal,
        TriggerFiring,
        TriggerRule,
    ),
)
FIELDS = {model: [field.attname for field in model._meta.concrete_fields] for model in MODELS}
NUMBER = 987_654_321
# By the part of a path that comes before it, an id that no row has.
UNKNOWN = {
    **dict.fromkeys(("events", "batches", "examples"), "0f0e0d0c-0b0a-4908-8706-050403020100"),
    **dict.fromkeys(("drift-reports", "trigger-firings", "curated-sets", "rows", "exports", "erasures"), NUMBER),
    "evaluation-sets": NUMBER,
    "golden-sets": NUMBER,
    "gates": NUMBER,
    "pairwise-runs": NUMBER,
    "judges": NUMBER,
    "deployment-deletions": NUMBER,
    "training-runs": NUMBER,
    "pipelines": NUMBER,
    "reassessments": NUMBER,
    "flags": NUMBER,
    "comparisons": NUMBER,
    "deployments": "nowhere",
    "prompts": "nowhere",
}
OF_EVERY_DEPLOYMENT = ("erasures", "evaluation-sets")
# Every key reads them.
SHARED = "rubrics/"


def fill(name):
    """One of everything in this deployment, as ids by the part of the path that comes before them."""
    deployment = DeploymentFactory(id=name)
    event = EventFactory(deployment_id=name)
    SignalFactory(event_id=event.pk, deployment_id=name)
    BaselineFactory(deployment=deployment, name="normal")
    RejectionReason.objects.create(hour_at=NOON, kind="event", deployment_id=name, code="invalid", message="-", count=1)
    draft = CuratedSetFactory(deployment=deployment, name="draft", examples=1)
    return {
        "deployments": name,
        "events": event.pk,
        "reassessments": ReassessmentFactory(deployment_id=name).pk,
        "batches": IngestBatchFactory(deployment_id=name).batch_id,
        "comparisons": ArmComparisonFactory(deployment=deployment).pk,
        "drift-reports": DriftReportFactory(deployment=deployment).pk,
        "trigger-firings": TriggerFiringFactory(evaluation__deployment=deployment).pk,
        "curated-sets": draft.pk,
        "rows": draft.examples.get().pk,
        "examples": draft.examples.get().event_id,
        "exports": ExportBatchFactory(curated_set=approved_set([{}], deployment=deployment, name="approved")).pk,
        "erasures": NUMBER,
        "evaluation-sets": NUMBER,
        "golden-sets": (golden_set := GoldenSetFactory(deployment=deployment)).pk,
        "gates": GateRunFactory(golden_set=golden_set).pk,
        "pairwise-runs": (run := PairwiseRunFactory(judge__deployment_id=name, curated_set=draft)).pk,
        "judges": run.judge_id,
        "deployment-deletions": DeploymentDeletion.objects.create(deployment_id=name, requested_by=StaffFactory()).pk,
        "training-runs": TrainingRunFactory(deployment=deployment).pk,
        "pipelines": PipelineRunFactory(deployment=deployment).pk,
        "flags": RaisedFlagFactory(event_id=event.pk, deployment_id=name).pk,
        # A refusal may name the prompt that was asked for, as it may name the deployment.
        "prompts": PromptVersionFactory(prompt__deployment=deployment, prompt__name=name, label="normal").prompt.name,
    }


def address(route, ids):
    """The path with these ids; a second parameter of a path is a name."""
    path = re.sub(r"([\w-]+)/<\w+:\w+>", lambda found: f"{found[1]}/{ids.get(found[1], 'normal')}", route.path)
    return f"/{path}"


def bodies(ids):
    """Requests that name a row in their body."""
    event = {"id": str(uuid.uuid4()), "deployment_id": ids["deployments"], "prompt": "Where?", "response": "Here."}
    signal = {"id": event["id"], "event_id": str(ids["events"]), "type": "copy"}
    return [
        ("/api/v1/events", event),
        ("/api/v1/signals", signal),
        ("/api/v1/signals", signal | {"deployment_id": ids["deployments"]}),
        ("/api/v1/signals", {"external_id": "a", "deployment_id": ids["deployments"], "type": "copy"}),
        ("/api/v1/mask", {"text": "Where?", "deployment_id": ids["deployments"]}),
        ("/api/v1/prompts", {"deployment_id": ids["deployments"], "name": "tips"}),
        ("/api/v1/judges", {"deployment_id": ids["deployments"], "name": "a", "rubric": "tip-v1"}),
        ("/api/v1/gates", {"golden_set": ids["golden-sets"], "candidate": {}, "current": {}}),
        ("/api/v1/pairwise-runs", {"judge": ids["judges"], "source": "pairs", "curated_set": ids["curated-sets"]}),
        ("/api/v1/exports", {"curated_set": ids["curated-sets"], "format": "jsonl"}),
        ("/api/v1/pipelines", experiment("curate", metadata={"deployment_id": ids["deployments"]})),
    ]


def spelled(answer, ids):
    """The status and text of an answer, without the deployment that was asked for and the ids of the items sent."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "?", answer.getvalue().decode())
    return answer.status_code, text.replace(ids["deployments"], "?")


def rows():
    return {(model, row["pk"]): row for model in MODELS for row in model.objects.values("pk", *FIELDS[model])}


@pytest.mark.django_db
@pytest.mark.parametrize(("own", "other"), PAIRS)
def test_what_another_deployment_has_does_not_exist(own, other, write_all):
    ids = {name: fill(name) for name in (own, other)}
    _, secret = keys.create(StaffFactory(), "limited", ALL_SCOPES, deployments=[own])
    before = rows()

    def ask(method, path, body):
        headers = {"Authorization": f"Bearer {secret}"}
        return Client().generic(method, path, body, "application/json", headers=headers)

    different, found = [], []
    for route in (route for route in VIEWS if "<" in route.path and SHARED not in route.path):
        for method in (method for method in METHODS if method in route.view.scopes):
            foreign, unknown = (
                spelled(ask(method, address(route, which), b"{}"), which) for which in (ids[other], UNKNOWN)
            )
            different += [(method, route.path, foreign, unknown)] if foreign != unknown else []
            expected = 403 if any(name in route.path for name in OF_EVERY_DEPLOYMENT) else 404
            found += [(method, route.path, foreign)] if foreign[0] != expected else []
    for (path, foreign_body), (_, unknown_body) in zip(bodies(ids[other]), bodies(UNKNOWN), strict=True):
        foreign, unknown = (
            spelled(Client().post(path, body, "application/json", headers={"Authorization": f"Bearer {secret}"}), which)
            for body, which in ((foreign_body, ids[other]), (unknown_body, UNKNOWN))
        )
        different += [(path, foreign, unknown)] if foreign != unknown else []
    write_all()

    assert (different, found) == ([], [])
    after = rows()
    assert {key: after.get(key) for key in before} == before
    assert [row for key, row in after.items() if key not in before and other in row.values()] == []


@pytest.mark.django_db
@pytest.mark.parametrize(("own", "other"), PAIRS)
def test_no_list_of_one_deployment_names_another(own, other):
    ids = {name: fill(name) for name in (own, other)}
    _, secret = keys.create(StaffFactory(), "limited", ALL_SCOPES, deployments=[own])
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    hidden_paths = (*OF_EVERY_DEPLOYMENT, "schema")
    lists = [
        route
        for route in VIEWS
        if "GET" in getattr(route.view, "scopes", {}) and not any(name in route.path for name in hidden_paths)
        if SHARED not in route.path
    ]

    answers = {route.path: client.get(address(route, ids[own])) for route in lists}

    assert {answer.status_code for answer in answers.values()} <= {200, 409}
    hidden = [other, *(str(ids[other][name]) for name in ("events", "batches"))]
    named = [path for path, answer in answers.items() if any(text in answer.getvalue().decode() for text in hidden)]
    assert named == []

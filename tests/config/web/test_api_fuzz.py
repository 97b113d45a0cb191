"""Requests made up from the OpenAPI schema, valid and invalid, with a key of every scope: none is a server error."""

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from drift.reading import baselines
from exports.models import DeploymentDeletion, Erasure
from feedback.access import keys
from feedback.models import ToolRename
from tests.curation.factories import EvaluationSetFactory, GoldenSetFactory
from tests.drift.factories import ArmComparisonFactory, DriftReportFactory, TriggerFiringFactory, store_window
from tests.exports.factories import (
    ExportBatchFactory,
    GateRunFactory,
    PairwiseRunFactory,
    PipelineRunFactory,
    TrainingRunFactory,
    approved_set,
)
from tests.factories import ALL_SCOPES, NOON, DeploymentFactory, EventFactory
from tests.feedback.factories import IngestBatchFactory, PromptVersionFactory, RaisedFlagFactory

MAX_EXAMPLES = 10
MORE_ROUNDS = 10
MET = {200, 201, 202, 204, 207}
UUID = "5a1f0e3c-7a44-4a1c-9d0e-0d3f6f1f9a10"
NUMBER = 20_260_504
IDS = {
    "path.deployment_id": "helpdesk",
    "path.event_id": UUID,
    "path.batch_id": UUID,
    "path.comparison_id": NUMBER,
    "path.report_id": NUMBER,
    "path.id": NUMBER,
    "path.firing_id": NUMBER,
    "path.name": "release",
    "path.label": "v2",
    "query.deployment_id": "helpdesk",
    "body.revision": 1,
    "body.curated_set": NUMBER,
    "body.golden_set": NUMBER,
    "body.judge": NUMBER,
    "body.gate": NUMBER,
    "body.training_run": NUMBER,
    "query.against": NUMBER,
    "body.deployment_id": "helpdesk",
}
# Strategies with their shares and parameters, and inputs with a prompt, are seldom made up by chance, and the run may
# have ended.
SELDOM_MET = {
    "POST /api/v1/rubrics",
    "POST /api/v1/feedback-events",
    "PATCH /api/v1/training-runs/{id}",
    "POST /api/v1/training-runs/{id}/cancel",
    "POST /api/v1/deployments/{deployment_id}/curated-sets",
    "POST /api/v1/deployments/{deployment_id}/curated-sets/preview",
}
# Files of questions, names of stages and labels of rubrics are never made up. The set at hand is approved already, no
# worker writes the export, the report does not say what it read, the name of the tool is confirmed before it could be
# rejected, and the deployment is being deleted before versions of its prompts are.
# Whatever is sent to these fits their schema.
NEVER_INVALID = {"GET /metrics", "GET /api/v1/rubrics/{label}"}
UNMET = {
    "GET /api/v1/deployments/{deployment_id}/reassessments/{id}",
    "POST /api/v1/deployments/{deployment_id}/reassessments/{id}/cancel",
    "POST /api/v1/deployments/{deployment_id}/comparisons",
    "POST /api/v1/deployments/{deployment_id}/judgements/export",
    "PUT /api/v1/deployments/{deployment_id}/people-gold",
    "POST /api/v1/judges",
    "POST /api/v1/pairwise-runs",
    "DELETE /api/v1/prompts/{name}/versions/{label}",
    "GET /api/v1/rubrics/{label}",
    "POST /api/v1/events/{event_id}/human-scores",
    "POST /api/v1/datasets/resolve",
    "POST /api/v1/evaluation-sets",
    "POST /api/v1/pipelines",
    "POST /api/v1/deployments/{deployment_id}/tool-renames/{id}/reject",
    "POST /api/v1/drift-reports/{report_id}/accept",
    "GET /api/v1/curated-sets/{id}/release",
    "POST /api/v1/curated-sets/{id}/submit",
    "POST /api/v1/curated-sets/{id}/cancel",
    "POST /api/v1/curated-sets/{id}/approve",
    "POST /api/v1/curated-sets/{id}/reject",
    "POST /api/v1/curated-sets/{id}/examples",
    "POST /api/v1/curated-sets/{id}/rows/decide",
    "POST /api/v1/curated-sets/{id}/comparisons",
    "POST /api/v1/curated-sets/{id}/comparisons/next",
    "PATCH /api/v1/curated-sets/{id}",
    "POST /api/v1/curated-sets/{id}/rows/golden",
    "PATCH /api/v1/curated-sets/{id}/rows/{row_id}",
    "PATCH /api/v1/curated-sets/{id}/examples/{event_id}",
    "GET /api/v1/exports/{id}/download",
    "GET /api/v1/exports/{id}/manifest",
    "POST /api/v1/exports/{id}/link",
    "DELETE /api/v1/exports/{id}/files",
}


@pytest.fixture
def rows(transactional_db, operator):
    """One row of everything, under the ids that requests name."""
    store_window("helpdesk", start_at=NOON, prompt_lengths=[20])
    baselines.pin("helpdesk", "release", by=operator)
    EventFactory(pk=UUID)
    EvaluationSetFactory(pk=NUMBER)
    GateRunFactory(pk=NUMBER, golden_set=GoldenSetFactory(pk=NUMBER))
    IngestBatchFactory(batch_id=UUID)
    ArmComparisonFactory(pk=NUMBER, is_live=True)
    PairwiseRunFactory(pk=NUMBER, judge__pk=NUMBER)
    DriftReportFactory(pk=NUMBER)
    # Trainings that are recorded for the deployment close its firings.
    TriggerFiringFactory(pk=NUMBER, evaluation__deployment=DeploymentFactory(id="shop"))
    TrainingRunFactory(pk=NUMBER)
    PipelineRunFactory(pk=NUMBER)
    ExportBatchFactory(pk=NUMBER, curated_set=approved_set([{}], pk=NUMBER))
    Erasure.objects.create(pk=NUMBER, hashes=["a" * 64], requested_by=operator)
    RaisedFlagFactory(pk=NUMBER, event_id=UUID)
    prompt = PromptVersionFactory(prompt__name="release").prompt
    PromptVersionFactory(prompt=prompt, label="v2")
    ToolRename.objects.create(pk=NUMBER, deployment_id="helpdesk", old_name="a", new_name="b", similarity=0.8)
    DeploymentDeletion.objects.create(pk=NUMBER, deployment_id="gone", requested_by=operator)


@pytest.fixture
def described(rows, operator, api, write_all):
    """The schema; four of five requests that it makes up name a row that is there."""
    _, secret = keys.create(operator, "made up", ALL_SCOPES)
    config = {
        "headers": {"Authorization": f"Bearer {secret}"},
        "dictionaries": {name: {"values": [row]} for name, row in IDS.items()},
        "parameters": {name: {"dictionary": name, "probability": 0.8} for name in IDS},
    }
    document = api.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()
    schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(config))
    schema.app = get_wsgi_application()
    return schema


def answers_to(operation, mode, *, number=NUMBER):
    """The statuses of the answers to requests made up for one operation; number: which requests."""
    statuses = set()

    @seed(number)
    @settings(max_examples=MAX_EXAMPLES, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case):
        answer = case.call()
        statuses.add(answer.status_code)
        assert answer.status_code < 500, answer.text

    send()
    return statuses


def answers_until_met(operation):
    """The same of valid requests; more are made up until one is met, since few chances meet every optional field."""
    statuses = answers_to(operation, GenerationMode.POSITIVE)
    for number in range(NUMBER + 1, NUMBER + MORE_ROUNDS + 1):
        if statuses & MET or operation.label in UNMET | SELDOM_MET:
            break
        statuses |= answers_to(operation, GenerationMode.POSITIVE, number=number)
    return statuses


def test_no_valid_request_fails_the_server(described):
    # What is deleted is no longer there for the others.
    operations = [found.ok() for found in described.get_all_operations()]
    operations.sort(key=lambda operation: operation.method.upper() == "DELETE")

    answers = {operation.label: answers_until_met(operation) for operation in operations}

    unmet = {label for label, statuses in answers.items() if not statuses & MET}
    assert unmet - SELDOM_MET == UNMET


def test_no_invalid_request_fails_the_server(described):
    operations = [found.ok() for found in described.get_all_operations() if found.ok().label not in NEVER_INVALID]

    answers = {operation.label: answers_to(operation, GenerationMode.NEGATIVE) for operation in operations}

    assert [label for label, statuses in answers.items() if not statuses & {400, 404}] == []

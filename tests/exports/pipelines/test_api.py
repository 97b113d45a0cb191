"""A pipeline that is posted runs in workers, in the name of its user, and ends at the first error."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from curation.choices import CuratedSetStatus
from curation.models import CuratedSet
from curation.review import approval
from drift.models import DriftReport, TriggerEvaluation
from exports import tasks
from exports.batches.review import approval as export_approval
from exports.models import ExportBatch, PipelineRun, PipelineStage, TrainingRun
from exports.training import completing, runs
from feedback.models import JobLease
from tests.curation.factories import CuratedSetFactory
from tests.curation.voting import voted
from tests.exports.factories import approved_set
from tests.exports.pipelines.experiments import CHECK, PIPELINES, experiment
from tests.factories import DeploymentFactory

pytestmark = pytest.mark.django_db
CURATE = ("curate", {"strategies": ["high_quality"]})


@pytest.fixture(autouse=True)
def helpdesk():
    return DeploymentFactory(id="helpdesk")


def statuses(found):
    return [stage["status"] for stage in found["stages"]]


def test_a_request_is_accepted_and_workers_run_its_stages(api, post, sweep, operator):
    approved_set([{}])

    found = sweep(post(CHECK, "export_feedback", description="Every night")["id"])

    batch = ExportBatch.objects.get()
    assert (found["status"], found["error"], statuses(found)) == ("completed", "", ["completed", "completed"])
    assert (found["deployment_id"], found["experiment_id"]) == ("helpdesk", "nightly")
    assert found["requested_by"] == operator.username
    assert found["metrics"] == {"trigger_count": 0}
    assert found["artifacts"]["export_id"] == batch.pk
    assert found["artifacts"]["feedback_data_path"].endswith(batch.files[0]["path"])
    assert [stage["export"] for stage in found["stages"]] == [None, batch.pk]
    assert found["experiment"]["description"] == "Every night"
    assert found["stages"][0]["options"] == {"trigger_types": ["volume"]}
    [listed] = api.get(PIPELINES).json()["results"]
    assert listed == {name: found[name] for name in listed}
    assert not JobLease.objects.exists()


@pytest.mark.usefixtures("embedding")
def test_a_pipeline_waits_for_approval_and_goes_on(post, sweep, operator):
    voted(up=2)

    found = post(CURATE, "await_approval", "export_feedback")
    found = sweep(found["id"])
    made = CuratedSet.objects.get()
    waiting = sweep(found["id"])
    approval.approve(made.pk, by=operator)
    done = sweep(sweep(found["id"])["id"])

    assert (waiting["status"], statuses(waiting)) == ("waiting", ["completed", "waiting", "pending"])
    assert waiting["stages"][1]["message"] == f"{made} waits for approval."
    assert (done["status"], statuses(done)) == ("completed", ["completed"] * 3)
    assert done["artifacts"]["curated_set_id"] == made.pk
    assert (CuratedSet.objects.count(), ExportBatch.objects.get().curated_set_id) == (1, made.pk)


def test_a_pipeline_that_waits_holds_no_worker_and_is_not_queued_before_its_time(post, running_tasks):
    curated_set = CuratedSetFactory(status=CuratedSetStatus.IN_REVIEW)

    post(("await_approval", {"curated_set": curated_set.pk}))
    CuratedSet.objects.update(status=CuratedSetStatus.APPROVED)
    with running_tasks():
        tasks.sweep_pipelines()

    run = PipelineRun.objects.get()
    assert (run.status, JobLease.objects.count()) == ("waiting", 0)
    assert run.next_check_at > timezone.now()


@pytest.mark.usefixtures("embedding")
def test_each_sweep_continues_a_run_whose_job_is_done_or_whose_set_is_approved(post, sweep, operator):
    voted(up=2)
    ten_seconds = timedelta(seconds=10)

    begun = post(CHECK, "detect_drift", CURATE, "await_approval", "export_feedback")
    after_report = sweep(begun["id"], ten_seconds)
    after_set = sweep(begun["id"], ten_seconds)
    after_a_day = sweep(begun["id"], timedelta(days=1))
    approval.approve(CuratedSet.objects.get().pk, by=operator)
    after_approval = sweep(begun["id"], ten_seconds)
    after_file = sweep(begun["id"], ten_seconds)

    assert begun["stages"][1]["message"] == f"A worker computes drift report {DriftReport.objects.get().pk}."
    assert [statuses(found).count("completed") for found in (begun, after_report, after_set, after_a_day)] == [
        1,
        2,
        3,
        3,
    ]
    assert [statuses(found).count("completed") for found in (after_approval, after_file)] == [4, 5]


def test_a_rejected_set_fails_the_pipeline_with_the_reason(post, sweep, operator):
    curated_set = CuratedSetFactory(status=CuratedSetStatus.IN_REVIEW)
    found = post(("await_approval", {"curated_set": curated_set.pk}), "export_feedback")

    approval.reject(curated_set.pk, by=operator, note="Too small.")
    found = sweep(found["id"])

    reason = f"{curated_set} was rejected: Too small."
    assert (found["status"], statuses(found)) == ("failed", ["failed", "skipped"])
    assert (found["error"], found["stages"][0]["error"]) == (f"await_approval: {reason}", reason)


def test_an_export_that_needs_another_user_waits_for_its_approval(post, sweep, api_of, staff, operator):
    approved_set([{}])
    user = staff("exports.add_pipelinerun", "exports.add_exportbatch")

    found = post("export_feedback", client=api_of(user))
    batch = ExportBatch.objects.get()
    waiting = sweep(found["id"])
    export_approval.approve(batch.pk, by=operator)
    tasks.write_export(batch.pk)
    done = sweep(found["id"])

    assert (waiting["status"], waiting["stages"][0]["message"]) == ("waiting", f"{batch} waits for approval.")
    assert (done["status"], done["artifacts"]["export_id"]) == ("completed", batch.pk)


def test_a_rejected_export_fails_the_pipeline_with_the_reason(post, sweep, api_of, staff, operator):
    approved_set([{}])
    found = post("export_feedback", client=api_of(staff("exports.add_pipelinerun", "exports.add_exportbatch")))
    batch = ExportBatch.objects.get()

    export_approval.reject(batch.pk, by=operator, note="Not now.")
    found = sweep(found["id"])

    assert found["error"] == f"export_feedback: {batch} was rejected: Not now."


def test_the_first_error_ends_the_run(post):
    found = post(CHECK, "export_feedback", "await_approval")

    assert (found["status"], statuses(found)) == ("failed", ["completed", "failed", "skipped"])
    assert found["error"] == "export_feedback: helpdesk has no approved set to export."
    assert found["finished_at"] is not None
    assert not ExportBatch.objects.exists()


def test_a_disabled_stage_does_not_run(post):
    found = post({"name": "curate", "enabled": False}, {"name": "unknown", "enabled": False}, CHECK)

    assert (found["status"], statuses(found)) == ("completed", ["disabled", "disabled", "completed"])
    assert not CuratedSet.objects.exists()


def test_a_run_stops_where_no_trigger_fired(post):
    check = ("check_triggers", {"trigger_types": ["volume"], "stop_unless_triggered": True})

    found = post(check, "export_feedback")

    assert (found["status"], statuses(found)) == ("completed", ["completed", "skipped"])
    assert found["stages"][1]["message"] == "No trigger fired."


def test_drift_is_computed_by_a_worker_of_its_own(post, sweep):
    found = post(("check_triggers", {"trigger_types": ["drift"], "window_hours": 6}), "detect_drift")
    for _ in range(3):
        found = sweep(found["id"])

    first, second = DriftReport.objects.order_by("pk")
    assert (found["status"], statuses(found)) == ("completed", ["completed", "completed"])
    assert [stage["drift_report"] for stage in found["stages"]] == [first.pk, second.pk]
    assert TriggerEvaluation.objects.get().report == first
    assert found["artifacts"]["drift_verdict"] == "insufficient_data"


def test_a_training_is_awaited(post, sweep):
    approved_set([{}])
    found = post("export_feedback", "train")
    found = sweep(sweep(found["id"])["id"])
    run = TrainingRun.objects.get()
    completing.complete(run.pk, "v2", best_metrics={"loss": 0.5})

    done = sweep(found["id"])

    assert statuses(found) == ["completed", "waiting"]
    assert (done["status"], done["metrics"]) == ("completed", {"loss": 0.5})
    assert done["artifacts"]["model_version_id"] == "v2"
    assert done["stages"][1]["training_run"] == run.pk


def test_a_training_that_fails_fails_the_pipeline(post, sweep):
    found = post("train")

    runs.fail(TrainingRun.objects.get().pk, "Out of memory.")
    found = sweep(found["id"])

    assert found["error"] == f"train: {TrainingRun.objects.get()} did not complete. Out of memory."


@pytest.mark.parametrize(
    ("document", "field", "message"),
    [
        ([], "", "An experiment is a JSON object."),
        ({}, "", "Object missing required field `id`"),
        (experiment(), "", "pipeline must contain at least one stage"),
        (experiment(CHECK, id=""), "", "id must be non-empty atom"),
        (experiment(CHECK, backend=None), "", "backend is required"),
        (experiment({"name": None}), "", "pipeline stage name must be a non-nil atom"),
        (experiment("bench"), "pipeline.0.name", "Unknown stage bench. There are check_triggers, "),
        (experiment({"name": "x", "module": "A.B"}), "pipeline.0.name", "Unknown stage A.B."),
        (experiment({"name": "curate", "enabled": False}), "pipeline", "No stage of the pipeline is enabled."),
        (experiment(*["curate"] * 51), "pipeline", "A pipeline has at most 50 stages."),
        (
            experiment(CHECK, ("export_feedback", {"format": "xml"})),
            "pipeline.1.options.format",
            'format: expected one of ["jsonl", "parquet", "csv", ',
        ),
        (experiment(("curate", {"limit": 0})), "pipeline.0.options.limit", "limit: Ensure this value"),
        (experiment(CHECK, metadata=None), "pipeline.0.options.deployment_id", "No deployment. Give deployment_id"),
        (
            experiment(CHECK, ("curate", {"deployment_id": "shop"})),
            "pipeline.1.options.deployment_id",
            "All stages of a pipeline are about one deployment; these are about helpdesk and shop.",
        ),
    ],
)
def test_an_experiment_that_cannot_run_is_rejected(api, document, field, message):
    answer = api.post(PIPELINES, document, format="json")

    assert answer.status_code == 400
    error = answer.json()["errors"][0]
    assert error["field"] == field
    assert error["message"].startswith(message)
    assert not PipelineRun.objects.exists()


def test_a_cancelled_run_goes_no_further(api, post, sweep, operator):
    curated_set = CuratedSetFactory(status=CuratedSetStatus.IN_REVIEW)
    found = post(("await_approval", {"curated_set": curated_set.pk}), CHECK)

    cancelled = api.post(f"{PIPELINES}/{found['id']}/cancel")
    CuratedSet.objects.update(status=CuratedSetStatus.APPROVED)
    after = sweep(found["id"])

    assert (cancelled.status_code, cancelled.json()["cancelled_by"]) == (200, operator.username)
    assert (after["status"], statuses(after)) == ("cancelled", ["cancelled", "cancelled"])
    again = api.post(f"{PIPELINES}/{found['id']}/cancel")
    assert (again.status_code, again.json()["errors"][0]["message"]) == (
        409,
        "nightly of helpdesk is already cancelled.",
    )


def test_cancelling_needs_the_permission(api, api_of, staff):
    made = api.post(PIPELINES, experiment(CHECK), format="json").data["id"]

    assert api_of(staff()).post(f"{PIPELINES}/{made}/cancel").status_code == 403
    assert PipelineRun.objects.get().status == "pending"


def test_a_deployment_has_a_bounded_number_of_unfinished_pipelines(api):
    for _ in range(20):
        assert api.post(PIPELINES, experiment(CHECK), format="json").status_code == 202

    answer = api.post(PIPELINES, experiment(CHECK), format="json")

    assert answer.status_code == 409
    assert PipelineStage.objects.count() == 20


def test_an_unexpected_error_shows_its_type_and_no_row(api, post):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE drift_driftreport ADD CONSTRAINT no_reports CHECK (false)")

    with pytest.raises(IntegrityError, match="Failing row contains"):
        post("detect_drift")

    [found] = api.get(PIPELINES).json()["results"]
    shown = api.get(f"{PIPELINES}/{found['id']}").json()
    reason = "IntegrityError. See the log of the worker."
    assert (shown["error"], shown["stages"][0]["error"]) == (f"detect_drift: {reason}", reason)

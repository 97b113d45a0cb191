"""Stages run in Python without a server, describe themselves, and do what each of their options says."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from curation.choices import CuratedSetStatus
from curation.models import CuratedSet
from curation.review import approval
from drift.models import DriftReport, TriggerEvaluation, TriggerRule
from exports.models import GateRun, TrainingRun
from exports.pipelines import (
    STAGES,
    AwaitApproval,
    CheckTriggers,
    Curate,
    DetectDrift,
    Evaluate,
    ExportFeedback,
    StageFailed,
    StageWaits,
    Train,
)
from exports.training import completing
from tests.curation.factories import CuratedSetFactory, GoldenSetFactory
from tests.curation.voting import voted
from tests.drift.factories import DriftReportFactory, store_window
from tests.exports.factories import TrainingRunFactory, approved_set
from tests.exports.pipelines.experiments import context
from tests.factories import DeploymentFactory, StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def helpdesk(operator):
    return DeploymentFactory(id="helpdesk")


def test_the_descriptions_of_the_original_stages():
    exporting, checking = ExportFeedback.describe(), CheckTriggers.describe()

    assert (exporting["name"], exporting["required"]) == ("export_feedback", [])
    assert exporting["optional"] == ["format", "output_path", "filters"]
    assert exporting["types"]["format"]["enum"][:3] == ["jsonl", "parquet", "csv"]
    assert (exporting["types"]["output_path"], exporting["types"]["filters"]) == ("string", "map")
    assert (checking["name"], checking["required"]) == ("check_triggers", [])
    assert checking["optional"] == ["threshold", "window_hours", "trigger_types"]
    assert checking["types"] == {
        "threshold": "float",
        "window_hours": "integer",
        "trigger_types": {"list": {"enum": ["drift", "accuracy", "volume", "feedback"]}},
    }


@pytest.mark.parametrize("stage", STAGES.values(), ids=list(STAGES))
def test_every_stage_describes_itself(stage):
    found = stage.describe({})

    assert {"name", "description", "required", "optional", "types"} <= set(found)
    assert set(found["types"]) == {*found["required"], *found["optional"]}
    assert not set(found["required"]) & set(found["optional"])
    assert json.loads(json.dumps(found)) == found


def names(after):
    return [one["name"] for one in after.get_artifact("retrain_triggers")]


def test_a_check_puts_the_triggers_and_their_number(operator):
    DriftReportFactory(score=0.5, verdict="drifting", created_at=timezone.now())
    store_window("helpdesk", start_at=timezone.now(), prompt_lengths=[10] * 5, quality=[0.5] * 5)

    after = CheckTriggers.run(context(), {})

    assert after.get_artifact("retrain_triggers") == [
        {"trigger": name, "name": name} for name in ("drift_threshold", "quality_drop", "scheduled")
    ]
    assert after.metrics == {"trigger_count": 3}
    stored = TriggerEvaluation.objects.values_list("source", "asked_by__username").distinct()
    assert list(stored) == [("pipeline", operator.username)]


def test_a_trigger_in_its_cooldown_still_counts():
    store_window("helpdesk", start_at=timezone.now(), prompt_lengths=[10] * 5, quality=[0.5] * 5)
    CheckTriggers.run(context())

    assert "quality_drop" in names(CheckTriggers.run(context()))
    assert TriggerEvaluation.objects.filter(outcome="cooldown", name="quality_drop").count() == 1


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"trigger_types": ["drift"]}, ["drift_threshold"]),
        ({"trigger_types": ["accuracy"]}, ["quality_drop"]),
        ({"trigger_types": ["volume"]}, ["data_count"]),
        ({"trigger_types": ["feedback"]}, []),
        ({"trigger_types": ["drift", "accuracy"], "threshold": 0.6}, ["quality_drop"]),
        ({"trigger_types": ["drift", "accuracy"], "threshold": 0.4}, ["drift_threshold"]),
        ({"trigger_types": ["volume"], "threshold": 11.0}, []),
        ({"trigger_types": ["accuracy", "volume"], "window_hours": 24}, []),
        ({"trigger_types": ["accuracy", "volume"], "window_hours": 72}, ["quality_drop", "data_count"]),
    ],
)
def test_every_option_of_a_check_changes_what_it_finds(options, found):
    TriggerRule.objects.create(deployment_id="helpdesk", name="data_count", threshold=10)
    DriftReportFactory(score=0.5, verdict="drifting", created_at=timezone.now())
    before = timezone.now() - timedelta(hours=50)
    store_window("helpdesk", start_at=before, prompt_lengths=[10] * 10, quality=[0.5] * 10)

    assert names(CheckTriggers.run(context(), options)) == found


def test_a_check_may_stop_the_pipeline():
    after = CheckTriggers.run(context(), trigger_types=["feedback"], stop_unless_triggered=True)

    assert after.assigns["stopped"] == "No trigger fired."


EDIT = {"strategy": "user_edit", "response": "old", "edited_response": "new", "score": 10.0}


@pytest.mark.parametrize(
    ("stage", "options", "message"),
    [
        (ExportFeedback, {"format": "xml"}, 'format: expected one of ["jsonl", "parquet", "csv", '),
        (ExportFeedback, {"output_path": "../x"}, "output_path: Give a path below"),
        (ExportFeedback, {"filters": {"min_users": 0}}, "filters.min_users: Ensure this value is greater"),
        (ExportFeedback, {"format": "csv", "product": "kto", "turns": "last"}, "turns: Only the product sft"),
        (ExportFeedback, {"curated_set": 7}, "helpdesk has no curated set 7."),
        (ExportFeedback, {}, "helpdesk has no approved set to export."),
        (ExportFeedback, {"deployment_id": "shop"}, "There is no deployment shop."),
        (CheckTriggers, {"window_hours": 1.5}, "window_hours: expected integer, got 1.5"),
        (CheckTriggers, {"threshold": 2.0}, "threshold must be a score from 0 to 1."),
        (CheckTriggers, {"trigger_types": ["love"]}, "trigger_types: expected list of one of "),
        (Curate, {"limit": 0}, "limit: Ensure this value is greater than or equal to 1."),
        (DetectDrift, {"current": {"last_events": 5, "from": "x"}}, "current.from: "),
        (AwaitApproval, {}, "No curated set to approve"),
        (Train, {"export": 7}, "helpdesk has no export 7."),
        (Train, {"trainer": "nightly"}, "nightly is not a trainer of TRAINERS"),
        (Evaluate, {}, "missing required option: golden_set"),
        (Evaluate, {"golden_set": 7}, "helpdesk has no golden set 7."),
    ],
)
def test_what_cannot_be_done_is_explained(stage, options, message):
    with pytest.raises(StageFailed) as error:
        stage.run(context(), options)

    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("fields", "options", "artifacts", "found"),
    [
        ({"metadata": None}, {"deployment_id": "helpdesk"}, {}, True),
        ({"metadata": None}, {}, {"deployment_id": "helpdesk"}, True),
        ({"metadata": {"deployment_id": "helpdesk"}}, {}, {}, True),
        ({"metadata": None, "dataset": {"name": "x", "options": {"deployment_id": "helpdesk"}}}, {}, {}, True),
        ({"metadata": None, "dataset": {"name": "helpdesk/set", "provider": "crucible_feedback"}}, {}, {}, True),
        ({"metadata": None, "dataset": {"name": "helpdesk"}}, {}, {}, False),
        ({"metadata": None}, {}, {}, False),
    ],
)
def test_the_deployment_comes_from_options_artifact_metadata_or_dataset(fields, options, artifacts, found):
    asked = context(artifacts=artifacts, **fields)

    if found:
        assert CheckTriggers.run(asked, {**options, "trigger_types": ["volume"]}).metrics == {"trigger_count": 0}
    else:
        with pytest.raises(StageFailed, match=r"^No deployment\. Give deployment_id in the options"):
            CheckTriggers.run(asked, options)


@pytest.mark.parametrize("stage", [one for one in STAGES.values() if one.permissions], ids=lambda one: one.name)
def test_a_stage_needs_the_permission_of_its_user(stage):
    user = StaffFactory(is_superuser=False)

    with pytest.raises(StageFailed, match=f"lacks the permission {stage.permissions[0]}"):
        stage.run(context(user=user), {"golden_set": 1} if stage is Evaluate else {})

    assert not TriggerEvaluation.objects.exists()
    assert not CuratedSet.objects.exists()


def test_without_a_user_there_is_none_to_run_for(operator):
    operator.is_active = False
    operator.save()

    with pytest.raises(StageFailed, match="There is no user in whose name to run"):
        ExportFeedback.run(context())


def test_curate_builds_a_draft(embedding):
    voted(up=2)

    after = Curate.run(context(), limit=5, strategies=["high_quality"], seed=3)

    made = CuratedSet.objects.get()
    assert (made.name, made.status, made.limit, made.seed) == ("nightly", "draft", 5, 3)
    assert made.strategies == ["high_quality"]
    assert after.artifacts == {"deployment_id": "helpdesk", "curated_set_id": made.pk}
    assert after.metrics == {"curated_count": 1}


def test_curate_fails_without_an_example(embedding):
    with pytest.raises(StageFailed, match="Nothing to curate: none of the 0 events"):
        Curate.run(context())


def test_detect_drift_puts_the_verdict(settings, rng):
    settings.DRIFT_WINDOW = 150
    start_at = timezone.now() - timedelta(days=2)
    store_window("helpdesk", start_at=start_at, prompt_lengths=rng.integers(20, 40, 150))
    store_window("helpdesk", start_at=start_at + timedelta(days=1), prompt_lengths=rng.integers(60, 90, 150))

    after = DetectDrift.run(context())

    report = DriftReport.objects.get()
    assert after.artifacts == {"drift_report_id": report.pk, "drift_verdict": "drifting"}
    assert after.metrics == {"drift_score": 1.0}


def test_approval_is_awaited(operator):
    curated_set = CuratedSetFactory(status=CuratedSetStatus.IN_REVIEW)
    asked = context(artifacts={"curated_set_id": curated_set.pk})

    with pytest.raises(StageWaits, match="waits for approval"):
        AwaitApproval.run(asked)
    CuratedSet.objects.filter(pk=curated_set.pk).update(status=CuratedSetStatus.APPROVED)

    assert AwaitApproval.run(asked).get_artifact("curated_set_id") == curated_set.pk


def test_a_rejected_set_fails_with_the_reason(operator):
    curated_set = CuratedSetFactory(status=CuratedSetStatus.IN_REVIEW)
    approval.reject(curated_set.pk, by=operator, note="Too small.")

    with pytest.raises(StageFailed, match=r"was rejected: Too small\."):
        AwaitApproval.run(context(), curated_set=curated_set.pk)


def test_train_opens_a_run_and_waits_until_it_ends():
    approved_set([EDIT])
    asked = ExportFeedback.run(context())
    config = {"id": "c", "model_ref": {"id": "m"}, "dataset_ref": {"name": "d"}, "epochs": 2}

    with pytest.raises(StageWaits, match="is pending"):
        Train.run(asked, config=config)

    run = TrainingRun.objects.get()
    assert (run.batch_id, run.config["epochs"]) == (asked.get_artifact("export_id"), 2)
    completing.complete(run.pk, "v2")
    assert TrainingRun.objects.get().status == "completed"


def test_a_gate_compares_the_models_of_the_pipeline():
    golden_set, run = GoldenSetFactory(deployment_id="helpdesk"), TrainingRunFactory(final_model_version="v2")
    current = {"model_version_id": "v1"}

    after = Evaluate.run(context(artifacts={"training_run_id": run.pk}), golden_set=golden_set.pk, current=current)

    gate = GateRun.objects.get()
    assert (gate.training_run, gate.candidate_version, gate.current_version) == (run, "v2", "v1")
    assert (after.get_artifact("gate_id"), after.get_artifact("gate_verdict")) == (gate.pk, "no_evidence")


def test_a_gate_that_must_be_better_fails_the_pipeline():
    golden_set = GoldenSetFactory(deployment_id="helpdesk")

    with pytest.raises(StageFailed, match="No evidence: the golden set has 0 references"):
        Evaluate.run(context(), golden_set=golden_set.pk, fail_unless_better=True)

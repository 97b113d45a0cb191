"""A pipeline runs in this process from stage to stage, and goes on where it had to wait."""

import pytest

from curation.models import CuratedSet
from curation.review import approval
from exports import pipelines
from exports.models import ExportBatch
from exports.pipelines import PipelineFailed, PipelineWaits
from tests.curation.voting import voted
from tests.exports.factories import approved_set
from tests.exports.pipelines.experiments import context
from tests.factories import DeploymentFactory

pytestmark = pytest.mark.django_db
LIMITED = ("check_triggers", {"trigger_types": ["volume"]})


@pytest.fixture(autouse=True)
def helpdesk(operator):
    return DeploymentFactory(id="helpdesk")


def test_stages_run_in_order_and_hand_on_what_they_made():
    curated_set = approved_set([{}])

    after = pipelines.run(context(LIMITED, "export_feedback"))

    assert after.completed_stages() == ["check_triggers", "export_feedback"]
    assert after.metrics == {"trigger_count": 0}
    assert after.artifacts["retrain_triggers"] == []
    assert ExportBatch.objects.get().curated_set == curated_set


def test_a_stage_is_found_by_its_module():
    approved_set([{}])
    definition = {"name": "write", "module": "Elixir.CrucibleFeedback.Stages.ExportFeedback"}

    assert pipelines.run(context(definition)).completed_stages() == ["write"]


def test_a_disabled_stage_does_not_run():
    approved_set([{}])

    after = pipelines.run(context({"name": "check_triggers", "enabled": False}, "export_feedback"))

    assert after.completed_stages() == ["export_feedback"]


def test_the_first_error_ends_the_pipeline():
    with pytest.raises(PipelineFailed) as error:
        pipelines.run(context(LIMITED, "export_feedback", "await_approval"))

    assert (error.value.stage, error.value.reason) == ("export_feedback", "helpdesk has no approved set to export.")
    assert error.value.context.completed_stages() == ["check_triggers"]


def test_an_unknown_stage_is_an_error():
    with pytest.raises(PipelineFailed, match=r"^bench: Unknown stage bench\.$"):
        pipelines.run(context("bench"))


@pytest.mark.usefixtures("embedding")
def test_a_pipeline_goes_on_where_it_waited(operator):
    voted(up=2)

    with pytest.raises(PipelineWaits) as waits:
        pipelines.run(context(("curate", {"strategies": ["high_quality"]}), "await_approval", "export_feedback"))
    made = CuratedSet.objects.get()
    approval.approve(made.pk, by=operator)
    after = pipelines.run(waits.value.context)

    assert waits.value.stage == "await_approval"
    assert after.completed_stages() == ["curate", "await_approval", "export_feedback"]
    assert (CuratedSet.objects.count(), ExportBatch.objects.get().curated_set) == (1, made)


def test_an_export_that_waits_is_found_again(operator, staff):
    approved_set([{}])
    asked = context("export_feedback", user=staff("exports.add_exportbatch"))

    with pytest.raises(PipelineWaits) as waits:
        pipelines.run(asked)
    with pytest.raises(PipelineWaits) as again:
        pipelines.run(waits.value.context)

    assert ExportBatch.objects.count() == 1
    assert again.value.context.assigns["made"]["export"] == ExportBatch.objects.get()


def test_a_pipeline_stops_where_no_trigger_fired():
    approved_set([{}])
    check = ("check_triggers", {"trigger_types": ["volume"], "stop_unless_triggered": True})

    after = pipelines.run(context(check, "export_feedback"))

    assert after.completed_stages() == ["check_triggers"]
    assert not ExportBatch.objects.exists()

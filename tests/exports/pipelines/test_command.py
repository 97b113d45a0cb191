"""`manage.py run_pipeline` runs the pipeline of a document."""

import json

import pytest
from django.core.management import CommandError, call_command

from exports.models import ExportBatch, PipelineRun
from tests.exports.factories import approved_set
from tests.exports.pipelines.experiments import CHECK, experiment
from tests.factories import DeploymentFactory, StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(tmp_path, capsys, operator):
    """Run this document and return what is printed."""
    DeploymentFactory(id="helpdesk")

    def call(document, *arguments):
        path = tmp_path / "experiment.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        call_command("run_pipeline", str(path), *arguments)
        return capsys.readouterr().out

    return call


def test_the_stages_run_here_and_the_results_are_printed(run):
    approved_set([{}])

    printed = run(experiment(CHECK, ("export_feedback", {"output_path": "weekly"})))

    batch = ExportBatch.objects.get()
    assert printed.splitlines()[0] == "completed: check_triggers, export_feedback"
    assert f"  export_id: {batch.pk}" in printed
    assert "  trigger_count: 0" in printed
    assert batch.status == "published"
    assert not PipelineRun.objects.exists()


def test_a_pipeline_runs_in_the_name_of_a_user(run):
    approved_set([{}])
    user = StaffFactory(username="grace")

    run(experiment("export_feedback"), "--user", "grace")

    assert ExportBatch.objects.get().requested_by == user


@pytest.mark.parametrize(
    ("document", "arguments", "message"),
    [
        ("{", (), "is not valid JSON: "),
        ("[]", (), "An experiment is a JSON object."),
        (experiment("bench"), (), "pipeline.0.name: Unknown stage bench."),
        (experiment("export_feedback"), (), "export_feedback: helpdesk has no approved set to export."),
        (experiment("train"), (), "Nothing continues this run: post the experiment to have that."),
        (experiment("train"), ("--user", "grace"), "There is no active user grace."),
    ],
)
def test_what_cannot_run_is_an_error(run, document, arguments, message):
    with pytest.raises(CommandError) as error:
        run(document, *arguments)

    assert message in str(error.value)


def test_a_file_that_cannot_be_read_is_an_error(tmp_path):
    with pytest.raises(CommandError, match=r"cannot be read: No such file or directory\."):
        call_command("run_pipeline", str(tmp_path / "none.json"))

"""Runs in a real tracking server of MLflow."""

import json
import uuid
from pathlib import Path

import pytest

from exports.choices import RunStatus
from exports.training.adapters.mlflow import MlflowAdapter
from tests.exports.training import tracking
from tests.exports.training.cases import hand_off

pytestmark = pytest.mark.slow


@pytest.fixture
def adapter(tracking_server):
    return MlflowAdapter(tracking_server, str(uuid.uuid4()))


@pytest.fixture
def client(tracking_server):
    from mlflow import MlflowClient  # noqa: PLC0415 - only where MLflow is installed

    return MlflowClient(tracking_uri=tracking_server)


def the_run(adapter):
    [run] = tracking.runs(adapter.tracking_uri, adapter.experiment)
    return run


def test_a_run_has_the_configuration_the_tags_and_the_manifest(adapter, client, tmp_path):
    config = {"id": "c1", "epochs": 3, "learning_rate": 0.001, "seed": None, "options": {"rank": 8, "key": 2**70}}

    started = adapter.start(hand_off(7, folder=tmp_path, config=config))

    run = the_run(adapter)
    address = "http://127.0.0.1:8000/api/v1"
    assert run.data.params == {
        "id": "c1",
        "epochs": "3",
        "learning_rate": "0.001",
        "options": '{"rank":8,"key":1180591620717411303424}',
    }
    assert {name: value for name, value in run.data.tags.items() if name.startswith("crucible.")} == {
        "crucible.run_id": f"{address}/training-runs/7",
        "crucible.deployment": "helpdesk",
        "crucible.report_url": f"{address}/training-runs/7",
        "crucible.export_id": "3",
        "crucible.dataset_url": f"{address}/exports/3/download",
    }
    path = client.download_artifacts(run.info.run_id, "manifest.json", str(tmp_path))
    assert json.loads(Path(path).read_text()) == {"manifest_version": 1, "set": "helpdesk"}
    page = f"{adapter.tracking_uri}/#/experiments/{run.info.experiment_id}/runs/{run.info.run_id}"
    assert (started.status, started.external_url, run.info.status) == (RunStatus.PENDING, page, "SCHEDULED")


def test_what_the_trainer_writes_comes_back(adapter, client, tmp_path):
    handed_over = hand_off(7, folder=tmp_path)
    adapter.start(handed_over)
    run_id = the_run(adapter).info.run_id

    client.update_run(run_id, status="RUNNING")
    client.log_metric(run_id, "loss", 0.5, step=1)
    running = adapter.poll(handed_over)
    client.set_tag(run_id, "model_version", "bot-2.1.0")
    client.set_terminated(run_id)
    finished = adapter.poll(handed_over)

    assert (running.status, dict(running.metrics)) == (RunStatus.RUNNING, {"loss": 0.5})
    assert (finished.status, finished.model_version) == (RunStatus.COMPLETED, "bot-2.1.0")


@pytest.mark.parametrize(("status", "expected"), [("FAILED", RunStatus.FAILED), ("KILLED", RunStatus.CANCELLED)])
def test_an_end_without_a_model_is_seen(adapter, client, tmp_path, status, expected):
    handed_over = hand_off(7, folder=tmp_path)
    adapter.start(handed_over)

    client.set_terminated(the_run(adapter).info.run_id, status=status)

    assert adapter.poll(handed_over).status == expected


def test_a_run_that_was_deleted_there_has_failed(adapter, client, tmp_path):
    handed_over = hand_off(7, folder=tmp_path)
    adapter.start(handed_over)
    client.delete_run(the_run(adapter).info.run_id)

    observed = adapter.poll(handed_over)

    assert (observed.status, observed.error) == (RunStatus.FAILED, f"The run is no longer at {adapter.tracking_uri}.")

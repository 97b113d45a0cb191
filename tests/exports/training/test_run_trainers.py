"""`run_trainers` with real commands, killed at any moment."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import pytest
from django.conf import settings as project
from django.core.cache import cache
from django.db import connection

from config import doctor
from exports.models import TrainerCall, TrainingRun
from exports.training import runs
from exports.training.commands import wrapper
from exports.training.commands.folders import folder_of
from exports.training.handover.supervising import remove_folders
from feedback.models import Deployment
from tests.config.web import real_server
from tests.exports.factories import approved_set
from tests.exports.training.cases import eventually

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
# Reports one epoch, waits for a file beside its dataset, and reports its end.
TRAINER = """
import json, os, pathlib, sys, time, urllib.request
print("started", os.getpid(), flush=True)
def report(**facts):
    headers = {"Authorization": "Bearer " + os.environ["CRUCIBLE_KEY"], "Content-Type": "application/json"}
    url, body = os.environ["CRUCIBLE_REPORT_URL"], json.dumps(facts).encode()
    urllib.request.urlopen(urllib.request.Request(url, body, headers, method="PATCH"))
lines = pathlib.Path(os.environ["CRUCIBLE_DATASET"]).read_text().splitlines()
report(current_epoch=1, metrics={"rows": len(lines)})
go = pathlib.Path(sys.argv[1])
while not go.exists():
    time.sleep(0.02)
if go.read_text() == "report":
    report(status="completed", final_model_version="bot-2.0.0")
print("done", flush=True)
"""


@pytest.fixture
def go(tmp_path):
    """The file that the command waits for."""
    return tmp_path / "go"


@pytest.fixture
def installation(settings, tmp_path, go, monkeypatch):
    """A web server for reports, and the variables of `run_trainers`."""
    settings.TRAINING_FOLDER = tmp_path / "training"
    settings.TRAINERS = {"nightly": {"adapter": "command", "command": [sys.executable, "-c", TRAINER, str(go)]}}
    monkeypatch.setenv("EXPORT_URL", settings.EXPORT_URL)
    with real_server.serving(tmp_path) as (host, port):
        name = connection.settings_dict["NAME"]
        yield {
            "DATABASE_URL": urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl(),
            "REDIS_URL": settings.REDIS_URL,
            "TRAINERS": orjson.dumps(settings.TRAINERS).decode(),
            "TRAINING_FOLDER": str(settings.TRAINING_FOLDER),
            "PUBLIC_URL": f"http://{host}:{port}",
            "JOB_LEASE_SECONDS": "5",
        }
        for folder in Path(settings.TRAINING_FOLDER).glob("[0-9]*"):
            for process in folder_of(int(folder.name)).processes() or ():
                process.signal(signal.SIGKILL)


@contextmanager
def run_trainers(installation, folder):
    with (folder / "trainers.log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "run_trainers"],
            cwd=project.BASE_DIR,
            env=os.environ | installation,
            stdout=log,
            stderr=log,
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait()


@pytest.fixture
def run(operator, export):
    batch = export(approved_set([{}]))
    deployment = Deployment.objects.get(pk="helpdesk")
    return runs.open_run(deployment.pk, by=operator, batch=batch, trainer="nightly", config={"epochs": 1})


def state(run):
    run.refresh_from_db()
    return run.status, run.exit_code, run.final_model_version


def has_epoch(run):
    run.refresh_from_db()
    return run.metrics_history and run.process_id


def log_of(run):
    return folder_of(run.pk).log.read_text()


def test_a_command_trains_and_reports(installation, run, go, tmp_path):
    with run_trainers(installation, tmp_path):
        eventually(lambda: has_epoch(run), seconds=60)
        running = state(run)
        go.write_text("report")
        eventually(lambda: state(run)[1] is not None, seconds=30)

    assert running == ("running", None, "")
    assert state(run) == ("completed", 0, "bot-2.0.0")
    assert run.metrics_history == [{"epoch": 1, "rows": 1}]
    assert log_of(run) == f"started {run.process_id}\ndone\n"
    assert TrainerCall.objects.get().status == "delivered"
    assert run.key.revoked_at is not None


def test_a_command_that_reports_no_version_has_failed(installation, run, go, tmp_path):
    go.write_text("end")

    with run_trainers(installation, tmp_path):
        eventually(lambda: state(run)[1] is not None, seconds=60)

    assert state(run) == ("failed", 0, "")
    assert run.error_message.startswith("The trainer ended without a model version. Report one before it ends: PATCH")


@pytest.mark.parametrize("moment", ["attempted", "claimed", "running"])
def test_a_killed_run_trainers_adopts_its_command_and_starts_nothing_twice(installation, run, go, tmp_path, moment):
    reached = {
        "attempted": lambda: TrainerCall.objects.filter(attempts=1).exists(),
        "claimed": lambda: folder_of(run.pk).is_claimed,
        "running": lambda: has_epoch(run),
    }[moment]
    with run_trainers(installation, tmp_path) as first:
        eventually(reached, seconds=60)
        os.kill(first.pid, signal.SIGKILL)
        first.wait()

    with run_trainers(installation, tmp_path):
        eventually(lambda: has_epoch(run), seconds=60)
        pid = run.process_id
        go.write_text("report")
        eventually(lambda: state(run)[1] is not None, seconds=30)

    assert state(run) == ("completed", 0, "bot-2.0.0")
    assert log_of(run) == f"started {pid}\ndone\n"


def test_a_command_that_ends_while_run_trainers_is_away_keeps_its_exit_code(installation, run, go, tmp_path):
    with run_trainers(installation, tmp_path) as first:
        eventually(lambda: has_epoch(run), seconds=60)
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
    go.write_text("report")
    eventually(lambda: folder_of(run.pk).exit())

    with run_trainers(installation, tmp_path):
        eventually(lambda: state(run)[1] is not None, seconds=60)

    assert state(run) == ("completed", 0, "bot-2.0.0")


def test_a_killed_command_has_failed_with_its_signal(installation, run, tmp_path):
    with run_trainers(installation, tmp_path):
        eventually(lambda: has_epoch(run), seconds=60)
        assert wrapper.start_ticks(run.process_id) == run.process_started
        os.kill(run.process_id, signal.SIGKILL)
        eventually(lambda: state(run)[1] is not None, seconds=30)

    assert state(run) == ("failed", -9, "")
    assert run.error_message == "The command was ended by SIGKILL. Its log has its last output."


def test_a_cancelled_run_ends_its_command(installation, run, operator, tmp_path):
    with run_trainers(installation, tmp_path):
        eventually(lambda: has_epoch(run), seconds=60)
        runs.cancel(run.pk, by=operator)
        eventually(lambda: state(run)[1] is not None, seconds=30)

    assert state(run) == ("cancelled", -15, "")
    assert wrapper.start_ticks(run.process_id) is None


def test_a_second_run_trainers_is_refused_and_a_deleted_run_leaves_nothing(installation, run, tmp_path):
    with run_trainers(installation, tmp_path):
        eventually(lambda: has_epoch(run), seconds=60)
        command = [sys.executable, "manage.py", "run_trainers"]
        second = subprocess.run(
            command, cwd=project.BASE_DIR, env=os.environ | installation, capture_output=True, text=True, check=False
        )
        pid = run.process_id
    TrainingRun.objects.all().delete()
    remove_folders()

    assert second.returncode == 1
    assert "Another run_trainers uses" in second.stderr
    assert not folder_of(run.pk or 1).path.exists()
    eventually(lambda: wrapper.start_ticks(pid) is None)


def test_commands_without_run_trainers_are_a_finding(settings):
    cache.delete("run_trainers:heartbeat")
    settings.TRAINERS = {"nightly": {"adapter": "command", "command": ["train"]}}

    finding = doctor.trainer()

    assert finding.problem == "run_trainers is not running, so commands of trainers do not start: nightly."
    assert "manage.py run_trainers" in finding.advice

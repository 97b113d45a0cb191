"""Commands as trainers, with real processes."""

import json
import os
import resource
import signal
import subprocess
import sys
import time

import pytest

from exports.choices import RunStatus
from exports.training.adapters import command as module
from exports.training.adapters.base import TrainerFailed
from exports.training.adapters.command import CommandAdapter
from exports.training.commands import wrapper
from exports.training.commands.folders import folder_of
from tests.exports.training.cases import eventually, hand_off


@pytest.fixture(autouse=True)
def _training_folder(settings, tmp_path):
    settings.TRAINING_FOLDER = tmp_path / "training"


def run_to_its_end(adapter, handed_over):
    adapter.start(handed_over)
    return eventually(lambda: (found := adapter.poll(handed_over)).status != RunStatus.RUNNING and found)


def python(code, **options):
    return CommandAdapter((sys.executable, "-c", code), **options)


def log(run_id=7):
    return folder_of(run_id).log.read_bytes()


def test_a_command_gets_the_run_and_no_secret_of_the_installation(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "of the installation")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    adapter = python("import json, os; print(json.dumps(dict(os.environ)))", environment={"WANDB_MODE": "offline"})

    run_to_its_end(adapter, hand_off(7, folder=tmp_path, config={"epochs": 3}))

    seen = json.loads(log())
    assert {name: value for name, value in seen.items() if name.startswith("CRUCIBLE_")} == {
        "CRUCIBLE_RUN_ID": "7",
        "CRUCIBLE_DEPLOYMENT": "helpdesk",
        "CRUCIBLE_DATASET": str(tmp_path / "helpdesk.jsonl"),
        "CRUCIBLE_REPORT_URL": "http://127.0.0.1:8000/api/v1/training-runs/7",
        "CRUCIBLE_KEY": "cf_secret",
        "CRUCIBLE_CONFIG": '{"epochs": 3}',
    }
    assert (seen["WANDB_MODE"], seen["CUDA_VISIBLE_DEVICES"], seen["PATH"]) == ("offline", "1", os.environ["PATH"])
    assert not {"SECRET_KEY", "HASH_KEY", "DATABASE_URL", "REDIS_URL"} & set(seen)


@pytest.mark.parametrize(
    ("code", "options", "exit_code", "error"),
    [
        ("raise SystemExit(3)", {}, 3, "The command ended with exit code 3. Its log says why."),
        (
            "import os; os.kill(os.getpid(), 9)",
            {},
            -9,
            "The command was ended by SIGKILL. Its log has its last output.",
        ),
        (
            "import time; time.sleep(60)",
            {"timeout_seconds": 0.3},
            -15,
            "The command took longer than 0.3 s (timeout_seconds) and was stopped.",
        ),
    ],
)
def test_a_command_that_fails_says_how(tmp_path, code, options, exit_code, error):
    observed = run_to_its_end(python(code, **options), hand_off(7, folder=tmp_path))

    assert (observed.status, observed.exit_code, observed.error) == (RunStatus.FAILED, exit_code, error)


def test_a_command_that_ends_well_is_completed(tmp_path):
    observed = run_to_its_end(python("print('done')"), hand_off(7, folder=tmp_path))

    assert (observed.status, observed.exit_code, log()) == (RunStatus.COMPLETED, 0, b"done\n")


def test_a_program_that_is_absent_is_named(tmp_path):
    adapter = CommandAdapter(("no-such-program",))

    with pytest.raises(TrainerFailed) as failure:
        adapter.start(hand_off(7, folder=tmp_path))

    assert str(failure.value) == "The command could not be started: no-such-program: No such file or directory."
    assert not failure.value.is_temporary


@pytest.mark.parametrize("end", ["exit", "kill", "no start", "nothing known"])
def test_the_copy_of_the_export_is_removed_at_every_end(tmp_path, end):
    seconds = 60 if end == "kill" else 0
    adapter, handed_over = python(f"import time; time.sleep({seconds})"), hand_off(folder=tmp_path)
    copy = folder_of(7).dataset / "helpdesk.jsonl"
    copy.parent.mkdir(parents=True)
    copy.touch()

    if end == "no start":
        with pytest.raises(TrainerFailed):
            CommandAdapter(("no-such-program",)).start(handed_over)
    elif end != "nothing known":
        adapter.start(handed_over)
        assert copy.exists()
    if end == "kill":
        os.kill(folder_of(7).processes()[0].pid, signal.SIGKILL)
    if end != "no start":
        eventually(lambda: adapter.poll(handed_over).status != RunStatus.RUNNING)

    assert not copy.parent.exists()


def test_a_command_that_ignores_sigterm_is_killed_with_what_it_started(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.5)
    code = (
        "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "pid = os.fork(); print(os.getpid(), flush=True); time.sleep(60)"
    )
    adapter, handed_over = python(code), hand_off(7, folder=tmp_path)
    adapter.start(handed_over)
    pids = eventually(lambda: len(found := log().split()) == 2 and [int(pid) for pid in found])

    adapter.cancel(handed_over)

    ended = eventually(lambda: folder_of(7).exit())
    assert ended.code == -signal.SIGKILL
    eventually(lambda: [wrapper.start_ticks(pid) for pid in pids] == [None, None])


def test_the_end_of_a_long_output_is_kept_and_its_middle_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LOG_BYTES", 1_000)

    run_to_its_end(python("print('a' * 2_000_000); print('the last words')"), hand_off(7, folder=tmp_path))

    text = log()
    assert text[:1_000] == b"a" * 1_000
    assert b"[The log is full: further output is left out, except for its end.]" in text
    assert text.endswith(b"aaa\nthe last words\n")
    assert len(text) < 1_000 + 65_536 + 200


def test_a_full_disk_cuts_the_log_and_does_not_end_the_command(tmp_path):
    """The limit of a file stands for the disk."""
    limit = 1_000
    line = [sys.executable, wrapper.__file__, str(tmp_path), "--", sys.executable, "-c", "print('a' * 5_000)"]

    ended = subprocess.run(
        line, check=False, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    )

    facts = json.loads((tmp_path / "exit").read_text())
    assert (ended.returncode, facts["exit_code"], (tmp_path / "log").read_bytes()) == (0, 0, b"a" * limit)


def test_a_configuration_that_no_variable_holds_is_named(tmp_path):
    with pytest.raises(TrainerFailed) as failure:
        python("pass").start(hand_off(folder=tmp_path, config={"options": "x" * 200_000}))

    assert not failure.value.is_temporary
    assert str(failure.value) == (
        "The configuration has 200,015 bytes, too many for the variable CRUCIBLE_CONFIG. Make it smaller."
    )


def test_a_wrapper_that_finds_a_claimed_folder_starts_nothing(tmp_path):
    handed_over = hand_off(7, folder=tmp_path)
    path = folder_of(7).path
    path.mkdir(parents=True)
    (path / "claimed").touch()

    adapter = python("print('twice')")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "START_SECONDS", 0.2)
        with pytest.raises(TrainerFailed, match="it is not known whether it ran; it is not started twice"):
            adapter.start(handed_over)

    time.sleep(0.1)
    assert not folder_of(7).log.exists()


def test_a_command_whose_wrapper_is_killed_ends_with_it(tmp_path):
    adapter, handed_over = python("import time; time.sleep(60)"), hand_off(7, folder=tmp_path)
    adapter.start(handed_over)
    its_wrapper, command = folder_of(7).processes()

    os.kill(its_wrapper.pid, signal.SIGKILL)

    observed = eventually(lambda: (found := adapter.poll(handed_over)).status != RunStatus.RUNNING and found)
    assert observed.error.startswith("The command ended without an exit code")
    assert (observed.status, observed.exit_code) == (RunStatus.FAILED, None)
    eventually(lambda: not command.is_alive)


@pytest.mark.parametrize(
    ("options", "problems"),
    [
        ({}, []),
        ({"cwd": "models"}, ["cwd: write an absolute path."]),
        (
            {"environment": {"CRUCIBLE_KEY": "x"}},
            ["environment: CRUCIBLE_KEY is set by Crucible Feedback; choose a name without CRUCIBLE_."],
        ),
    ],
)
def test_settings_of_a_command_are_checked(options, problems):
    assert list(CommandAdapter(("train",), **options).validate()) == problems

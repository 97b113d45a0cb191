"""TRAINERS of the environment: what is wrong with an entry is said when a command starts."""

import importlib.util

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from exports.choices import RunStatus
from exports.training import trainers
from exports.training.adapters.base import Observed
from exports.training.adapters.command import CommandAdapter
from exports.training.adapters.webhook import WebhookAdapter
from tests.exports.training.cases import SECRET


class Stranger:
    """An adapter of another package."""

    is_supervised = False

    def __init__(self, queue: str):
        self.queue = queue

    def validate(self):
        return [] if self.queue else ["queue: name one."]

    def start(self, hand_off):
        return Observed(RunStatus.PENDING)

    def poll(self, hand_off):
        return None

    def cancel(self, hand_off):
        return None


STRANGER = f"{__name__}.Stranger"
KINDS = "command, webhook, mlflow"


def test_each_kind_of_trainer_is_made_of_its_entry(settings, monkeypatch):
    monkeypatch.setenv("TRAINER_SECRET_GPU", SECRET)
    settings.TRAINERS = {
        "nightly": {"adapter": "command", "command": ["python", "train.py"], "timeout_seconds": 7_200},
        "gpu": {"adapter": "webhook", "url": "https://gpu.example.org/train", "secret_env": "TRAINER_SECRET_GPU"},
        "queue": {"adapter": STRANGER, "queue": "trainings"},
    }

    assert list(trainers.problems()) == []
    assert trainers.names() == ["nightly", "gpu", "queue"]
    assert trainers.supervised() == ["nightly"]
    assert trainers.adapter("nightly") == CommandAdapter(("python", "train.py"), timeout_seconds=7_200)
    assert trainers.adapter("gpu") == WebhookAdapter("https://gpu.example.org/train", "TRAINER_SECRET_GPU")
    assert trainers.adapter("queue").queue == "trainings"


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("command", f"write an object with `adapter`: {KINDS}, or the dotted path of a class."),
        ({"command": ["train"]}, f"write an object with `adapter`: {KINDS}, or the dotted path of a class."),
        ({"adapter": "shell"}, f"shell is no adapter: write {KINDS}, or the dotted path of a class."),
        ({"adapter": "exports.nothing.Adapter"}, "No module named 'exports.nothing'."),
        ({"adapter": "exports.training.trainers.names"}, "exports.training.trainers.names is not a class."),
        ({"adapter": "command"}, "Object missing required field `command`."),
        ({"adapter": "command", "command": "train.py"}, "Expected `array`, got `str` - at `$.command`."),
        ({"adapter": "command", "command": []}, "Expected `array` of length >= 1 - at `$.command`."),
        ({"adapter": "command", "command": ["t"], "shell": True}, "Object contains unknown field `shell`."),
        ({"adapter": "command", "command": ["t"], "cwd": "models"}, "cwd: write an absolute path."),
        (
            {"adapter": "webhook", "url": "ftp://gpu", "secret_env": "TRAINER_SECRET_TEST"},
            "url: The URL must start with https:// or http:// and contain a host.",
        ),
        ({"adapter": STRANGER, "queue": ""}, "queue: name one."),
    ],
)
def test_a_wrong_entry_is_named_with_its_reason(settings, monkeypatch, entry, problem):
    monkeypatch.setenv("TRAINER_SECRET_TEST", SECRET)
    settings.TRAINERS = {"nightly": entry}

    assert list(trainers.problems()) == [f"TRAINERS, nightly: {problem}"]


@pytest.mark.parametrize(("secret", "what"), [("", "is not set"), ("short", "is not usable")])
def test_a_webhook_without_a_usable_secret_says_how_to_make_one(settings, monkeypatch, secret, what):
    monkeypatch.setenv("TRAINER_SECRET_TEST", secret)
    settings.TRAINERS = {
        "gpu": {"adapter": "webhook", "url": "https://gpu.example.org/", "secret_env": "TRAINER_SECRET_TEST"}
    }

    [problem] = trainers.problems()

    assert problem.startswith(f"TRAINERS, gpu: secret_env: the variable TRAINER_SECRET_TEST {what}.")
    assert "openssl rand -base64 32" in problem


def test_mlflow_needs_its_package_and_an_address(settings, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    settings.TRAINERS = {"experiments": {"adapter": "mlflow", "tracking_uri": "file:///runs"}}

    assert list(trainers.problems()) == [
        "TRAINERS, experiments: mlflow is not installed: install crucible-feedback[mlflow] for web and workers.",
        "TRAINERS, experiments: tracking_uri: write the address of a tracking server, http:// or https://.",
    ]


@pytest.mark.parametrize(("name", "is_valid"), [("a" * 64, True), ("a" * 65, False), ("", False), ("a\n", False)])
def test_a_name_is_short_and_printable(settings, name, is_valid):
    settings.TRAINERS = {name: {"adapter": "command", "command": ["train"]}}

    problems = [] if is_valid else ["TRAINERS: a name has 1 to 64 printable characters."]
    assert list(trainers.problems()) == problems


@pytest.mark.parametrize("given", [[], ["nightly"], "nightly", 3])
def test_trainers_are_an_object_by_name(settings, given):
    settings.TRAINERS = given

    assert [problem[:50] for problem in trainers.problems()] == ["TRAINERS must be a JSON object of trainers by name"]
    assert trainers.names() == []


def test_a_name_that_is_absent_lists_those_that_are_there(settings):
    settings.TRAINERS = {"nightly": {"adapter": "command", "command": ["train"]}}

    with pytest.raises(trainers.UnknownTrainer) as refused:
        trainers.adapter("weekly")

    assert str(refused.value) == "weekly is not a trainer of TRAINERS (known: nightly)."


def test_a_command_of_the_project_does_not_start_with_a_wrong_trainer(settings):
    settings.TRAINERS = {"nightly": {"adapter": "command"}}

    with pytest.raises(SystemCheckError, match="TRAINERS, nightly: Object missing required field `command`"):
        call_command("check")


@pytest.mark.parametrize(("url", "warnings"), [("http://crucible.example.org", 1), ("https://crucible.example.org", 0)])
def test_reports_are_not_sent_to_an_address_that_redirects(settings, capsys, url, warnings):
    settings.TRAINERS = {"nightly": {"adapter": "command", "command": ["train"]}}
    settings.HTTPS_ONLY, settings.PUBLIC_URL = True, url

    call_command("check")

    assert capsys.readouterr().err.count("PUBLIC_URL must start with https://") == warnings

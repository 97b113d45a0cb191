"""The container files name what exists: no engine runs here, so their words are checked against the code."""

import ast
import json
import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands

from config import doctor
from config.celery import app as celery

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
WORKERS = ("worker-ingest", "worker-drift", "worker-curation", "worker-export")
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
DOCKERFILE = (ROOT / "Dockerfile").read_text()
IMAGE_COMMAND = json.loads(re.search(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)[1])


def _command(service):
    return shlex.split(service["command"]) if "command" in service else IMAGE_COMMAND


def test_the_production_services_are_complete():
    assert set(OURS) == {"web", "writer", *WORKERS, "beat", "migrate"}
    assert set(SERVICES) - set(OURS) == {"postgres", "valkey", "clickhouse"}
    assert [name for name, service in SERVICES.items() if "profiles" in service] == ["clickhouse"]


@pytest.mark.parametrize("name", OURS)
def test_every_project_command_exists(name):
    match _command(OURS[name]):
        case ["python", "manage.py", command, *_]:
            assert command in get_commands()
        case ["celery", "-A", package, "worker" | "beat", *_]:
            assert import_module(package).celery_app is celery
        case ["gunicorn", "--config", path, *_, module]:
            assert (ROOT / path).is_file()
            assert callable(import_module(module).application)
        case other:
            pytest.fail(f"{name} runs {other}")


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_a_health_check_and_restarts(name):
    service = SERVICES[name]

    assert service["restart"] == ("on-failure:3" if name == "migrate" else "unless-stopped")
    assert ("healthcheck" in service) == (name != "migrate")
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}


@pytest.mark.parametrize(
    "name", [name for name in OURS if OURS[name].get("healthcheck", {}).get("test", [])[-2:-1] == ["-c"]]
)
def test_health_checks_in_python_use_what_exists(name):
    program = OURS[name]["healthcheck"]["test"][-1]

    ast.parse(program)
    assert [check for check in re.findall(r"doctor\.(\w+)\(", program) if not hasattr(doctor, check)] == []


def test_the_stream_persists_accepted_items():
    options = shlex.split(SERVICES["valkey"]["command"])
    given = dict(zip(options[1::2], options[2::2], strict=True))

    assert given["--appendonly"] == "yes"
    assert given["--appendfsync"] == "always"
    assert given["--maxmemory-policy"] == "noeviction"


def test_data_persists_in_volumes():
    mounts = {name: service["volumes"] for name, service in SERVICES.items() if "volumes" in service}

    # From version 18 the image keeps its data one level up from where it was before.
    assert mounts == {
        "web": ["exports:/exports"],
        "worker-export": ["exports:/exports"],
        "postgres": ["postgres:/var/lib/postgresql"],
        "valkey": ["valkey:/data"],
        "clickhouse": ["clickhouse:/var/lib/clickhouse"],
    }
    assert {mount.partition(":")[0] for found in mounts.values() for mount in found} == set(COMPOSE["volumes"])
    assert OURS["worker-export"]["environment"]["EXPORT_URL"] == "${EXPORT_URL:-file:///exports}"


def test_only_the_web_server_can_be_reached_and_only_from_this_machine():
    assert {name: s["ports"] for name, s in SERVICES.items() if "ports" in s} == {
        "web": ["127.0.0.1:${PORT:-8000}:8000"]
    }


@pytest.mark.parametrize("name", OURS)
def test_secrets_come_from_the_environment_file_and_four_eyes_is_on(name):
    assert OURS[name]["env_file"] == ".env"
    assert OURS[name]["environment"]["FOUR_EYES"] == "${FOUR_EYES:-true}"
    assert "USER crucible" in DOCKERFILE


def test_variables_given_to_our_services_are_documented():
    documented = (ROOT / "docs" / "configuration.md").read_text()

    given = {variable for service in OURS.values() for variable in service["environment"]}

    assert [variable for variable in given if f"| `{variable}` |" not in documented] == []


def test_the_image_excludes_private_and_generated_files():
    ignored = (ROOT / ".dockerignore").read_text().split()

    assert {".env", ".git", ".local", ".venv", "staticfiles"} <= set(ignored)

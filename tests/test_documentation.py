"""What the documents say of settings, commands and files is so."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from django.conf import global_settings
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("config", "exports", "curation", "drift", "feedback")
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
SETTINGS = (ROOT / "config" / "settings.py").read_text()


def _variables():
    """{variable: (name of the setting, node of its default or None)} for every call of env in the settings."""
    found = {}
    for node in ast.parse(SETTINGS).body:
        for call in ast.walk(node):
            if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("env."):
                default = next((keyword.value for keyword in call.keywords if keyword.arg == "default"), None)
                found[call.args[0].value] = node.targets[0].id, default
    return found


def _documented():
    """{variable: default} of every table of docs/configuration.md that has a column of variables."""
    rows = re.findall(r"^\| `([A-Z_]+)` \| (\S.*?) \|", (ROOT / "docs" / "configuration.md").read_text(), re.MULTILINE)
    assert len(dict(rows)) == len(rows)
    return {variable: default.strip("`") for variable, default in rows}


def test_configuration_documents_every_variable_and_no_other():
    composed = re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text())

    assert set(_documented()) == {*_variables(), *composed}


def test_documented_defaults_are_the_ones_in_the_settings():
    documented = _documented()
    defaults = {variable: default for variable, (_, default) in _variables().items()}

    # The one default that is not a constant holds the path of the checkout.
    assert isinstance(defaults.pop("EXPORT_URL"), ast.JoinedStr)
    assert {variable: documented[variable] for variable in defaults} == {
        variable: "none" if default is None else _as_written(default) for variable, default in defaults.items()
    }


def _as_written(default):
    value = eval(ast.unparse(default), {})  # A constant of the settings, perhaps written as 16 * 2**20.
    if isinstance(value, list | dict | str):
        return ",".join([value] if isinstance(value, str) else value) or "empty"
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_the_example_environment_names_every_variable_once():
    lines = (ROOT / ".env.example").read_text().splitlines()
    assigned = [found[1] for line in lines if (found := re.match(r"(?:# )?([A-Z_]+)=", line))]

    assert sorted(assigned) == sorted(_documented())


def test_every_setting_of_ours_is_used():
    program = "\n".join(path.read_text() for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    ours = {name for name, _ in _variables().values() if not hasattr(global_settings, name)}

    read_elsewhere = {name for name in ours if re.search(rf"settings\.{name}\b", program)}
    read_in_the_settings = {name for name in ours if re.search(rf"(?<!\")\b{name}\b(?!\"| = )", SETTINGS)}

    assert ours - read_elsewhere - read_in_the_settings == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documents_name_commands_and_files_that_exist(document):
    text = document.read_text()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    commands = set(re.findall(r"manage\.py ([a-z_]+)", text)) - set(get_commands())
    made = set(re.findall(r"`make ([a-z]+)", text)) - targets
    links = {link for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", text) if not (document.parent / link).exists()}

    assert (commands, made, links) == (set(), set(), set())


def test_decisions_name_every_dependency_and_no_other():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]

    listed = (ROOT / "docs" / "decisions.md").read_text().partition("## Dependencies")[2]
    runtime, development = listed.split("Development: ")
    named = re.findall(r"^- \d{4}-\d\d-\d\d: `([a-z0-9-]+)`", runtime, re.MULTILINE)
    named += re.findall(r"`([a-z0-9-]+)`", development)

    assert sorted(named) == sorted(re.match(r"[a-z0-9-]+", requirement)[0] for requirement in wanted)

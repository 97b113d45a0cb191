"""The shape of the code: what style and layering promise, checked."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import CheckConstraint, Q
from django.urls import URLPattern, get_resolver
from rest_framework.test import APIClient

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("config", "exports", "curation", "drift", "feedback")
OURS = [ROOT / "manage.py", *(path for room in (*ROOMS, "tests", "benchmarks") for path in (ROOT / room).rglob("*.py"))]
PROGRAM = [path for path in OURS if path.relative_to(ROOT).parts[0] in ROOMS]
TEMPLATES = list((ROOT / "templates").rglob("*.html"))

MAX_LINES = 300
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "services"}
KERNELS = (
    "feedback/conversations/**/*.py",
    "feedback/csv_cells.py",
    "feedback/evidence/*.py",
    "feedback/ir/*.py",
    "feedback/masking/**/*.py",
    "feedback/measures/*.py",
    "feedback/prompts/differences.py",
    "feedback/prompts/drafts.py",
    "feedback/prompts/filling.py",
    "feedback/prompts/rotation.py",
    "feedback/quality/*.py",
    "feedback/quality/checks/*.py",
    "feedback/quality/flags/*.py",
    "feedback/quality/profiles/*.py",
    "feedback/rollups/tally.py",
    "feedback/rubrics/*.py",
    "feedback/simulation/*.py",
    "feedback/signatures/*.py",
    "feedback/statistics/*.py",
    "feedback/stores/attaching.py",
    "feedback/tools/*.py",
    "feedback/webhooks/*.py",
    "drift/bench/*.py",
    "drift/crucible/detectors.py",
    "drift/crucible/parity.py",
    "drift/measures/*.py",
    "drift/reports/comparison.py",
    "drift/reports/drawings.py",
    "drift/reports/persistence.py",
    "drift/windows/*.py",
    "curation/decontamination/decontaminator.py",
    "curation/decontamination/grams.py",
    "curation/decontamination/signing.py",
    "curation/duplicates/near_*.py",
    "curation/duplicates/signed_rows.py",
    "curation/selecting/*.py",
    "curation/edits/*.py",
    "curation/splits/*.py",
    "curation/strategies/*.py",
    "exports/datasets/grouping.py",
    "exports/datasets/metrics.py",
    "exports/datasets/sampling.py",
    "exports/formats/*.py",
    "exports/products/*.py",
)
NOT_KERNELS = {
    "feedback/quality/assessment.py",
    "feedback/quality/chosen.py",
    "feedback/quality/own_checks.py",
    "feedback/rubrics/versions.py",
    "feedback/simulation/sending.py",
}
HEAVY = {"huggingface_hub", "s3fs", "sacrebleu", "scipy", "wordllama"}


def _name(path):
    return path.relative_to(ROOT).as_posix()


def _violations(paths, pattern):
    found = re.compile(pattern)
    return [
        f"{_name(path)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if found.search(line)
    ]


def test_no_file_is_longer_than_300_lines():
    lengths = {_name(path): len(path.read_text().splitlines()) for path in OURS if "migrations" not in path.parts}

    assert {name: lines for name, lines in lengths.items() if lines > MAX_LINES} == {}


def test_no_module_has_a_name_that_says_nothing():
    names = {_name(path): {*path.relative_to(ROOT).parts[:-1], path.stem} for path in OURS}

    assert [name for name, parts in names.items() if parts & VAGUE_NAMES] == []


@pytest.mark.parametrize("pattern", KERNELS)
def test_kernels_import_neither_django_nor_celery(pattern):
    kernels = [path for path in ROOT.glob(pattern) if _name(path) not in NOT_KERNELS]

    imported = {_name(path): sorted(_imported_packages(path) & {"django", "celery"}) for path in kernels}

    assert kernels
    assert {name: packages for name, packages in imported.items() if packages} == {}


def _imported_packages(path):
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names}


def test_the_web_process_loads_no_heavy_package():
    program = "import django, json, sys; django.setup(); import config.urls; print(json.dumps(list(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert HEAVY & set(json.loads(answer.stdout)) == set()


def test_no_signal_hides_what_a_save_does():
    assert _violations(PROGRAM, r"post_save|pre_save|post_delete|pre_delete|m2m_changed|@receiver") == []


STORED = {"Event", "Signal", "QualityScore", "Embedding"}
# Only the store reads and writes their tables. The admin is registered by model, which it asks for nothing.
KNOW_THE_TABLES = ("feedback/models/", "feedback/stores/postgres/")
REGISTER_ADMINS = {"feedback/admin/__init__.py", "curation/admin/__init__.py", "exports/admin/__init__.py"}


def _stored_models_imported(path):
    nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
    of_models = [node for node in nodes if (node.module or "").startswith("feedback.models")]
    return {alias.name for node in of_models for alias in node.names} & STORED


def test_events_are_read_and_written_through_the_store_only():
    others = [
        path for path in PROGRAM if not _name(path).startswith(KNOW_THE_TABLES) and "migrations" not in path.parts
    ]

    assert {_name(path) for path in others if _stored_models_imported(path)} == REGISTER_ADMINS
    assert _violations(others, rf"\b({'|'.join(STORED)})\.(objects|_default_manager|_base_manager)\b") == []
    assert (
        _violations(
            others, r"(?i)\b(from|into|update|join|table)\s+\"?feedback_(event|signal|qualityscore|embedding)\b"
        )
        == []
    )
    assert _violations(others, r"from feedback import (.*, )?models\b|import feedback\.models") == []


def test_no_text_is_marked_safe_but_by_the_sanitiser():
    others = [path for path in PROGRAM if _name(path) != "feedback/console/markdown.py"]

    assert _violations(others, r"mark_safe|SafeString") == []
    assert _violations(TEMPLATES, r"\|\s*safe\b|autoescape\s+off") == []


def test_templates_hold_no_inline_code_or_style():
    texts = {_name(path): path.read_text() for path in TEMPLATES}
    inline = re.compile(r"<script(?![^>]*\ssrc=)|\sstyle\s*=|\son[a-z]+\s*=|javascript:|<style", re.IGNORECASE)

    assert texts
    assert [(name, found.group()) for name, text in texts.items() for found in inline.finditer(text)] == []


def _choice_fields():
    for model in (model for room in ROOMS for model in _models(room)):
        for field in model._meta.fields:
            choices = getattr(getattr(field, "base_field", field), "choices", None)
            if choices:
                yield pytest.param(model, field, {value for value, _ in choices}, id=f"{model.__name__}.{field.name}")


def _models(room):
    return apps.get_app_config(room).get_models()


def _limits(condition):
    for child in condition.children:
        if isinstance(child, Q):
            yield from _limits(child)
        else:
            yield child


@pytest.mark.parametrize(("model", "field", "values"), list(_choice_fields()))
def test_every_field_with_choices_is_checked_by_the_database(model, field, values):
    checks = [
        limit for c in model._meta.constraints if isinstance(c, CheckConstraint) for limit in _limits(c.condition)
    ]

    allowed = [set(limit) for name, limit in checks if name in {f"{field.name}__in", f"{field.name}__contained_by"}]

    assert values in allowed


EXAMPLES = {
    "anyuuid": "0199aaaa-0000-7000-8000-000000000000",
    "int": "1",
    "str": "helpdesk",
    "deployment": "helpdesk",
    "promptlabel": "v1",
}


def _api_paths():
    """Every path of the API, with an example for each of its parameters."""
    paths = [f"/{path}" for path in _paths(get_resolver().url_patterns) if path.startswith("api/v1/")]
    return [re.sub(r"<(\w+):\w+>", lambda found: EXAMPLES[found[1]], path) for path in paths]


def _paths(patterns, before=""):
    for entry in patterns:
        path = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield path
        else:
            yield from _paths(entry.url_patterns, path)


@pytest.mark.parametrize("path", _api_paths())
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_the_api_answers_nobody_without_a_key(path, method):
    response = APIClient().generic(method, path, data=b"{}", content_type="application/json")

    message = "Authentication credentials were not provided."
    assert response.status_code == 401
    assert response.json() == {"errors": [{"field": "", "code": "not_authenticated", "message": message}]}


@pytest.mark.parametrize("module", ["benchmarks.ingestion", "benchmarks.attack"])
def test_a_benchmark_that_starts_servers_needs_no_models(module):
    loaded = subprocess.run([sys.executable, "-c", f"import {module}"], cwd=ROOT, capture_output=True, text=True)

    assert (loaded.returncode, loaded.stderr) == (0, "")

"""Public kernels say what they take and give, with an example that runs and types for everything."""

import ast
import doctest
import importlib
from pathlib import Path

import pytest

from feedback import masking

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = (
    "feedback/conversations",
    "feedback/conversations/dialects",
    "feedback/evidence",
    "feedback/ir",
    "feedback/signatures",
    "feedback/quality/flags",
    "feedback/statistics",
    "feedback/measures",
    "feedback/tools",
    "drift/bench",
    "drift/measures",
    "curation/selecting",
    "curation/edits",
    "curation/splits",
    "curation/strategies",
)
# Of packages that also hold what reads and writes the database.
MODULES = (
    "feedback/csv_cells.py",
    "curation/decontamination/decontaminator.py",
    "curation/decontamination/grams.py",
    "curation/decontamination/signing.py",
    "curation/duplicates/near_copies.py",
    "curation/duplicates/near_pairs.py",
    "curation/duplicates/signed_rows.py",
    "exports/datasets/grouping.py",
    "exports/datasets/metrics.py",
    "exports/datasets/sampling.py",
    "exports/gates/comparing.py",
    "exports/gates/scoring.py",
)
KERNELS = sorted(path for package in PACKAGES for path in (ROOT / package).glob("*.py") if path.stem != "__init__")
KERNELS += [ROOT / module for module in MODULES]
# Of masking, what its package exports.
MASKING = sorted(path for path in (ROOT / "feedback/masking").rglob("*.py"))


def _public(path):
    names = set(masking.__all__) if path in MASKING else None
    for node in ast.parse(path.read_text()).body:
        is_definition = isinstance(node, ast.FunctionDef | ast.ClassDef)
        if is_definition and not node.name.startswith("_") and (names is None or node.name in names):
            yield path, node


def _functions():
    return [
        pytest.param(node, id=f"{path.relative_to(ROOT)}::{node.name}")
        for kernel in (*KERNELS, *MASKING)
        for path, node in _public(kernel)
        if isinstance(node, ast.FunctionDef)
    ]


def _classes():
    return [node for kernel in (*KERNELS, *MASKING) for _, node in _public(kernel) if isinstance(node, ast.ClassDef)]


def _has_section(docstring, heading):
    return f"\n\n{heading}\n{'-' * len(heading)}\n" in docstring


@pytest.mark.parametrize("function", _functions())
def test_every_public_kernel_states_what_it_takes_or_gives_with_an_example(function):
    docstring = ast.get_docstring(function) or ""

    assert _has_section(docstring, "Parameters") or _has_section(docstring, "Returns")
    assert _has_section(docstring, "Examples")
    assert ">>> " in docstring


@pytest.mark.parametrize("function", _functions())
def test_every_public_kernel_is_annotated_completely(function):
    parameters = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    parameters += [one for one in (function.args.vararg, function.args.kwarg) if one]

    assert [parameter.arg for parameter in parameters if parameter.annotation is None] == []
    assert function.returns is not None


def test_every_public_class_of_kernels_has_a_docstring():
    assert [node.name for node in _classes() if not ast.get_docstring(node)] == []


@pytest.mark.parametrize("path", [*KERNELS, *MASKING], ids=lambda path: str(path.relative_to(ROOT)))
def test_examples_of_kernels_give_what_they_show(path):
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")

    result = doctest.testmod(importlib.import_module(name))

    assert result.failed == 0

"""docs/ir.md lists every structure, field, default and known value."""

import json
import re
from enum import StrEnum
from pathlib import Path

import msgspec
import pytest

from feedback import ir
from feedback.ir import choices

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "ir.md").read_text()
KNOWN = [
    value
    for value in vars(choices).values()
    if isinstance(value, type) and issubclass(value, StrEnum) and value is not StrEnum
]


def _rows(name):
    section = PAGE.partition(f"\n### {name}\n")[2].partition("\n### ")[0]
    return re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|([^|]*)\|$", section, re.MULTILINE)


@pytest.mark.parametrize("kind", ir.STRUCTURES, ids=lambda kind: kind.__name__)
def test_the_page_lists_the_fields_of_a_structure_with_their_defaults(kind):
    documented = {name: default.strip("`") for name, _, default, _ in _rows(kind.__name__)}

    assert documented == {field.name: _default(field) for field in msgspec.structs.fields(kind)}


def _default(field):
    if field.required:
        return "required"
    return json.dumps(field.default_factory() if field.default is msgspec.NODEFAULT else field.default)


@pytest.mark.parametrize("values", KNOWN, ids=lambda values: values.__name__)
def test_the_page_lists_the_known_values_of_a_field(values):
    structure, field = re.match(r"Values of (\w+)\.(\w+)", values.__doc__).groups()

    [known] = [known.strip() for name, _, _, known in _rows(structure) if name == field]

    assert known.removesuffix("; no others") == ", ".join(values)
    assert known.endswith("no others") == ("there are no others" in values.__doc__)

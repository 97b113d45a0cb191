"""docs/export-formats.md shows what exports hold."""

import json
import re
from pathlib import Path
from types import SimpleNamespace

from curation.choices import Strategy
from exports.batches.encodings import ENCODINGS
from exports.choices import ExportFormat, LeftOut, Profile, Turns
from exports.products import PRODUCTS
from exports.products.base import Options

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "export-formats.md").read_text()
FIELDS = {
    "prompt": "How do I reset my password?",
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "How do I reset my password?"},
        {"role": "assistant", "content": "Ask an administrator."},
    ],
    "response": "Ask an administrator.",
    "edited_response": "Click “Forgot password”.",
    "queue_reason": "",
    "curated_set": SimpleNamespace(has_pair_rows=False),
    "score": 10.0,
    "event_id": "0199aaaa-0000-7000-8000-000000000000",
}
EDIT = SimpleNamespace(strategy=Strategy.USER_EDIT, **FIELDS)
HARD = SimpleNamespace(strategy=Strategy.HARD_EXAMPLE, **FIELDS)


def table(first_column):
    """The rows of the table whose first column has this name, each a list of cells without back quotes."""
    body = re.search(rf"^\| {first_column} \|.*\n\|---.*\n((?:\|.*\n)+)", DOCUMENT, re.MULTILINE)[1]
    return [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in body.splitlines()]


def records(product, options):
    """Those of the edited example in JSON Lines; of a product for hard examples, those of a hard one."""
    found = [ENCODINGS[ExportFormat.JSONL].records(product, given, options) for given in (EDIT, HARD)]
    return next(one for one in found if not isinstance(one, LeftOut))


def test_every_export_format_is_documented_with_its_products():
    documented = {row[0]: row[1].split(", ") for row in table("Export format")}

    assert documented == {name: [product.name for product in one.products] for name, one in ENCODINGS.items()}


def test_the_documented_rows_are_those_of_the_example_in_every_product_and_profile():
    of_sets = DOCUMENT.partition("\n## Events\n")[0]
    shown = [json.loads(block.replace("\n", "")) for block in re.findall(r"```json\n(.*?)```", of_sets, re.DOTALL)]

    expected = [
        row
        for profile in Profile
        for product in PRODUCTS.values()
        for turns in Turns
        if profile in product.profiles and (turns == Turns.ALL or (product.name, profile) == ("sft", Profile.DEFAULT))
        for row in records(product, Options(profile, turns=turns))
    ]

    assert [json.dumps(row) for row in shown] == [json.dumps(row) for row in expected]


def test_every_reason_for_exclusion_is_documented():
    assert {row[0] for row in table("Reason")} == set(LeftOut.values)

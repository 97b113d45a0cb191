"""docs/export-formats.md shows what exports hold."""

import json
import re
import uuid
from pathlib import Path
from types import SimpleNamespace

from curation.choices import PairSource, Strategy
from curation.models import CuratedPair
from exports.batches import storage
from exports.batches.encodings import ENCODINGS
from exports.choices import LeftOut, Profile, Turns
from exports.formats import csv
from exports.products import PRODUCTS
from exports.products.base import Options
from tests.exports.packages import package
from tests.exports.packages import table as table_of

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "export-formats.md").read_text()
FIELDS = {
    "decision": "",
    "reviewed_response": "",
    "prompt": "How do I reset my password?",
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "How do I reset my password?"},
        {"role": "assistant", "content": "Ask an administrator."},
    ],
    "response": "Ask an administrator.",
    "edited_response": "Click “Forgot password”.",
    "is_queued": False,
    "curated_set": SimpleNamespace(has_pair_rows=True),
    "tools": None,
    "score": 10.0,
    "event_id": "0199aaaa-0000-7000-8000-000000000000",
}
EDIT = SimpleNamespace(strategy=Strategy.USER_EDIT, **FIELDS)
HARD = SimpleNamespace(strategy=Strategy.HARD_EXAMPLE, **FIELDS)
PAIR = CuratedPair(
    prompt=FIELDS["prompt"],
    messages=FIELDS["messages"],
    chosen=FIELDS["edited_response"],
    rejected=FIELDS["response"],
    pair_source=PairSource.EDIT.value,
    margin=0.8,
)


def table(first_column):
    """The rows of the table whose first column has this name, each a list of cells without back quotes."""
    body = re.search(rf"^\| {first_column} \|.*\n\|---.*\n((?:\|.*\n)+)", DOCUMENT, re.MULTILINE)[1]
    return [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in body.splitlines()]


VARIANTS = {
    "default": Options(),
    "crucible": Options(profile=Profile.CRUCIBLE),
    "last": Options(turns=Turns.LAST),
}


def shown(language):
    """The blocks in this language by format, product and variant: ```json jsonl,parquet sft crucible."""
    blocks = {}
    for formats, product, variant, block in re.findall(
        rf"^```{language} (\S+) (\S+) ?(\S*)\n(.*?)^```", DOCUMENT, re.DOTALL | re.MULTILINE
    ):
        for format in formats.split(","):
            blocks.setdefault((format, product, variant or "default"), []).append(block)
    return blocks


def records():
    """Those of the edited example, of its pair and of a hard example, by format, product and variant."""
    found = {}
    for format, encoding in ENCODINGS.items():
        for product in encoding.products:
            for variant, options in VARIANTS.items():
                if options.profile not in {*encoding.profiles} & {*product.profiles}:
                    continue
                if variant == "last" and (format, product.name) != ("jsonl", "sft"):
                    continue
                made = [encoding.records(product, given, options) for given in (EDIT, PAIR, HARD)]
                entries = [entry for one in made if isinstance(one, list) for entry in one]
                found[str(format), product.name, variant] = [entry.record for entry in entries]
    return found


def test_every_export_format_is_documented_with_its_products():
    documented = {row[0]: row[1].split(", ") for row in table("Export format")}

    assert documented == {name: [product.name for product in one.products] for name, one in ENCODINGS.items()}


def test_the_documented_rows_are_those_of_the_example_in_every_format_product_and_profile():
    documented = {
        key: [json.dumps(json.loads(block.replace("\n", ""))) for block in blocks]
        for key, blocks in shown("json").items()
    }

    assert documented == {key: list(map(json.dumps, rows)) for key, rows in records().items() if key[0] != "csv"}


def test_the_documented_rows_of_csv_are_those_of_its_files():
    found = {}
    for key, rows in records().items():
        if key[0] == "csv":
            columns = PRODUCTS[key[1]].columns(VARIANTS[key[2]])
            draft = storage.Draft(uuid.uuid4())
            csv.write(draft, "weekly", package(table_of(rows, columns=columns)))
            found[key] = [draft.open("weekly.csv").read().decode()]

    assert shown("csv") == found


def test_every_reason_for_exclusion_is_documented():
    assert {row[0] for row in table("Reason")} == set(LeftOut.values)

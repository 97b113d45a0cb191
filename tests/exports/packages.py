"""Packages of records as exports hand them to formats."""

from exports.choices import ColumnKind
from exports.formats import jsonl
from exports.formats.base import Package, Table

SFT = {
    "messages": ColumnKind.MESSAGES,
    "source": ColumnKind.TEXT,
    "score": ColumnKind.FLOAT,
    "event_id": ColumnKind.TEXT,
}


def table(records, *, product="sft", split="train", columns=SFT):
    """These records as one table; a split or a product may have others."""
    lines = [jsonl.line(record) for record in records]
    used = {name: kind for name, kind in columns.items() if any(name in record for record in records)}
    keys = {
        key for record in records for name in used if used[name] == "messages" for one in record[name] for key in one
    }
    return Table(product, split, len(lines), used, frozenset(keys), lambda: iter(lines))


def package(*tables, **manifest):
    return Package(tables, manifest)

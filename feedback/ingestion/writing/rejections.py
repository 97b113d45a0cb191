"""Items that the store or the database rejects: the reason, and where they are kept."""

import re
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
import structlog

from feedback.choices import ItemKind
from feedback.ingestion import formats
from feedback.ingestion.stream import Entry
from feedback.models import RejectedItem
from feedback.stores.schema import Row

log = structlog.get_logger(__name__)
# Not where the backslash is itself escaped: there the text says \u0000 in so many letters.
_NUL_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
_COPY_COLUMN = re.compile(r"^COPY \w+, line \d+, column (\w+)")


@dataclass
class WriteRejection:
    """Why an item is not stored, and the column that is at fault where the database says so."""

    reason: str
    field: str = ""


def reason_of(error: Exception) -> str:
    """The error type and location, without its message, which may quote a prompt."""
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is not None and diagnosis.message_primary:
        return f"{type(error).__name__}: {diagnosis.message_primary}"
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} in {frames[-1].name}, line {frames[-1].lineno}" if frames else type(error).__name__


def column_of(error: Exception) -> str:
    """The column that the database names, or the one its message quotes in the context of a COPY."""
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is None:
        return ""
    copied = _COPY_COLUMN.search(diagnosis.context or "")
    return diagnosis.column_name or (copied.group(1) if copied else "") or diagnosis.constraint_name or ""


def keep(entries: Sequence[Entry], rejected_items: Mapping[ItemKind, Mapping[str, WriteRejection]]) -> None:
    """Store the rejected items of these entries, with their masked payloads."""
    kept = [
        _rejected(entry, row, rejection)
        for entry in entries
        for row in entry.rows
        if (rejection := rejected_items[entry.kind].get(row["id"]))
    ]
    if kept:
        RejectedItem.objects.bulk_create(kept)
        log.warning("items_refused_by_database", count=len(kept), reason=kept[0].reason)


def _rejected(entry: Entry, row: Row, rejection: WriteRejection) -> RejectedItem:
    # The rejected row may contain what no JSON column takes, so a NUL travels as its escape's name.
    # A score made ahead is made again when the item is replayed, unless its texts are gone.
    kept = {name: value for name, value in row.items() if name != "assessment" or row["content_dropped"]}
    payload = _NUL_ESCAPE.sub(r"\1␀", msgspec.json.encode(kept | {"format": formats.FORMAT}).decode())
    return RejectedItem(
        batch_id=entry.batch_id,
        deployment_id=row["deployment_id"],
        item_id=row["id"],
        kind=entry.kind,
        field=rejection.field,
        reason=rejection.reason,
        payload=msgspec.json.decode(payload),
        user_hash=row["user_hash"],
        rejected_at=datetime.now(UTC),
    )

"""The rows of a set as a diff reads them: digests and lengths in place of texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from curation.choices import Decision
from curation.models import CuratedExample, CuratedPair, CuratedSet
from curation.querysets import ACCEPTING
from curation.sets.comparing import ComparedRow

EXAMPLE, PAIR = "example", "pair"
KINDS = (EXAMPLE, PAIR)
StoredRow = Mapping[str, Any]


@dataclass(frozen=True)
class SetRows:
    """The rows of one set by kind and key: `every` one of them, and those that it releases."""

    curated_set: CuratedSet
    every: dict[str, dict[str, StoredRow]]
    released: dict[str, dict[str, ComparedRow]]


def read(curated_set: CuratedSet, *, keep_erased: bool = False) -> SetRows:
    """The rows of a set. keep_erased: whether erased ones count as released, so that a diff names them."""
    examples = CuratedExample.objects.filter(curated_set=curated_set).compared()
    pairs = CuratedPair.objects.filter(curated_set=curated_set).compared()
    every: dict[str, dict[str, StoredRow]] = {
        EXAMPLE: {str(row["event_id"]): row for row in examples},
        PAIR: {_pair_key(row): row for row in pairs},
    }
    released = {
        kind: {key: _compared(key, row) for key, row in rows.items() if _leaves(row, keep_erased=keep_erased)}
        for kind, rows in every.items()
    }
    return SetRows(curated_set, every, released)


def _pair_key(row: StoredRow) -> str:
    return f"{row['label']} {row['chosen_event_id']} {row['rejected_event_id']}"


def _leaves(row: StoredRow, *, keep_erased: bool) -> bool:
    if row["erased_at"] and not keep_erased:
        return False
    if "event_id" not in row:
        return row["decision"] != Decision.DROP
    return row["decision"] in ACCEPTING or not row["decision"] and not row["queue_reason"]


def _compared(key: str, row: StoredRow) -> ComparedRow:
    return ComparedRow(
        key=key,
        label=row["label"],
        prompt=row["prompt_digest"],
        answer=row["answer_digest"],
        tools=row["tools_digest"],
        decision=row["decision"],
        model_version=row["model_version"],
        characters=row["characters"],
    )

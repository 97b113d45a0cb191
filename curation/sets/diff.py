"""What differs between two versions of a set, and why."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from curation.choices import DiffChange
from curation.models import CuratedSet
from curation.sets.comparing import Comparison, RowFigures, compare, figures
from curation.sets.diff_reasons import DiffReason, Reasons
from curation.sets.diff_rows import EXAMPLE, KINDS, SetRows, StoredRow, read


class OtherDeployment(Exception):
    """Sets of two deployments have nothing to compare."""

    def __init__(self, against: CuratedSet):
        super().__init__(f"{against.title} is a set of another deployment.")


@dataclass(frozen=True)
class DiffRow:
    """A row that differs. id: in the newer version, or in the older one if it was removed.

    reason: a code; sentence: the same in words. fields: what differs, of a changed row.
    """

    change: DiffChange
    kind: str
    id: int
    event_ids: list[UUID]
    label: str
    excerpt: str
    reason: str
    sentence: str
    fields: list[str]


@dataclass(frozen=True)
class Diff:
    """By kind: counts of changes, and the figures of both versions. reasons: rows with each reason, by change."""

    rows: Sequence[DiffRow]
    counts: Mapping[str, Mapping[str, int]]
    reasons: Mapping[str, Mapping[str, int]]
    before: Mapping[str, RowFigures]
    after: Mapping[str, RowFigures]


def of(curated_set: CuratedSet, against: CuratedSet) -> Diff:
    """What a set releases in comparison with an earlier version, or with any set of its deployment.

    Raises OtherDeployment.
    """
    if curated_set.deployment_id != against.deployment_id:
        raise OtherDeployment(against)
    before, after = read(against, keep_erased=True), read(curated_set)
    found = {kind: compare(before.released[kind], after.released[kind]) for kind in KINDS}
    reasons = Reasons(before, after, found[EXAMPLE])
    rows = [
        _row(change, kind, key, held, reason(kind, key), fields)
        for change, held, reason in (
            (DiffChange.REMOVED, before, reasons.of_removed),
            (DiffChange.ADDED, after, reasons.of_added),
            (DiffChange.CHANGED, after, reasons.of_changed),
        )
        for kind in KINDS
        for key, fields in _keys(change, found[kind]).items()
    ]
    counts = {kind: _counts(found[kind]) for kind in KINDS}
    return Diff(rows, counts, _by_reason(rows), _figures(before), _figures(after))


def _keys(change: DiffChange, found: Comparison) -> dict[str, list[str]]:
    """The rows of a change, with the fields that differ."""
    if change == DiffChange.CHANGED:
        return found.changed
    return {key: [] for key in (found.removed if change == DiffChange.REMOVED else found.added)}


def _row(change: DiffChange, kind: str, key: str, held: SetRows, reason: DiffReason, fields: list[str]) -> DiffRow:
    stored = held.every[kind][key]
    return DiffRow(
        change=change,
        kind=kind,
        id=stored["pk"],
        event_ids=_event_ids(stored),
        label=stored["label"],
        excerpt=stored["excerpt"],
        reason=reason.code,
        sentence=reason.sentence,
        fields=fields,
    )


def _event_ids(stored: StoredRow) -> list[UUID]:
    return [stored[name] for name in ("event_id", "chosen_event_id", "rejected_event_id") if name in stored]


def _counts(found: Comparison) -> dict[str, int]:
    return {
        "removed": len(found.removed),
        "added": len(found.added),
        "changed": len(found.changed),
        "unchanged": found.unchanged,
    }


def _by_reason(rows: Sequence[DiffRow]) -> dict[str, dict[str, int]]:
    counts = {change: Counter(row.reason for row in rows if row.change == change) for change in DiffChange}
    return {change.value: dict(sorted(found.items())) for change, found in counts.items()}


def _figures(held: SetRows) -> dict[str, RowFigures]:
    """Of rows that are not erased."""
    return {
        kind: figures(row for key, row in rows.items() if not held.every[kind][key]["erased_at"])
        for kind, rows in held.released.items()
    }

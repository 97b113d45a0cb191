"""Preparation of entries without a database: removes repeated ids, scores and measures."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from uuid import UUID

from feedback.choices import ItemKind
from feedback.flagging import scanning
from feedback.flagging.scanning import Found
from feedback.ingestion.admitting import declared_tools
from feedback.ingestion.stream import Entry
from feedback.ingestion.writing.rejections import WriteRejection, reason_of
from feedback.measures import measuring
from feedback.measures.measuring import Measured
from feedback.quality import assessment, chosen
from feedback.stores.schema import Row


@dataclass(frozen=True)
class Prepared:
    """The rows of one kind by id, each with the request that brings it; events are scored, measured and scanned.

    `rejected` and `stored` are filled in by the attempt to write them.
    """

    rows: dict[str, Row] = field(default_factory=dict)
    batch_of: dict[str, UUID] = field(default_factory=dict)
    scores: dict[str, Row] = field(default_factory=dict)
    measured: Measured = field(default_factory=lambda: measuring.placed([]))
    flags: dict[str, list[Found]] = field(default_factory=dict)
    rejected: dict[str, WriteRejection] = field(default_factory=dict)
    stored: set[str] = field(default_factory=set)

    def for_an_attempt(self) -> "Prepared":
        """The same rows with none stored and only the rejections of the preparation."""
        return replace(self, rejected=dict(self.rejected), stored=set())

    def left(self, batch_ids: set[UUID]) -> list[Row]:
        """The rows of these requests that are not rejected."""
        return [
            row
            for item_id, row in self.rows.items()
            if self.batch_of[item_id] in batch_ids and item_id not in self.rejected
        ]

    def score_of(self, item_id: str) -> float:
        """The total of an event's checks; 0 for other items."""
        return self.scores[item_id]["score"] if self.scores else 0.0


def prepare(entries: Sequence[Entry]) -> Mapping[ItemKind, Prepared]:
    events = _first_of_each_id(entries, ItemKind.EVENT)
    _score(events)
    _scan(events)
    likely = [row for item_id, row in events.rows.items() if item_id not in events.rejected]
    measured = measuring.measure(likely, {item_id: [score] for item_id, score in events.scores.items()})
    return {
        ItemKind.EVENT: replace(events, measured=measured),
        ItemKind.SIGNAL: _first_of_each_id(entries, ItemKind.SIGNAL),
        ItemKind.SCORE: _first_of_each_id(entries, ItemKind.SCORE),
    }


def _first_of_each_id(entries: Sequence[Entry], kind: ItemKind) -> Prepared:
    found = Prepared()
    for entry in entries:
        if entry.kind == kind:
            batch_id = str(entry.batch_id)
            declared_tools.give_to_all(entry.rows)
            for row in entry.rows:
                row["batch_id"] = batch_id
                if row["id"] not in found.rows:
                    found.rows[row["id"]], found.batch_of[row["id"]] = row, entry.batch_id
    return found


def _score(events: Prepared) -> None:
    # A database that cannot say how deployments chose to score must not make events unscorable.
    chosen.profiles()
    # An event whose texts are dropped was scored before they were.
    unscored = {item_id: row for item_id, row in events.rows.items() if "assessment" not in row}
    scores: dict[str, Row] = {}
    # One that cannot be scored fails all of them, and is found by itself below.
    with suppress(Exception):
        scores = dict(zip(unscored, assessment.score_rows(list(unscored.values())), strict=True))
    for item_id, row in events.rows.items():
        try:
            events.scores[item_id] = row.get("assessment") or scores.get(item_id) or assessment.score_row(row)
        except Exception as error:  # noqa: BLE001 - one event must not keep the others from the store
            events.rejected[item_id] = WriteRejection(f"assessment failed: {reason_of(error)}", "response")


def _scan(events: Prepared) -> None:
    left = {item_id: row for item_id, row in events.rows.items() if item_id not in events.rejected}
    # One that cannot be scanned fails all of them, and is found by itself below.
    with suppress(Exception):
        for item_id, found in zip(left, scanning.scan_events(list(left.values()), whole=False), strict=True):
            if found:
                events.flags[item_id] = found
        return
    for item_id, row in left.items():
        try:
            events.flags[item_id] = scanning.scan_events([row], whole=False)[0]
        except Exception as error:  # noqa: BLE001 - one event must not keep the others from the store
            events.rejected[item_id] = WriteRejection(f"scan failed: {reason_of(error)}", "messages")

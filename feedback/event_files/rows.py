"""Whole events, as GET events/{id} gives each, a bounded number at a time."""

from collections.abc import Iterator

from feedback.evidence.keeping.reading import evidence_of_events
from feedback.stores import pages
from feedback.stores.base import EventFilter
from feedback.stores.schema import Row

# Events in memory at once; each may have texts of megabytes.
BATCH = 500
_CHECK = ("name", "score", "passed", "details", "version")
_SCORE = ("assessor", "name", "profile", "raw", "score", "minimum", "maximum", "version", "assessed_at")
# In the order of GET events/{id}.
_STORED = (name for name in pages.COLUMNS if name != "hash_key_id")
NAMES = (*_STORED, "tools", "quality", "scores", "evidence", "signals")


def read(where: EventFilter) -> Iterator[list[Row]]:
    """These events, the newest first, each with its fields in the order of NAMES."""
    for events in pages.stream(where, batch_size=BATCH):
        pages.complete(events)
        evidence = evidence_of_events([event["id"] for event in events])
        for event in events:
            event["quality"]["checks"] = [_only(_CHECK, check) for check in event["quality"]["checks"]]
            event["scores"] = [_only(_SCORE, score) for score in event["scores"]]
            event["signals"] = [_only(pages.SIGNAL_COLUMNS, signal) for signal in event["signals"]]
            event["evidence"] = evidence.get(event["id"])
        yield [_only(NAMES, event) for event in events]


def _only(names, row: Row) -> Row:
    return {name: row[name] for name in names}

"""Whole events, as GET events/{id} gives each, a bounded number at a time."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from feedback.evidence.keeping.reading import evidence_of_events
from feedback.flagging import shown
from feedback.stores import pages
from feedback.stores.base import EventFilter
from feedback.stores.schema import Row

# Events in memory at once; each may have texts of megabytes.
BATCH = 500
_CHECK = ("name", "score", "passed", "details", "version")
_SCORE = ("assessor", "name", "profile", "raw", "score", "minimum", "maximum", "version", "assessed_at")
_FLAG = (
    *("id", "event_id", "deployment_id", "occurred_at", "kind", "name", "field", "message_index", "signal_id"),
    *("start", "end", "state"),
)
# In the order of GET events/{id}.
_STORED = (name for name in pages.COLUMNS if name != "hash_key_id")
NAMES = (*_STORED, "tools", "quality", "scores", "evidence", "signals", "flags")


def read(where: EventFilter) -> Iterator[list[Row]]:
    """These events, the newest first, each with its fields in the order of NAMES."""
    for events in pages.stream(where, batch_size=BATCH):
        pages.complete(events)
        event_ids = [event["id"] for event in events]
        evidence, flags = evidence_of_events(event_ids), _flags(event_ids)
        for event in events:
            event["quality"]["checks"] = [_only(_CHECK, check) for check in event["quality"]["checks"]]
            event["scores"] = [_only(_SCORE, score) for score in event["scores"]]
            event["signals"] = [_only(pages.SIGNAL_COLUMNS, signal) for signal in event["signals"]]
            event["evidence"] = evidence.get(event["id"])
            event["flags"] = flags[event["id"]]
        yield [_only(NAMES, event) for event in events]


def _flags(event_ids: Sequence[str]) -> defaultdict[str, list[Row]]:
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for flag in shown.of_events(event_ids):
        reviewed_by = flag.reviewed_by and flag.reviewed_by.get_username()
        written = {name: getattr(flag, name) for name in _FLAG}
        found[str(flag.event_id)].append(written | {"reviewed_by": reviewed_by, "reviewed_at": flag.reviewed_at})
    return found


def _only(names, row: Row) -> Row:
    return {name: row[name] for name in names}

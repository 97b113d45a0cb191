"""Which events may be in no set because of their flags, and flags as the pages of events show them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db import transaction

from feedback.choices import FlagState
from feedback.flagging import keeping, scanning
from feedback.flagging.scanning import Found
from feedback.models import RaisedFlag
from feedback.stores.schema import Row

_Key = tuple[str, str, str | None]


def standing(events: Sequence[Row], edits: Mapping[str, Sequence[Row]]) -> dict[str, FlagState]:
    """The state of the flags that keep events out of sets: confirmed, or else unreviewed; others are absent.

    events: with `scanning.COLUMNS`; edits: live ones by event. Texts are scanned again, so that no event enters a set
    unseen that is from before these patterns; what is new is stored, to be reviewed.
    """
    by_id = {event["id"]: event for event in events}
    found = _found(events, edits)
    known: defaultdict[str, dict[_Key, str]] = defaultdict(dict)
    for flag in RaisedFlag.objects.of_events(by_id).iterator():
        key = flag.field, flag.name, None if flag.signal_id is None else str(flag.signal_id)
        known[str(flag.event_id)][key] = flag.state
    new = {
        event_id: some
        for event_id, flags in found.items()
        if (some := [one for one in flags if _key(one) not in known[event_id]])
    }
    if new:
        with transaction.atomic():
            keeping.lock_flags()
            keeping.keep([by_id[event_id] for event_id in new], new)
    states = {event_id: set(flags.values()) for event_id, flags in known.items()}
    for event_id in new:
        states.setdefault(event_id, set()).add(FlagState.UNREVIEWED)
    worst = (FlagState.CONFIRMED, FlagState.UNREVIEWED)
    return {
        event_id: next(state for state in worst if state in held)
        for event_id, held in states.items()
        if held & set(worst)
    }


def _found(events: Sequence[Row], edits: Mapping[str, Sequence[Row]]) -> dict[str, list[Found]]:
    found = {event["id"]: flags for event, flags in zip(events, scanning.scan_events(events), strict=True) if flags}
    of_edits = [(event["id"], edit) for event in events for edit in edits.get(event["id"], ())]
    texts, ids = [edit["edited_response"] for _, edit in of_edits], [edit["id"] for _, edit in of_edits]
    for (event_id, _), flags in zip(of_edits, scanning.scan_edits(texts, ids), strict=True):
        if flags:
            found.setdefault(event_id, []).extend(flags)
    return found


def _key(found: Found) -> _Key:
    return found.field.value, found.flag.name, found.signal_id


def confirmed_among(event_ids: Sequence[str]) -> set[str]:
    """Those of these events that have a confirmed flag."""
    flags = RaisedFlag.objects.confirmed().of_events(event_ids)
    return set(map(str, flags.values_list("event_id", flat=True)))

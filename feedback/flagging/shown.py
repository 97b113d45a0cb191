"""Flags with the text around them, as pages show them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from feedback.choices import FlagField, FlagState
from feedback.flagging import scanning
from feedback.models import RaisedFlag
from feedback.quality.answers import readable
from feedback.stores import event_store
from feedback.stores.base import EventFilter, SignalFilter

# Characters that are shown before and after the span, and of the span itself.
_AROUND, _LONGEST = 80, 400
# Of the newest events with a flag, so many can be listed.
MOST_LISTED = 10_000


@dataclass(frozen=True)
class ShownFlag:
    """A flag, and its span in its stored text with what is around it; '' where the text is not kept."""

    flag: RaisedFlag
    before: str = ""
    marked: str = ""
    after: str = ""

    @property
    def name(self) -> str:
        return self.flag.name.replace("_", " ")

    @property
    def tone(self) -> str:
        return {FlagState.UNREVIEWED: "warning", FlagState.CONFIRMED: "danger"}.get(
            FlagState(self.flag.state), "success"
        )


def shown(flags: Sequence[RaisedFlag]) -> list[ShownFlag]:
    """The flags in their order, with two reads of the store."""
    texts = _texts(flags)
    return shown_in(flags, lambda flag: texts.get(flag.pk, ""))


def shown_in(flags: Sequence[RaisedFlag], text_of: Callable[[RaisedFlag], str]) -> list[ShownFlag]:
    """The flags in their order, with texts that were read before."""
    return [_around(flag, text_of(flag)) for flag in flags]


def of_event(event_id: str) -> list[RaisedFlag]:
    return of_events([str(event_id)])


def of_events(event_ids: Sequence[str]) -> list[RaisedFlag]:
    """All flags of these events, in the order in which they were found."""
    return list(RaisedFlag.objects.of_events(event_ids).select_related("reviewed_by").order_by("pk"))


def event_ids(
    wanted: str, *, deployment_id: str | None = None, deployment_ids: Sequence[str] | None = None
) -> list[str]:
    """The newest events with a flag of this kind, name or state, at most MOST_LISTED."""
    flags = RaisedFlag.objects.matching(wanted)
    if deployment_id:
        flags = flags.of_deployment(deployment_id)
    if deployment_ids:
        flags = flags.filter(deployment_id__in=deployment_ids)
    return list(dict.fromkeys(map(str, flags.newest_first().values_list("event_id", flat=True)[:MOST_LISTED])))


def _texts(flags: Sequence[RaisedFlag]) -> dict[int, str]:
    edits = {str(flag.signal_id) for flag in flags if flag.field == FlagField.EDIT}
    of_events = [flag for flag in flags if flag.field != FlagField.EDIT]
    found: dict[int, str] = {}
    if of_events:
        ids = sorted({str(flag.event_id) for flag in of_events})
        rows = event_store().scan(EventFilter(ids=ids), scanning.COLUMNS).read_all().to_pylist()
        by_id = {row["id"]: row for row in rows}
        for flag in of_events:
            if row := by_id.get(str(flag.event_id)):
                found[flag.pk] = scanning.text_of(row, FlagField(flag.field), flag.message_index)
    if edits:
        signals = event_store().scan_signals(SignalFilter(ids=sorted(edits)), ["id", "edited_response"])
        by_signal = {row["id"]: row["edited_response"] or "" for row in signals.read_all().to_pylist()}
        for flag in flags:
            if flag.field == FlagField.EDIT:
                found[flag.pk] = by_signal.get(str(flag.signal_id), "")
    return found


def _around(flag: RaisedFlag, text: str) -> ShownFlag:
    if flag.end > len(text):
        return ShownFlag(flag)
    text = readable(text)
    before, after = text[max(0, flag.start - _AROUND) : flag.start], text[flag.end : flag.end + _AROUND]
    marked = text[flag.start : flag.end]
    marked = marked if len(marked) <= _LONGEST else f"{marked[:_LONGEST]}…"
    return ShownFlag(
        flag,
        f"…{before}" if flag.start > _AROUND else before,
        marked,
        f"{after}…" if flag.end + _AROUND < len(text) else after,
    )

"""What the page of a session shows: its events as one conversation, a page of turns at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse

from feedback.admin import bubbles, event_page, turns
from feedback.admin.bubbles import Bubble, Bubbles
from feedback.admin.event_page import CheckRow, SignalRow
from feedback.admin.readable import Page
from feedback.admin.repeats import Repeats
from feedback.admin.turns import StoredTurn
from feedback.evidence.keeping.reading import EventEvidence, evidence_of_events
from feedback.stores import pages
from feedback.stores.base import EventFilter, SignalFilter
from feedback.stores.schema import Row

TURNS_SHOWN = 20
# Of a longer conversation only the last message is shown; an event's own page has all of it.
CHARACTERS, MESSAGES_SHOWN = 100_000, 30
COUNTED = 1_000
_COLUMNS = ["id", "occurred_at", "model_version_id", "quality_score"]


@dataclass(frozen=True)
class SessionTurn:
    """One event. repeated: messages that earlier turns show; hidden: new ones beyond MESSAGES_SHOWN."""

    event: Row
    address: str
    prefix: str
    bubbles: list[Bubble]
    repeated: int
    hidden: int
    stored: StoredTurn
    failed: list[CheckRow]
    evidence: EventEvidence | None
    signals: list[SignalRow]


@dataclass(frozen=True)
class SessionPage:
    """turns: oldest first. overruled: signals about the session that were retracted or replaced."""

    deployment_id: str
    session_hash: str
    turns: list[SessionTurn]
    counted: str
    signals: list[SignalRow]
    overruled: int
    earlier: str | None
    later: str | None


def build(deployment_id: str, session_hash: str, *, event_id: str = "", cursor: str = "") -> SessionPage | None:
    """The page of a session with its last turns, those at a cursor, or those around an event; None if there is none.

    Raises pages.InvalidCursor.
    """
    where = EventFilter(deployment_id=deployment_id, session_hash=session_hash)
    cursor = cursor or _cursor_at(where, event_id)
    page = pages.page(where, _COLUMNS, size=TURNS_SHOWN, cursor=cursor or None)
    signals, overruled = _about_session(deployment_id, session_hash)
    if not (page.rows or signals or overruled or cursor):
        return None
    rows = page.rows[::-1]
    count = pages.count(where, at_most=COUNTED)
    return SessionPage(
        deployment_id=deployment_id,
        session_hash=session_hash,
        turns=_turns(where, rows),
        counted=f"{count:,}{'+' if count == COUNTED else ''} turn{'' if count == 1 else 's'}",
        signals=signals,
        overruled=overruled,
        earlier=page.next,
        later=page.previous,
    )


def _cursor_at(where: EventFilter, event_id: str) -> str:
    """A cursor whose page has this event in its middle; '' where the newest page has it, or there is no such event."""
    try:
        wanted = UUID(event_id)
    except ValueError:
        return ""
    found = pages.read(EventFilter(ids=[wanted], deployment_id=where.deployment_id), _COLUMNS, limit=1)
    if not found:
        return ""
    place = found[0]["occurred_at"], UUID(found[0]["id"])
    half = TURNS_SHOWN // 2
    later = pages.read(_replaced(where, newer_than=place), _COLUMNS, newest_first=False, limit=half)
    return pages.older_than(later[-1]) if len(later) == half else ""


def _replaced(where: EventFilter, **fields: Any) -> EventFilter:
    return EventFilter(deployment_id=where.deployment_id, session_hash=where.session_hash, **fields)


def _turns(where: EventFilter, rows: Sequence[Row]) -> list[SessionTurn]:
    if not rows:
        return []
    ids = [row["id"] for row in rows]
    before = pages.read(_replaced(where, older_than=(rows[0]["occurred_at"], UUID(ids[0]))), _COLUMNS, limit=1)
    stored = turns.read([*(row["id"] for row in before), *ids], characters=CHARACTERS)
    checks, signals, evidence = pages.checks_of(ids), _live_signals(where, ids), evidence_of_events(ids)
    repeats, room = Repeats(), Page()
    for row in before:
        _remember(repeats, stored.get(row["id"]))
    found = []
    for row in rows:
        if turn := stored.get(row["id"]):
            said = evidence.get(row["id"]), signals.get(row["id"], [])
            found.append(_turn(row, turn, checks.get(row["id"], []), said, repeats, room))
            _remember(repeats, turn)
    return found


def _remember(repeats: Repeats, turn: StoredTurn | None) -> None:
    if turn and turn.answer is not None:
        repeats.add(turn.messages, turn.answer)


def _turn(
    row: Row,
    turn: StoredTurn,
    checks: list[Row],
    said: tuple[EventEvidence | None, list[SignalRow]],
    repeats: Repeats,
    room: Page,
) -> SessionTurn:
    new = repeats.new(turn.messages) if turn.has_messages else [*range(len(turn.messages))]
    shown = new[-MESSAGES_SHOWN:]
    made: list[Bubble] = []
    if turn.answer is not None:
        maker = Bubbles(room, turn.messages)
        made = [maker.of(turn.messages[at], at) for at in shown]
        verdicts = bubbles.verdicts_of(event_page.call_details(checks), len(turn.answer.calls))
        made.append(maker.of(turn.answer, None, verdicts=verdicts))
    return SessionTurn(
        event=row,
        address=reverse("admin:feedback_event_change", args=[row["id"]]),
        prefix=f"turn-{row['id']}-",
        bubbles=made,
        repeated=len(turn.messages) - len(new),
        hidden=len(new) - len(shown),
        stored=turn,
        failed=[event_page.check_row(check) for check in checks if check.get("passed") is False],
        evidence=said[0],
        signals=said[1],
    )


def _live_signals(where: EventFilter, ids: Sequence[str]) -> dict[str, list[SignalRow]]:
    about = SignalFilter(event_ids=ids, deployment_ids=[where.deployment_id or "", ""])
    found: dict[str, list[SignalRow]] = {}
    for row in pages.read(about, ["event_id", *event_page.SIGNAL_COLUMNS]):
        found.setdefault(row.pop("event_id"), []).append(event_page.signal_row(**row))
    return found


def _about_session(deployment_id: str, session_hash: str) -> tuple[list[SignalRow], int]:
    """The signals about the whole session that count, newest first, and how many others there are.

    Of a user's signals in one slot the last counts, unless it is a retraction.
    """
    where = SignalFilter(deployment_id=deployment_id, session_hash=session_hash, state=None)
    rows = pages.read(where, ["user_hash", "slot", "event_id", "external_id", *event_page.SIGNAL_COLUMNS])
    slots, counting, others = set(), [], 0
    for row in rows:
        names = row.pop("event_id"), row.pop("external_id")
        if any(names):
            continue
        slot = row.pop("user_hash"), row.pop("slot")
        if slot in slots or row["retracted"]:
            others += 1
        else:
            counting.append(event_page.signal_row(**row, about_session=True))
        slots.add(slot)
    return counting, others

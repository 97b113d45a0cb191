"""What the page of one event shows."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from feedback import exact_json
from feedback.admin import bubbles, turns
from feedback.admin.bubbles import Bubble, Bubbles
from feedback.admin.neighbours import Neighbours
from feedback.admin.readable import Page, Text
from feedback.admin.tools import declared
from feedback.admin.tools.declared import DeclaredTools
from feedback.admin.turns import StoredTurn
from feedback.choices import DEFAULT_PROFILE, FlagField, SignalState, SignalType
from feedback.evidence.keeping.reading import EventEvidence, evidence_of
from feedback.flagging import shown as flagged
from feedback.flagging.shown import ShownFlag
from feedback.models import PromptVersion, RaisedFlag
from feedback.stores import pages
from feedback.stores.schema import Row

SIGNAL_COLUMNS = [
    *(
        "type",
        "name",
        "message_index",
        "retracted",
        "value",
        "edited_response",
        "comment",
        "content_dropped",
        "occurred_at",
        "waiting",
        "live",
    ),
]
# Messages on one page; links lead to the others.
MESSAGES_SHOWN = 100
RETRACTION, ABOUT_A_SESSION = "retraction", "about a session"
STATES = {
    str(SignalState.LIVE): "info",
    str(SignalState.HISTORY): "",
    str(SignalState.WAITING): "warning",
    RETRACTION: "",
    ABOUT_A_SESSION: "info",
}


@dataclass(frozen=True)
class Shown:
    """What is asked for: the messages before this one, and one of them, or "answer" or "tools", whole."""

    before: int | None = None
    whole: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Shown":
        return cls(_position(query.get("before", "")), query.get("whole", ""))


@dataclass(frozen=True)
class ConversationShown:
    """Some messages and the answer. earlier: how many messages come before; later: whether some come after."""

    bubbles: list[Bubble]
    earlier: int
    later: int


@dataclass(frozen=True)
class CheckRow:
    name: str
    score: float | None
    passed: bool | None
    details: str


@dataclass(frozen=True)
class ScoreRow:
    """A score of another assessor: its raw value in its range, and the same from 0 to 1."""

    assessor: str
    name: str
    raw: str
    score: float
    version: str


@dataclass(frozen=True)
class SignalRow:
    label: str
    state: str
    tone: str
    message_index: int | None
    value: Any
    comment: str
    edited_response: str
    content_dropped: bool
    occurred_at: datetime


@dataclass(frozen=True)
class EventPage:
    event: Row
    conversation: ConversationShown | None
    lengths: list[tuple[str, int | None]]
    asked: list[tuple[str, Text]]
    tools: DeclaredTools | None
    profile: str
    checks: list[CheckRow]
    caps: list[tuple[str, float]]
    scores: list[ScoreRow]
    evidence: EventEvidence | None
    signals: list[SignalRow]
    flags: list[ShownFlag]
    facts: list[tuple[str, str]]
    prompt_version: PromptVersion | None
    metadata: str
    beside: Neighbours


def build(event: Row, beside: Neighbours, shown: Shown) -> EventPage:
    scores = pages.scores(event["id"])
    quality = scores.checks
    checks = quality["checks"] if quality else []
    signals = pages.read(pages.about(event), ["id", *SIGNAL_COLUMNS])
    edits = {signal.pop("id"): signal["edited_response"] or "" for signal in signals}
    turn = turns.read([event["id"]])[event["id"]]
    room = Page()
    return EventPage(
        event=event,
        conversation=conversation(turn, shown, room, checks) if turn.is_kept else None,
        lengths=[("prompt", turn.prompt_length), ("response", turn.response_length)],
        asked=_asked(event, room),
        tools=declared.read(event, room, whole=shown.whole == "tools"),
        profile=quality["profile"] if quality else "",
        checks=[check_row(check) for check in checks],
        caps=[(check["cap"]["name"].replace("_", " "), check["cap"]["at"]) for check in checks if "cap" in check],
        scores=[_score(row) for row in scores.others],
        evidence=evidence_of(event["id"]),
        signals=[signal_row(**signal) for signal in signals],
        flags=_flags(event, turn, edits),
        facts=_facts(event),
        prompt_version=_registered(event),
        metadata=exact_json.dump(event["metadata"], options=orjson.OPT_INDENT_2).decode() if event["metadata"] else "",
        beside=beside,
    )


def _flags(event: Row, turn: StoredTurn, edits: Mapping[str, str]) -> list[ShownFlag]:
    def text_of(flag: RaisedFlag) -> str:
        if flag.field == FlagField.EDIT:
            return edits.get(str(flag.signal_id), "")
        if flag.field == FlagField.PROMPT:
            return event["prompt"]
        if not turn.is_kept:
            return ""
        return turn.answer.answer if flag.message_index is None else turn.messages[flag.message_index].content or ""

    return flagged.shown_in(flagged.of_event(event["id"]), text_of)


def conversation(turn: StoredTurn, shown: Shown, page: Page, checks: list[dict]) -> ConversationShown:
    messages = turn.messages
    whole = _position(shown.whole)
    end = len(messages) if shown.before is None else min(shown.before, len(messages))
    if shown.before is None and whole is not None and whole < len(messages) - MESSAGES_SHOWN:
        end = whole + 1
    start = max(0, end - MESSAGES_SHOWN)
    maker = Bubbles(page, messages)
    # The answer first: it is what the page is about, and the page may hold no more.
    verdicts = bubbles.verdicts_of(call_details(checks), len(turn.answer.calls))
    answer = maker.of(turn.answer, None, whole=shown.whole == "answer", verdicts=verdicts)
    found = [maker.of(messages[index], index, whole=index == whole) for index in reversed(range(start, end))]
    return ConversationShown([*reversed(found), answer], start, len(messages) - end)


def call_details(checks: list[Row]) -> dict | None:
    return next((check.get("details") for check in checks if check["name"] == "tool_calls"), None)


def _asked(event: Row, page: Page) -> list[tuple[str, Text]]:
    """What the request demanded of the answer."""
    demands = [("Tool choice", event["tool_choice"]), ("Response format", event["response_format"])]
    return [(name, page.json(exact_json.encode(value).decode())) for name, value in demands if value is not None]


def _position(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def signal_state(*, waiting: bool, live: bool, retracted: bool, about_session: bool = False) -> str:
    """One of STATES."""
    if retracted:
        return RETRACTION
    if about_session:
        return ABOUT_A_SESSION
    return str(SignalState.WAITING if waiting else SignalState.LIVE if live else SignalState.HISTORY)


def check_row(check: dict) -> CheckRow:
    details = check.get("details") or {}
    return CheckRow(
        check["name"].replace("_", " "), check.get("score"), check.get("passed"), "; ".join(_details(details))
    )


def _score(row: Row) -> ScoreRow:
    name = row["name"] if row["profile"] == DEFAULT_PROFILE else f"{row['name']} ({row['profile']})"
    raw = f"{row['raw']:g} ({row['minimum']:g} to {row['maximum']:g})"
    return ScoreRow(row["assessor"], name, raw, row["score"], row["version"])


def _details(details: dict):
    for name, value in details.items():
        if value is None or value == []:
            continue
        if name == "problems":
            yield from (f"{problem.get('name', '')} {bubbles.sentence(problem)}".strip() for problem in value)
        else:
            text = (
                f"{value:.3g}" if isinstance(value, float) else value if isinstance(value, str) else json.dumps(value)
            )
            yield f"{name.replace('_', ' ')}: {text}"


def signal_row(
    *, type: str, name: str, waiting: bool, live: bool, retracted: bool, about_session: bool = False, **said: Any
) -> SignalRow:
    state = signal_state(waiting=waiting, live=live, retracted=retracted, about_session=about_session)
    label = SignalType(type).label
    return SignalRow(f"{label}: {name}" if name else label, state, STATES[state], **said)


def _facts(event: Row) -> list[tuple[str, str]]:
    """The facts that are known, each with its unit."""
    facts = [
        ("External id", event["external_id"]),
        ("Model version", event["model_version_id"]),
        ("Latency", _measure(event["latency_ms"], "{:,.0f} ms")),
        ("Prompt tokens", _measure(event["prompt_tokens"], "{:,}")),
        ("Completion tokens", _measure(event["completion_tokens"], "{:,}")),
        ("Tokens", _measure(event["token_count"], "{:,}")),
        ("Cost", _measure(event["cost_usd"], "{:.6f} USD")),
        ("Finish reason", event["finish_reason"]),
        ("Tools called", ", ".join(event["tools_called"])),
        ("Training", "" if event["training_allowed"] else "not allowed"),
        ("Experiment", event["experiment"]),
        ("Tags", ", ".join(event["tags"])),
        ("User hash", event["user_hash"]),
        ("Trace", event["trace_id"]),
        ("Span", event["span_id"]),
    ]
    return [(name, value) for name, value in facts if value]


def _registered(event: Row) -> PromptVersion | None:
    """The version of a prompt that the event names, if its deployment has it."""
    named = event["prompt_version"]
    found = PromptVersion.objects.of_deployment(event["deployment_id"]).labelled(named)
    return found.only("prompt_id", "label").first() if named else None


def _measure(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)

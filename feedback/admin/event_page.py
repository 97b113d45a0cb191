"""What the page of one event shows."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from feedback import exact_json
from feedback.choices import DEFAULT_PROFILE, SignalState, SignalType
from feedback.stores import pages
from feedback.stores.base import EventFilter
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
RETRACTION, ABOUT_A_SESSION = "retraction", "about a session"
STATES = {
    str(SignalState.LIVE): "info",
    str(SignalState.HISTORY): "",
    str(SignalState.WAITING): "warning",
    RETRACTION: "",
    ABOUT_A_SESSION: "info",
}


@dataclass(frozen=True)
class Turn:
    """One message of the conversation; if its text was not kept, only the length."""

    role: str
    text: str
    kept: bool = True
    length: int | None = None


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
    turns: list[Turn]
    profile: str
    checks: list[CheckRow]
    caps: list[tuple[str, float]]
    scores: list[ScoreRow]
    signals: list[SignalRow]
    facts: list[tuple[str, str]]
    metadata: str
    newer: str | None
    older: str | None


def build(event: Row, among: EventFilter) -> EventPage:
    """The page of an event; `among` are the events whose neighbours it links to, by id."""
    scores = pages.scores(event["id"])
    quality = scores.checks
    checks = quality["checks"] if quality else []
    signals = pages.read(pages.about(event), SIGNAL_COLUMNS)
    place = event["occurred_at"], event["id"]
    return EventPage(
        event=event,
        turns=_turns(event),
        profile=quality["profile"] if quality else "",
        checks=[_check(check) for check in checks],
        caps=[(check["cap"]["name"].replace("_", " "), check["cap"]["at"]) for check in checks if "cap" in check],
        scores=[_score(row) for row in scores.others],
        signals=[_signal(**signal) for signal in signals],
        facts=_facts(event),
        metadata=exact_json.dump(event["metadata"], options=orjson.OPT_INDENT_2).decode() if event["metadata"] else "",
        newer=_first_id(replace(among, newer_than=place), newest_first=False),
        older=_first_id(replace(among, older_than=place), newest_first=True),
    )


def _first_id(where: EventFilter, *, newest_first: bool) -> str | None:
    return next((row["id"] for row in pages.read(where, ["id"], newest_first=newest_first, limit=1)), None)


def _turns(event: Row) -> list[Turn]:
    if event["content_dropped"]:
        prompt = Turn("prompt", "", kept=False, length=event["prompt_length"])
        return [prompt, Turn("response", "", kept=False, length=event["response_length"])]
    return [*conversation(event), Turn("response", event["response"])]


def conversation(event: Row) -> list[Turn]:
    """The messages as role and text; without messages, the prompt."""
    if not event["messages"]:
        return [Turn("prompt", event["prompt"])]
    return [Turn(str(message.get("role", "message")), _text(message)) for message in event["messages"]]


def signal_state(*, waiting: bool, live: bool, retracted: bool, about_session: bool = False) -> str:
    """One of STATES."""
    if retracted:
        return RETRACTION
    if about_session:
        return ABOUT_A_SESSION
    return str(SignalState.WAITING if waiting else SignalState.LIVE if live else SignalState.HISTORY)


def _text(message: dict) -> str:
    """The text of a message; other content, such as a tool call, as JSON."""
    content = message.get("content")
    parts = content if isinstance(content, list) else [] if content is None else [content]
    if tool_calls := message.get("tool_calls"):
        parts = [*parts, tool_calls]
    return "\n".join(_part(part) for part in parts)


def _part(part) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, dict) and isinstance(part.get("text"), str):
        return part["text"]
    return exact_json.encode(part).decode()


def _check(check: dict) -> CheckRow:
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
        if value is None:
            continue
        text = f"{value:.3g}" if isinstance(value, float) else value if isinstance(value, str) else json.dumps(value)
        yield f"{name.replace('_', ' ')}: {text}"


def _signal(*, type: str, name: str, waiting: bool, live: bool, retracted: bool, **said) -> SignalRow:
    state = signal_state(waiting=waiting, live=live, retracted=retracted)
    label = SignalType(type).label
    return SignalRow(f"{label}: {name}" if name else label, state, STATES[state], **said)


def _facts(event: Row) -> list[tuple[str, str]]:
    """The facts that are known, each with its unit."""
    facts = [
        ("External id", event["external_id"]),
        ("Model version", event["model_version_id"]),
        ("Prompt version", event["prompt_version"]),
        ("Latency", _measure(event["latency_ms"], "{:,.0f} ms")),
        ("Prompt tokens", _measure(event["prompt_tokens"], "{:,}")),
        ("Completion tokens", _measure(event["completion_tokens"], "{:,}")),
        ("Tokens", _measure(event["token_count"], "{:,}")),
        ("Cost", _measure(event["cost_usd"], "{:.6f} USD")),
        ("Finish reason", event["finish_reason"]),
        ("Experiment", event["experiment"]),
        ("Tags", ", ".join(event["tags"])),
        ("User hash", event["user_hash"]),
        ("Session hash", event["session_hash"]),
        ("Trace", event["trace_id"]),
        ("Span", event["span_id"]),
    ]
    return [(name, value) for name, value in facts if value]


def _measure(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)

"""What the page of one event shows."""

import json
from dataclasses import dataclass

from feedback.models import Event, QualityScore, Signal

STATES = {"live": "info", "history": "", "waiting": "warning"}


@dataclass(frozen=True)
class Turn:
    """What one side said; of a text that was not kept, only its length."""

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
class SignalRow:
    signal: Signal
    state: str
    tone: str


@dataclass(frozen=True)
class EventPage:
    event: Event
    turns: list[Turn]
    profile: str
    checks: list[CheckRow]
    signals: list[SignalRow]
    facts: list[tuple[str, str]]
    metadata: str
    newer: Event | None
    older: Event | None


def build(event: Event, among) -> EventPage:
    """The page of an event; `among` are the events whose neighbours it links to."""
    quality = QualityScore.objects.filter(event_id=event.pk).order_by("assessor").first()
    return EventPage(
        event=event,
        turns=_turns(event),
        profile=quality.profile if quality else "",
        checks=[_check(check) for check in quality.checks] if quality else [],
        signals=[_signal(signal) for signal in Signal.objects.filter(event_id=event.pk).newest_first()],
        facts=_facts(event),
        metadata=json.dumps(event.metadata, indent=2, ensure_ascii=False) if event.metadata else "",
        newer=among.newer_than(event.occurred_at, event.pk).oldest_first().only("pk").first(),
        older=among.older_than(event.occurred_at, event.pk).newest_first().only("pk").first(),
    )


def _turns(event: Event) -> list[Turn]:
    if event.content_dropped:
        prompt = Turn("prompt", "", kept=False, length=event.prompt_length)
        return [prompt, Turn("response", "", kept=False, length=event.response_length)]
    return [*conversation(event), Turn("response", event.response)]


def conversation(event: Event) -> list[Turn]:
    """The messages as role and text; without messages, the prompt."""
    if not event.messages:
        return [Turn("prompt", event.prompt)]
    return [Turn(str(message.get("role", "message")), _text(message)) for message in event.messages]


def signal_state(signal: Signal) -> str:
    return "waiting" if signal.waiting else "live" if signal.live else "history"


def _text(message: dict) -> str:
    """The text of a message; what is not text, such as a tool call, as JSON."""
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
    return json.dumps(part, ensure_ascii=False)


def _check(check: dict) -> CheckRow:
    details = check.get("details") or {}
    return CheckRow(
        check["name"].replace("_", " "), check.get("score"), check.get("passed"), "; ".join(_details(details))
    )


def _details(details: dict):
    for name, value in details.items():
        if value is None:
            continue
        text = f"{value:.3g}" if isinstance(value, float) else value if isinstance(value, str) else json.dumps(value)
        yield f"{name.replace('_', ' ')}: {text}"


def _signal(signal: Signal) -> SignalRow:
    state = signal_state(signal)
    return SignalRow(signal, state, STATES[state])


def _facts(event: Event) -> list[tuple[str, str]]:
    """The facts that are known, each with its unit."""
    facts = [
        ("External id", event.external_id),
        ("Model version", event.model_version_id),
        ("Prompt version", event.prompt_version),
        ("Latency", _measure(event.latency_ms, "{:,.0f} ms")),
        ("Prompt tokens", _measure(event.prompt_tokens, "{:,}")),
        ("Completion tokens", _measure(event.completion_tokens, "{:,}")),
        ("Tokens", _measure(event.token_count, "{:,}")),
        ("Cost", _measure(event.cost_usd, "{:.6f} USD")),
        ("Finish reason", event.finish_reason),
        ("Experiment", event.experiment),
        ("Tags", ", ".join(event.tags)),
        ("User hash", event.user_hash),
        ("Session hash", event.session_hash),
        ("Trace", event.trace_id),
        ("Span", event.span_id),
    ]
    return [(name, value) for name, value in facts if value]


def _measure(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)

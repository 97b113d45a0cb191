"""Simulated events with their signals, in order of time."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from feedback.choices import SignalType
from feedback.simulation import arrivals
from feedback.simulation.answers import Answer, write_answer
from feedback.simulation.catalogue import Case, Catalogue, Topic, load
from feedback.simulation.chance import happens, pick, pick_weighted
from feedback.simulation.questions import write_question
from feedback.simulation.reactions import Reaction, react
from feedback.simulation.recorded import MOST_TOKENS
from feedback.simulation.scenarios import Mix, Scenario, Version, mix

NAMESPACE = uuid.UUID("0b7e7d0e-52f3-5d1c-8f4a-6c1d0b9a4e21")
EVENTS_PER_USER = 15
CHANNELS = {"web": 0.7, "mobile": 0.2, "api": 0.1}
PLANS = {"free": 0.45, "team": 0.4, "enterprise": 0.15}
SAME_TOPIC = 0.6
CHARACTERS_PER_TOKEN = 4.3
FIRST_TOKEN_MS = 380.0
LATENCY_SPREAD = 0.3


@dataclass(frozen=True)
class Exchange:
    """One event as the API takes it, but without its time, and what its user did then."""

    offset_seconds: float
    event: dict[str, Any]
    reactions: list[Reaction]

    def signals(self) -> list[tuple[float, dict[str, Any]]]:
        """(seconds after the event, signal as the API takes it, but without its time)."""
        named = {name: self.event[name] for name in ("deployment_id", "user_id")} | {"event_id": self.event["id"]}
        return [
            (
                reaction.delay_seconds,
                {"id": self._signal_id(place), "type": reaction.type.value} | named | reaction.fields,
            )
            for place, reaction in enumerate(self.reactions)
        ]

    def _signal_id(self, place: int) -> str:
        return str(uuid.uuid5(NAMESPACE, f"{self.event['id']} {place}"))


@dataclass
class _Session:
    user: int
    history: list[dict[str, str]] = field(default_factory=list)
    question: str = ""
    topic: Topic | None = None
    case: Case | None = None
    ask_again: bool = False


def simulate(scenario: Scenario, *, start: datetime) -> Iterator[Exchange]:
    """The scenario's exchanges, the same ones every time; `start` places them on the days of the week."""
    rng = np.random.default_rng(scenario.entropy)
    catalogue = load(scenario.catalogue)
    ordinary, drifted = mix({}), mix(scenario.drifts)
    sessions: dict[int, _Session] = {}
    for number, arrival in enumerate(_arrivals(scenario, start, rng)):
        position = arrival.offset_seconds / scenario.duration_seconds
        current = drifted if position >= 1 - scenario.drift_share else ordinary
        session = sessions.setdefault(arrival.session, _Session(_user(scenario.events, rng)))
        _ask(session, current, catalogue, rng)
        kind = pick_weighted(current.kinds, rng)
        long = happens(current.long_share, rng)
        answer = write_answer(kind, session.case, session.topic, catalogue, rng, long=long)
        event = _event(scenario, number, arrival, session, answer, _version(scenario, position, rng), catalogue, rng)
        reactions = react(answer, session.case, catalogue, rng)
        yield Exchange(arrival.offset_seconds, event, reactions)
        session.ask_again = any(reaction.type == SignalType.REGENERATE for reaction in reactions)
        if not session.ask_again:
            session.history += [_message("user", session.question), _message("assistant", answer.text)]
        if arrival.is_last:
            del sessions[arrival.session]


def _arrivals(scenario: Scenario, start: datetime, rng: np.random.Generator) -> list[arrivals.Arrival]:
    if scenario.recorded:
        return arrivals.follow(scenario.recorded, rng=rng)
    return arrivals.plan(events=scenario.events, days=scenario.days, start=start, rng=rng)


def _user(events: int, rng: np.random.Generator) -> int:
    """A few users ask a lot and many ask little."""
    users = max(8, events // EVENTS_PER_USER)
    return int(users * rng.random() ** 2)


def _ask(session: _Session, current: Mix, catalogue: Catalogue, rng: np.random.Generator) -> None:
    if session.ask_again:
        return
    if session.topic is None or not happens(SAME_TOPIC, rng):
        seasonal = happens(current.seasonal_share, rng)
        session.topic = pick([topic for topic in catalogue.topics if topic.seasonal == seasonal], rng)
    session.case = pick([case for case in session.topic.cases if case != session.case], rng)
    session.question = write_question(session.case, catalogue, rng, first=not session.history)


def _version(scenario: Scenario, position: float, rng: np.random.Generator) -> Version:
    active = {version: version.weight for version in scenario.versions if version.begins <= position <= version.ends}
    return pick_weighted(active, rng)


def _event(
    scenario: Scenario,
    number: int,
    arrival: arrivals.Arrival,
    session: _Session,
    answer: Answer,
    version: Version,
    catalogue: Catalogue,
    rng: np.random.Generator,
) -> dict[str, Any]:
    asked = [*session.history, _message("user", session.question)]
    messages = [_message("system", catalogue.system), *asked]
    prompt_tokens = _tokens("".join(message["content"] for message in messages), rng)
    completion_tokens = _tokens(answer.text, rng)
    if arrival.prompt_tokens is not None:
        prompt_tokens = arrival.prompt_tokens
    if arrival.completion_tokens is not None:
        completion_tokens = arrival.completion_tokens
    latency_ms = (FIRST_TOKEN_MS + version.ms_per_token * completion_tokens) * np.exp(rng.normal(0, LATENCY_SPREAD))
    # A question on its own is sent as a prompt, one that follows others with the whole conversation.
    question = {"messages": messages} if session.history else {"prompt": session.question}
    person = np.random.default_rng([scenario.seed, session.user])
    return question | {
        "id": str(uuid.uuid5(NAMESPACE, f"{scenario.identity} {number}")),
        "deployment_id": scenario.deployment_id,
        "model_version_id": version.name,
        "prompt_version": version.prompt_version,
        "session_id": f"{scenario.identity} {arrival.session}",
        "user_id": f"user-{session.user}",
        "response": answer.text,
        "latency_ms": round(float(latency_ms), 1),
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "token_count": min(prompt_tokens + completion_tokens, MOST_TOKENS),
        "cost_usd": round((prompt_tokens + 4 * completion_tokens) * version.usd_per_million_tokens / 4e6, 8),
        "finish_reason": answer.finish_reason,
        "tags": [session.topic.name],
        "metadata": {"channel": pick_weighted(CHANNELS, person), "plan": pick_weighted(PLANS, person)},
    }


def _message(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def _tokens(text: str, rng: np.random.Generator) -> int:
    return round(len(text) / CHARACTERS_PER_TOKEN * (1 + 0.06 * (2 * rng.random() - 1)))

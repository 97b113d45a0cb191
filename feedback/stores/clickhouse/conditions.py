"""Filters as conditions of ClickHouse's SQL."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from feedback.choices import SignalState
from feedback.querysets.traffic import SEARCHED_CHARACTERS
from feedback.stores.base import EventFilter, SignalFilter
from feedback.stores.clickhouse.literals import moment, text, texts

_WORD = re.compile(r"[^\W_]+")
_SEARCHED = f"lowerUTF8(substringUTF8({{0}}, 1, {SEARCHED_CHARACTERS}))"
_EDGE, _END = r"(?:^|[^\p{L}\p{N}])", r"(?:$|[^\p{L}\p{N}])"
_COMPARED: Mapping[str, tuple[str, Callable]] = {
    "model_version_id": ("model_version_id = {}", text),
    "prompt_version": ("prompt_version = {}", text),
    "session_hash": ("session_hash = {}", text),
    "tools_hash": ("tools_hash = {}", text),
    "ids": ("id IN {}", texts),
    "types": ("type IN {}", texts),
    "external_ids": ("external_id IN {}", texts),
    "user_hashes": ("user_hash IN {}", texts),
    "session_hashes": ("session_hash IN {}", texts),
    "occurred_from": ("occurred_at >= {}", moment),
    "occurred_to": ("occurred_at < {}", moment),
    "received_to": ("received_at < {}", moment),
    "min_quality": ("quality_score >= {}", repr),
    "max_quality": ("quality_score <= {}", repr),
    "quality_below": ("quality_score < {}", repr),
    "training_allowed": ("training_allowed = {}", repr),
}
_DEPLOYMENT: Mapping[str, tuple[str, Callable]] = {
    "deployment_id": ("deployment_id = {}", text),
    "deployment_ids": ("deployment_id IN {}", texts),
}
_STATES = {
    SignalState.LIVE: "live AND NOT waiting",
    SignalState.HISTORY: "NOT live AND NOT waiting",
    SignalState.WAITING: "waiting",
}


@dataclass
class Conditions:
    """lasting: on columns that never change, so it may be checked before the versions of a row are resolved."""

    lasting: list[str] = field(default_factory=list)
    passing: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        clauses = (("PREWHERE", self.lasting), ("WHERE", self.passing))
        return "".join(f" {word} {' AND '.join(conditions)}" for word, conditions in clauses if conditions)


def of_events(where: EventFilter) -> Conditions:
    # Narrow columns first: each condition is checked for the rows that passed the ones before it.
    lasting = _given(where, _DEPLOYMENT) + _given(where, _COMPARED) + _places(where)
    if where.named is not None:
        named = text(where.named)
        lasting.append(f"(id = {text(_as_id(where.named))} OR external_id = {named} AND external_id != '')")
    if where.scored:
        lasting.append("isNotNull(quality_score)")
    if where.signal is not None:
        lasting.append(f"id GLOBAL IN ({_with_live_signal(where)})")
    if where.text:
        lasting += _holds_words(where.text)
    return Conditions(lasting)


def of_signals(where: SignalFilter) -> Conditions:
    lasting = _given(where, _COMPARED) + _places(where)
    passing = _given(where, _DEPLOYMENT)
    if where.state is not None:
        passing.append(_STATES[where.state])
    if where.event_ids is not None:
        about = f"event_id IN {texts(where.event_ids)}"
        lasting.append(f"id GLOBAL IN (SELECT id FROM signals WHERE {about})")
        passing.append(about)
    if where.named is not None:
        wanted = text(_as_id(where.named))
        lasting.append(f"id GLOBAL IN (SELECT id FROM signals WHERE event_id = {wanted} OR id = {wanted})")
    return Conditions(lasting, passing)


def _given(where: EventFilter | SignalFilter, ways: Mapping[str, tuple[str, Callable]]) -> list[str]:
    given = {name: value for name, value in vars(where).items() if value is not None}
    return [ways[name][0].format(ways[name][1](value)) for name, value in given.items() if name in ways]


def _places(where: EventFilter | SignalFilter) -> list[str]:
    """The first condition of each lets the index of times leave granules out."""
    found = []
    for place, sign in ((where.older_than, "<"), (where.newer_than, ">")):
        if place is not None:
            at, item_id = moment(place[0]), text(str(place[1]))
            found += [f"occurred_at {sign}= {at}", f"(occurred_at {sign} {at} OR id {sign} {item_id})"]
    return found


def _with_live_signal(where: EventFilter) -> str:
    """A signal that found its event names the event's deployment."""
    conditions = ["live", "NOT waiting", f"type = {text(where.signal)}", *_given(where, _DEPLOYMENT)]
    return f"SELECT assumeNotNull(event_id) FROM signals FINAL WHERE {' AND '.join(conditions)}"


def _holds_words(words: str) -> list[str]:
    """All of the words, whole and in either case, in one of the two texts.

    One condition after the other, each for the rows that those before it left over, and the fast ones first.
    """
    wanted = sorted(set(_WORD.findall(words.lower())))
    if not wanted:
        return ["0"]
    letters = (f"positionCaseInsensitiveUTF8({{0}}, {text(word)}) > 0" for word in wanted)
    whole = [f"match({_SEARCHED}, {text(f'{_EDGE}{word}{_END}')})" for word in wanted]
    return [_in_either(condition) for condition in (*letters, *whole, " AND ".join(whole))]


def _in_either(condition: str) -> str:
    return f"({' OR '.join(condition.replace('{0}', name) for name in ('prompt', 'response'))})"


def _as_id(name: str) -> str:
    """The id in a text, or one that no row has."""
    try:
        return str(UUID(name))
    except ValueError:
        return ""

"""Compares the tool calls of candidates with their conversations and with each other."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from curation.candidates import texts
from curation.selecting.belonging import Answered, Belonging, belongings
from curation.strategies.base import CallFit, Candidate
from feedback import exact_json
from feedback.conversations import canonical
from feedback.conversations.messages import Message, TextBlock, ToolCallBlock, ToolResultBlock
from feedback.deployments.renames.deciding import confirmed_renames
from feedback.signatures import normalised
from feedback.stores import tool_lists
from feedback.stores.schema import Row
from feedback.tools.checking import check_calls, offered_tools

# What is read of a conversation, from its end; of a message that predicts the call, from both ends.
MOST_CHARACTERS = 16_000
_ENDS = 200
_RECENT = 2
_MOST_ARGUMENTS, _MOST_VALUE = 30, 100


class CallFits:
    """Reads the answers of candidates and tells how well their calls fit. Former names of tools count as today's.

    check: called for each event; it may end the build by raising an exception.
    """

    def __init__(self, deployment_id: str, candidates: Sequence[Candidate], check: Callable[[], None]):
        self._deployment_id, self._candidates, self._check = deployment_id, candidates, check
        self._lists: dict[str, str | None] = {}

    def __call__(self, indices: Sequence[int], rng: np.random.Generator) -> list[CallFit | None]:
        renames = confirmed_renames(self._deployment_id)
        ids = [self._candidates[index].event_id for index in indices]
        answers: list[Answered | None] = []
        valid: list[bool] = []
        for index, (_, row) in zip(indices, texts.of_events(ids), strict=True):
            self._check()
            sent = _calls(row) if row else []
            calls = [msgspec.structs.replace(call, name=renames.get(call.name, call.name)) for call in sent]
            answers.append(_answered(row, calls, self._candidates[index], renames) if row else None)
            valid.append(row is not None and any(self._are_valid(row, some) for some in (sent, calls)))
        compared = [at for at, answer in enumerate(answers) if answer and valid[at]]
        found = belongings([answer for at in compared if (answer := answers[at])], rng=rng)
        by_answer = dict(zip(compared, found, strict=True))
        return [
            _fit(answer, by_answer.get(at), is_valid=valid[at]) if answer else None for at, answer in enumerate(answers)
        ]

    def _are_valid(self, row: Row, calls: Sequence[ToolCallBlock]) -> bool:
        if not calls or not (tools := self._tools(row["tools_hash"])) or offered_tools(tools) is None:
            return True
        return all(call.is_valid for call in check_calls(calls, tools=tools))

    def _tools(self, digest: str) -> str | None:
        if digest not in self._lists:
            self._lists[digest] = tool_lists.text_of(self._deployment_id, digest) if digest else None
        return self._lists[digest]


def _fit(answer: Answered, found: Belonging | None, *, is_valid: bool) -> CallFit:
    if found is None:
        return CallFit(None, answer.kind, is_valid=is_valid)
    return CallFit(found.probability, answer.kind, found.expected, found.absent)


def _calls(row: Row) -> list[ToolCallBlock]:
    stored = row["response_message"]
    return canonical.decode(stored)[0].calls if stored else []


def _answered(row: Row, calls: Sequence[ToolCallBlock], candidate: Candidate, renames: Mapping[str, str]) -> Answered:
    stored = row["messages"]
    messages = canonical.decode(stored) if stored else [Message("user", [TextBlock(row["prompt"])])]
    said = [_text(message, renames) for message in messages]
    recent = " ".join(
        f"{message.role} {normalised(_ends(text))}"
        for message, text in zip(messages[-_RECENT:], said[-_RECENT:], strict=True)
    )
    return Answered(
        ", ".join(call.name for call in calls),
        recent,
        f" {normalised(' '.join(said)[-MOST_CHARACTERS:])} ",
        candidate.session or candidate.event_id,
        dict(_values(calls)),
    )


def _text(message: Message, renames: Mapping[str, str]) -> str:
    parts = [message.content or ""] if isinstance(message.content, str) else [message.preview]
    for block in message.blocks:
        if isinstance(block, ToolCallBlock):
            parts.append(f"{renames.get(block.name, block.name)} {block.arguments}")
        elif isinstance(block, ToolResultBlock):
            parts.append("result")
    return " ".join(parts)


def _ends(text: str) -> str:
    return text if len(text) <= 2 * _ENDS else f"{text[:_ENDS]} {text[-_ENDS:]}"


def _values(calls: Sequence[ToolCallBlock]) -> Iterator[tuple[str, str]]:
    """The arguments of calls that are texts or numbers, and what they hold."""
    left = _MOST_ARGUMENTS
    for call in calls:
        for name, value in _leaves(_decoded(call.arguments), ""):
            if left and (text := normalised(value)) and len(value) <= _MOST_VALUE:
                left -= 1
                yield name, text


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, path)
    elif isinstance(value, str):
        yield path, value
    elif value is not None and not isinstance(value, bool):
        yield path, str(value)


def _decoded(arguments: str) -> Any:
    try:
        return exact_json.decode(arguments)
    except (msgspec.MsgspecError, UnicodeEncodeError, exact_json.NumberOutOfRange, RecursionError):
        return None

"""Exports of other programs that are recognised by their columns: ShareGPT, OpenAI fine-tuning, LangSmith, Langfuse."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from feedback.ingestion.items import EventItem, Item
from feedback.ingestion.loading import langchain
from feedback.ingestion.loading.cells import document, number
from feedback.ingestion.loading.times import InvalidTime, moment

Fields = dict[str, Any]
# From the values of columns of one row to fields; a rule may read several columns.
Read = Callable[[Mapping[str, Any], Any], Fields]


@dataclass(frozen=True)
class KnownExport:
    """An export by its name; `targets` has the fields that each of its columns becomes."""

    name: str
    targets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    read: Read = lambda row, zone: {}


def recognise(names: Collection[str], item: type[Item]) -> KnownExport | None:
    """The export that has these columns, if it is one of them and no other."""
    found = set(names)
    if item is not EventItem:
        return None
    matching = [export for matches, export in _EXPORTS if matches(found)]
    return matching[0] if len(matching) == 1 else None


def _renaming(names: Mapping[str, str]) -> tuple[dict[str, tuple[str, ...]], Read]:
    def read(row: Mapping[str, Any], zone: Any) -> Fields:
        read: Fields = {}
        for column, target in names.items():
            if row.get(column) not in (None, ""):
                read.setdefault(target, row[column])
        return read

    return {column: (target,) for column, target in names.items()}, read


_LANGSMITH_NAMES = {
    "id": "id",
    "trace_id": "trace_id",
    "start_time": "occurred_at",
    "prompt_tokens": "prompt_tokens",
    "completion_tokens": "completion_tokens",
    "total_tokens": "token_count",
    "total_cost": "cost_usd",
    "tags": "tags",
}
_LANGFUSE_NAMES = {
    "id": "external_id",
    "startTime": "occurred_at",
    "start_time": "occurred_at",
    "timestamp": "occurred_at",
    "traceId": "trace_id",
    "trace_id": "trace_id",
    "model": "model_version_id",
    "provided_model_name": "model_version_id",
    "providedModelName": "model_version_id",
    "version": "prompt_version",
    "promptVersion": "prompt_version",
    "prompt_version": "prompt_version",
    "sessionId": "session_id",
    "session_id": "session_id",
    "userId": "user_id",
    "user_id": "user_id",
    "promptTokens": "prompt_tokens",
    "inputTokens": "prompt_tokens",
    "completionTokens": "completion_tokens",
    "outputTokens": "completion_tokens",
    "totalTokens": "token_count",
    "totalCost": "cost_usd",
    "total_cost": "cost_usd",
    "calculatedTotalCost": "cost_usd",
    "tags": "tags",
}
_EXCHANGE = ("messages", "prompt", "response")


def _langsmith(row: Mapping[str, Any], zone: Any) -> Fields:
    read = _read_langsmith(row, zone)
    read |= langchain.asked(_value(row.get("inputs"))) | langchain.answered(_value(row.get("outputs")))
    if (
        "latency_ms" not in row
        and (elapsed := _elapsed_ms(row.get("start_time"), row.get("end_time"), zone)) is not None
    ):
        read["latency_ms"] = elapsed
    return read


def _value(value: Any) -> Any:
    """What a cell holds: in CSV, inputs and outputs are JSON, and a text is in quotes."""
    if isinstance(value, str) and value[:1] == value[-1:] == '"':
        try:
            return msgspec.json.decode(value, type=str)
        except msgspec.MsgspecError:
            return value
    return document(value)


def _elapsed_ms(start: Any, end: Any, zone: Any) -> float | None:
    if start in (None, "") or end in (None, ""):
        return None
    try:
        return (moment(end, zone=zone) - moment(start, zone=zone)).total_seconds() * 1000
    except InvalidTime:
        return None


def _langfuse(row: Mapping[str, Any], zone: Any) -> Fields:
    read = _usage(row) | _read_langfuse(row, zone)
    seconds = number(row.get("latency"))
    if isinstance(seconds, int | float):
        read["latency_ms"] = seconds * 1000
    return read | langchain.asked(_value(row.get("input"))) | langchain.answered(_value(row.get("output")))


def _usage(row: Mapping[str, Any]) -> Fields:
    """Counts of tokens, which are one object in newer exports."""
    usage = next((read for name in _USAGE if isinstance(read := document(row.get(name)), dict)), {})
    counts = (("prompt_tokens", "input"), ("completion_tokens", "output"), ("token_count", "total"))
    return {name: usage[key] for name, key in counts if usage.get(key) is not None}


_USAGE = ("usageDetails", "usage_details", "usage")
_langsmith_targets, _read_langsmith = _renaming(_LANGSMITH_NAMES)
_langfuse_targets, _read_langfuse = _renaming(_LANGFUSE_NAMES)
_sharegpt_targets, _read_sharegpt = _renaming({"conversations": "messages", "id": "external_id"})

SHAREGPT = KnownExport("ShareGPT", _sharegpt_targets, _read_sharegpt)
FINE_TUNING = KnownExport("OpenAI fine-tuning")
LANGSMITH = KnownExport(
    "LangSmith",
    # The session of a run is its project.
    _langsmith_targets
    | {"inputs": _EXCHANGE[:2], "outputs": _EXCHANGE[2:], "end_time": ("latency_ms",), "session_id": ()},
    _langsmith,
)
LANGFUSE = KnownExport(
    "Langfuse",
    _langfuse_targets
    | {"input": _EXCHANGE[:2], "output": _EXCHANGE[2:], "latency": ("latency_ms*1000",)}
    | dict.fromkeys(_USAGE, ("prompt_tokens", "completion_tokens", "token_count")),
    _langfuse,
)
_OF_FINE_TUNING = {"messages", "tools", "functions", "parallel_tool_calls"}
_OF_LANGSMITH = {"run_type", "dotted_order", "reference_example_id", "dataset_id", "parent_run_id", "source_run_id"}
_OF_LANGFUSE = {
    *("traceId", "sessionId", "startTime", "usageDetails", "usage_details", "costDetails", "cost_details"),
    *("calculatedTotalCost", "modelParameters", "provided_model_name", "providedModelName", "promptTokens"),
}
_EXPORTS: tuple[tuple[Callable[[set[str]], bool], KnownExport], ...] = (
    (lambda names: "conversations" in names and not names & {"messages", "prompt"}, SHAREGPT),
    (lambda names: "messages" in names and names <= _OF_FINE_TUNING, FINE_TUNING),
    (lambda names: names >= {"inputs", "outputs"} and bool(names & _OF_LANGSMITH), LANGSMITH),
    (lambda names: names >= {"input", "output"} and bool(names & _OF_LANGFUSE), LANGFUSE),
)

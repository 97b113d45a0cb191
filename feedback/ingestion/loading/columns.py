"""What becomes of each column of a file: a field of an event or a signal, metadata, or nothing."""

import difflib
import math
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from feedback.ingestion.items import EventItem, Item, SignalItem
from feedback.ingestion.loading.known_exports import KnownExport

# What other programs call the fields; a name for several fields is in none of these lists.
_OTHER_NAMES = {
    "prompt": "question query input instruction user_input user_message user_prompt request request_text",
    "response": "answer output completion reply generation generated_text model_output bot_response response_text",
    "messages": "conversation conversations chat dialog dialogue history turns chat_history",
    "system": "system_prompt system_message",
    "latency_ms": "latency duration duration_ms response_time_ms",
    "latency_ms*1000": "latency_s latency_seconds seconds duration_s duration_seconds response_time_s",
    "prompt_tokens": "input_tokens tokens_in",
    "completion_tokens": "output_tokens tokens_out",
    "token_count": "total_tokens tokens",
    "cost_usd": "cost price total_cost",
    "finish_reason": "stop_reason",
    "occurred_at": "created created_at timestamp time date datetime ts start_time event_time date_time",
    "model_version_id": "model_name model_id model_version llm",
    "user_id": "user uid customer_id person",
    "session_id": "conversation_id chat_id thread_id session",
    "external_id": "request_id message_id event_key",
    "type": "signal signal_type feedback_type kind",
    "value": "score rating stars thumb",
    "comment": "remark feedback_text",
    "edited_response": "corrected corrected_response correction edited",
}
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class InvalidMapping(ValueError):
    """An invalid --map or --set option."""


@dataclass(frozen=True)
class Mapping:
    """column → field: `field` is an item's, `metadata.KEY`, or ""; numbers are multiplied by `factor`."""

    column: str
    field: str
    factor: float | None = None


@dataclass(frozen=True)
class Column:
    """What becomes of one column, why, and what else it might be."""

    name: str
    target: str
    why: str = ""
    suggestion: str = ""


def parse_mapping(text: str, item: type[Item] = EventItem) -> Mapping:
    """`column=field`, `column=field*1000` to change a unit, `column=metadata.key`, `column=` to leave it out."""
    column, separator, target = text.partition("=")
    name, _, factor = target.partition("*")
    if not separator or not column:
        raise InvalidMapping(f"{text}: expected COLUMN=FIELD")
    _check_field(text, name, item)
    return Mapping(column, name, _factor(text, factor) if factor else None)


def parse_constant(text: str, item: type[Item] = EventItem) -> tuple[str, str]:
    """`field=value`, for every row without a value of its own."""
    field, separator, value = text.partition("=")
    if not separator or not field:
        raise InvalidMapping(f"{text}: expected FIELD=VALUE")
    _check_field(text, field, item)
    return field, value


def _check_field(text: str, name: str, item: type[Item]) -> None:
    fields = fields_of(item)
    if not name or name in fields or name.startswith("metadata."):
        return
    close = difflib.get_close_matches(name, fields, 1) or difflib.get_close_matches(name, fields, 1, 0.4)
    advice = f"; did you mean {close[0]}?" if close else ""
    what = "an event" if item is EventItem else "a signal"
    raise InvalidMapping(f"{text}: {name} is no field of {what}, and not metadata.KEY{advice}")


def _factor(text: str, factor: str) -> float:
    try:
        number = float(factor)
    except ValueError as error:
        raise InvalidMapping(f"{text}: {factor} is not a number") from error
    if not math.isfinite(number):
        raise InvalidMapping(f"{text}: {factor} is not a usable factor")
    return number


def fields_of(item: type[Item]) -> Sequence[str]:
    return [field.name for field in msgspec.structs.fields(item)]


def plan(
    names: Iterable[str], mappings: Sequence[Mapping], known: KnownExport | None, item: type[Item]
) -> Iterator[Column]:
    """What becomes of the columns of these names, in their order."""
    names = list(names)
    fields = fields_of(item)
    taken = {mapping.field for mapping in mappings} | (set(names) & set(fields))
    rules = known.targets if known else {}
    taken |= {field for fields_of_rule in rules.values() for field in fields_of_rule}
    for name in names:
        own = [mapping for mapping in mappings if mapping.column == name]
        if own:
            yield Column(name, " and ".join(_target(mapping) for mapping in own), "--map")
        elif name in rules:
            yield Column(name, " and ".join(rules[name]), known.name if known else "")
        elif name == "deployment_id":
            yield Column(name, "", suggestion="deployment_id")
        elif name in fields:
            yield Column(name, name)
        else:
            yield Column(name, f"metadata.{name}", suggestion=suggestion(name, [f for f in fields if f not in taken]))


def _target(mapping: Mapping) -> str:
    return mapping.field if mapping.factor is None else f"{mapping.field}*{mapping.factor:g}"


def suggestion(name: str, fields: Collection[str]) -> str:
    """The field that a column of this name probably is, or ''."""
    plain = _WORD_START.sub("_", name.strip()).lower().replace(" ", "_").replace("-", "_").replace(".", "_")
    if plain in fields:
        return plain
    for target, others in _OTHER_NAMES.items():
        if plain in others.split() and target.partition("*")[0] in fields:
            return target
    return next(iter(difflib.get_close_matches(plain, fields, 1, 0.8)), "")


def missing(columns: Iterable[Column], mappings: Sequence[Mapping], constants: dict[str, Any], item: type[Item]) -> str:
    """What no column gives though each item needs it, or ''."""
    given = {field for column in columns for field in column.target.split(" and ")}
    given |= {mapping.field for mapping in mappings} | constants.keys()
    if item is SignalItem:
        return "" if "type" in given else "type"
    return "" if given & {"prompt", "messages"} else "prompt or messages"

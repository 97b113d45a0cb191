"""ShareGPT: turns of `from` and `value`, by the rules of LLaMA-Factory, which skips every row that breaks one.

Source: https://github.com/hiyouga/LLaMA-Factory, data/README.md and src/llamafactory/data/converter.py.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Raw

from exports.choices import LeftOut, ProductName
from exports.formats import jsonl
from exports.formats.base import Format, Record
from feedback import exact_json
from feedback.conversations.dialects.openai import read_message
from feedback.conversations.dialects.sharegpt import to_sharegpt
from feedback.conversations.intake import Intake

Message = Mapping[str, Any]
Turn = Mapping[str, str]

ASKING, ANSWERING = ("human", "observation"), ("gpt", "function_call")
_PLAIN = {"role", "content"}
_SPEAKERS = {"user": "human", "assistant": "gpt"}


def fit(product: str, record: Record) -> Record | LeftOut:
    answers = [record["chosen"], record["rejected"]] if product == ProductName.PREFERENCE else []
    messages = record["messages"] if "messages" in record else [*record["prompt"], *record.get("completion", ())]
    tools = record.get("tools", ())
    if any(map(_has_media, [*messages, *(message for answer in answers for message in answer)])):
        return LeftOut.MEDIA_ABSENT
    if any(tool["type"] != "function" for tool in tools):
        return LeftOut.TOOL_CALLS
    row = _conversation(list(_turns(messages)))
    if tools:
        row["tools"] = exact_json.dump([tool["function"] for tool in tools]).decode()
    if answers:
        sides = [list(_turns(answer)) for answer in answers]
        if any(len(side) != 1 for side in sides):
            return LeftOut.TURNS
        row |= {"chosen": sides[0][0], "rejected": sides[1][0]}
    if product == ProductName.KTO:
        row["kto_tag"] = record["label"]
    return broken_rule(row) or row


def _has_media(message: Message) -> bool:
    content = message.get("content")
    return isinstance(content, list) and any(part["type"] != "text" for part in content)


def _turns(messages: Iterable[Message]) -> Iterator[dict[str, str]]:
    for message in messages:
        speaker, content = _SPEAKERS.get(message["role"]), message.get("content")
        if speaker and content and isinstance(content, str) and message.keys() <= _PLAIN:
            yield {"from": speaker, "value": content}
        else:
            fields = {name: Raw(exact_json.dump(value)) for name, value in message.items()}
            yield from to_sharegpt([read_message(Intake.of_stored(), fields, "")])


def _conversation(turns: list[dict[str, str]]) -> dict[str, Any]:
    """The turns, without the system message that is the first of them: it has a key of its own."""
    if turns and turns[0]["from"] == "system":
        return {"conversations": turns[1:], "system": turns[0]["value"]}
    return {"conversations": turns}


def broken_rule(row: Record) -> LeftOut | None:
    """Why LLaMA-Factory would skip a row, or None."""
    for conversation in _conversations(row):
        if len(conversation) % 2 or not conversation:
            return LeftOut.TURNS
        if any(turn["from"] not in (ASKING, ANSWERING)[index % 2] for index, turn in enumerate(conversation)):
            return LeftOut.TURNS
        if not all(turn["value"] or turn["from"] == "observation" for turn in conversation):
            return LeftOut.TURNS
    return None


def _conversations(row: Record) -> Iterator[Sequence[Turn]]:
    """The turns of a row, as often as it has answers."""
    if "chosen" not in row:
        yield row["conversations"]
        return
    for side in ("chosen", "rejected"):
        yield [*row["conversations"], row[side]]


FORMAT = Format(
    "sharegpt",
    media_type=jsonl.FORMAT.media_type,
    fit=fit,
    write=jsonl.write,
    check=jsonl.check_with(broken_rule),
)

"""Files for the fine-tuning API of OpenAI and services that read the same: chat and preference examples.

Source: FineTuneChatRequestInput and FineTunePreferenceRequestInput of https://github.com/openai/openai-openapi, and the
validator of https://cookbook.openai.com/examples/chat_finetuning_data_prep.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Raw

from exports.choices import LeftOut, ProductName
from exports.formats import jsonl
from exports.formats.base import Format, Record

Message = Mapping[str, Any]

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
# The keys of each role, in the order in which they are written; the API knows no others.
_KEYS = {
    "system": ("role", "content", "name"),
    "user": ("role", "content", "name"),
    "assistant": ("role", "content", "refusal", "name", "tool_calls", "weight"),
    "tool": ("role", "content", "tool_call_id"),
}
# The schema of examples has no developer; where the API takes both, they mean the same.
_ROLES = {"developer": "system"}
_FUNCTION = ("name", "description", "parameters", "strict")


def fit(product: str, record: Record) -> Record | LeftOut:
    row = _preference(record) if product == ProductName.PREFERENCE else _chat(record)
    return broken_rule(row) or row


def _chat(record: Record) -> Record:
    if "messages" in record:
        messages = list(map(_message, record["messages"]))
    else:
        # Only the last answer is to be learned.
        earlier = [_weighted(_message(one), 0) for one in record["prompt"]]
        messages = [*earlier, *(_weighted(_message(one), 1) for one in record["completion"])]
    return {"messages": messages} | _tools(record)


def _preference(record: Record) -> Record:
    return {
        "input": {"messages": list(map(_message, record["prompt"]))} | _tools(record),
        "preferred_output": list(map(_message, record["chosen"])),
        "non_preferred_output": list(map(_message, record["rejected"])),
    }


def _message(message: Message) -> dict[str, Any]:
    sent: str = message["role"]
    role = _ROLES.get(sent, sent)
    written = {key: message[key] for key in _KEYS[role] if key in message}
    return written | {"role": role}


def _weighted(message: dict[str, Any], weight: int) -> dict[str, Any]:
    return message | {"weight": weight} if message["role"] == "assistant" else message


def _tools(record: Record) -> dict[str, Any]:
    tools = [
        {"type": tool["type"], "function": {key: tool["function"][key] for key in _FUNCTION if key in tool["function"]}}
        if tool["type"] == "function"
        else tool
        for tool in record.get("tools", ())
    ]
    return {"tools": tools} if tools else {}


def broken_rule(row: Record) -> LeftOut | None:
    """Why the validators would reject a row, or None."""
    tools = row.get("tools") or row.get("input", {}).get("tools") or []
    if not all(tool["type"] == "function" and NAME.fullmatch(tool["function"]["name"]) for tool in tools):
        return LeftOut.TOOL_CALLS
    for messages in _conversations(row):
        if found := _broken_content(messages) or _broken_turns(messages) or _broken_calls(messages):
            return found
    return None


def _conversations(row: Record) -> Iterator[Sequence[Message]]:
    """The messages of a row, as often as it has answers."""
    if "messages" in row:
        yield row["messages"]
        return
    for side in ("preferred_output", "non_preferred_output"):
        yield [*row["input"]["messages"], *row[side]]


def _broken_content(messages: Sequence[Message]) -> LeftOut | None:
    """Images can only be in messages of users, and only as the address where they are."""
    for message in messages:
        for part in message["content"] if isinstance(message.get("content"), list) else ():
            is_image = part["type"] == "image_url" and part["image_url"]["url"].startswith(("https://", "http://"))
            if part["type"] != "text" and not (is_image and message["role"] == "user"):
                return LeftOut.MEDIA_ABSENT
    return None


def _broken_turns(messages: Sequence[Message]) -> LeftOut | None:
    if messages[-1]["role"] != "assistant" or not all(map(_is_whole, messages)):
        return LeftOut.TURNS
    return None


def _is_whole(message: Message) -> bool:
    name, content = message.get("name"), message.get("content")
    if name is not None and not NAME.fullmatch(name):
        return False
    if message["role"] == "assistant":
        return bool(content or message.get("tool_calls") or message.get("refusal"))
    return content is not None if message["role"] in {"system", "tool"} else bool(content)


def _broken_calls(messages: Sequence[Message]) -> LeftOut | None:
    """Each call is answered by one of the messages right after it; only those of the last message need no answer."""
    waiting: set[str] = set()
    for message in messages:
        if message["role"] == "tool":
            if message.get("tool_call_id") not in waiting:
                return LeftOut.TOOL_CALLS
            waiting.remove(message["tool_call_id"])
            continue
        calls = message.get("tool_calls") or []
        ids = {call["id"] for call in calls}
        if waiting or len(ids) != len(calls) or not all(map(_is_call, calls)):
            return LeftOut.TOOL_CALLS
        waiting = ids
    return None


def _is_call(call: Mapping[str, Any]) -> bool:
    if call["type"] != "function" or not call["id"] or not NAME.fullmatch(call["function"]["name"]):
        return False
    try:
        msgspec.json.decode(call["function"]["arguments"], type=dict[str, Raw])
    except (msgspec.MsgspecError, RecursionError):
        return False
    return True


FORMAT = Format(
    "openai",
    media_type=jsonl.FORMAT.media_type,
    fit=fit,
    write=jsonl.write,
    check=jsonl.check_with(broken_rule),
)

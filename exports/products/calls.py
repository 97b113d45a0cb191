"""Calls of tools in records: names that a person confirmed are put in, and calls that no tool takes are found."""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from exports.choices import ColumnKind, LeftOut
from exports.products.base import Record
from exports.products.conversations import TOOLS, Message
from feedback import exact_json
from feedback.conversations.messages import ToolCallBlock
from feedback.tools.checking import check_calls, offered_tools

UNDECLARED = "undeclared"


def fitted(record: Record, columns: Mapping[str, ColumnKind], renames: Mapping[str, str]) -> Record | LeftOut:
    """Return a record whose calls fit its tools, or the reason why they do not.

    renames: names of tools by former ones. They replace former names in calls and results, and in tools that are
    declared by a former name alone. The calls of a record without tools are not judged.
    """
    offered = offered_tools(exact_json.encode(record[TOOLS]).decode()) if TOOLS in record else None
    names = _names(renames, None if offered is None else offered.by_name)
    found = dict(record)
    if offered is not None and names:
        found[TOOLS] = [_with_name(tool, names) for tool in record[TOOLS]]
    tools = "" if offered is None else exact_json.encode(found[TOOLS]).decode()
    for name in record:
        if columns.get(name) != ColumnKind.MESSAGES:
            continue
        found[name] = [_renamed(message, names) for message in record[name]]
        for message in found[name] if tools else ():
            if reason := _wrong(message, tools):
                return reason
    return found


def _names(renames: Mapping[str, str], declared: Collection[str] | None) -> Mapping[str, str]:
    """The names that replace others in a record: not where it declares both, or two former names of one tool."""
    if declared is None:
        return renames
    former = Counter(new for old, new in renames.items() if old in declared)
    return {
        old: new
        for old, new in renames.items()
        if (new in declared and old not in declared) or (new not in declared and old in declared and former[new] == 1)
    }


def _renamed(message: Message, names: Mapping[str, str]) -> Message:
    if not names:
        return message
    found = dict(message)
    if calls := message.get("tool_calls"):
        found["tool_calls"] = [_with_name(call, names) for call in calls]
    if message["role"] == "tool" and message.get("name") in names:
        found["name"] = names[message["name"]]
    return found


def _with_name(held: Mapping[str, Any], names: Mapping[str, str]) -> Mapping[str, Any]:
    """A call or a declared tool by its other name; a tool that the vendor runs has none."""
    kind = held["type"]
    if kind not in held:
        return held
    named = held[kind]
    return {**held, kind: {**named, "name": names.get(named["name"], named["name"])}}


def _wrong(message: Message, tools: str) -> LeftOut | None:
    """Why a call of a message fits none of the tools."""
    calls = message.get("tool_calls")
    if not calls:
        return None
    problems = [
        problem.code for call in check_calls([_block(call) for call in calls], tools=tools) for problem in call.problems
    ]
    if UNDECLARED in problems:
        return LeftOut.UNDECLARED_TOOL
    return LeftOut.INVALID_CALL if problems else None


def _block(call: Mapping[str, Any]) -> ToolCallBlock:
    kind = call["type"]
    called = call[kind]
    sent = called["input"] if kind == "custom" else called["arguments"]
    return ToolCallBlock(call["id"], called["name"], sent, kind)

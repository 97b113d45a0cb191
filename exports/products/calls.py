"""Calls of tools in records: names that a person confirmed are put in, and calls that no tool takes are found."""

from collections.abc import Mapping
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

    renames: names of tools by former ones. A former name that the record does not declare is replaced in calls and
    results by the name that it does. A record without tools stays as it is.
    """
    offered = offered_tools(tools := exact_json.encode(record[TOOLS]).decode()) if TOOLS in record else None
    if offered is None:
        return record
    declared = offered.by_name
    names = {old: new for old, new in renames.items() if old not in declared and new in declared}
    found = dict(record)
    for name in record:
        if columns.get(name) != ColumnKind.MESSAGES:
            continue
        found[name] = [_renamed(message, names) for message in record[name]]
        for message in found[name]:
            if reason := _wrong(message, tools):
                return reason
    return found


def _renamed(message: Message, names: Mapping[str, str]) -> Message:
    if not names:
        return message
    found = dict(message)
    if calls := message.get("tool_calls"):
        found["tool_calls"] = [_with_name(call, names) for call in calls]
    if message["role"] == "tool" and message.get("name") in names:
        found["name"] = names[message["name"]]
    return found


def _with_name(call: Mapping[str, Any], names: Mapping[str, str]) -> Mapping[str, Any]:
    kind = call["type"]
    called = call[kind]
    return {**call, kind: {**called, "name": names.get(called["name"], called["name"])}}


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

"""The tools that records declare."""

from collections.abc import Mapping, Sequence
from typing import Any

from exports.formats.base import Record
from feedback import exact_json

Tool = Mapping[str, Any]


def declared(record: Record) -> Sequence[Tool]:
    """The tools of a record in the form of Chat Completions, whether it has them as a list or as JSON text."""
    tools = record.get("tools") or []
    return exact_json.decode(tools) if isinstance(tools, str) else tools

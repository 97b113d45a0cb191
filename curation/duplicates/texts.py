"""The texts by which rows are compared."""

from typing import Any

import orjson


def answer_text(response: str, *, edited_response: str = "", message: dict[str, Any] | None = None) -> str:
    """Return what a row teaches.

    Parameters
    ----------
    response : str
        The text of the answer.
    edited_response : str
        What a user made of it; empty if none did.
    message : dict, optional
        The answer as a message of Chat Completions; its tool calls are part of the answer.

    Returns
    -------
    str
        The edit, or the answer with its tool calls: names and arguments, without ids.

    Examples
    --------
    >>> answer_text("Hi", edited_response="Hello")
    'Hello'
    >>> call = {"id": "call_1", "type": "function", "function": {"name": "find", "arguments": "{}"}}
    >>> answer_text("", message={"role": "assistant", "tool_calls": [call]})
    '{"arguments":"{}","name":"find"}'
    """
    if edited_response.strip():
        return edited_response
    calls = (message or {}).get("tool_calls") or []
    named = [orjson.dumps(call.get("function"), option=orjson.OPT_SORT_KEYS).decode() for call in calls]
    return "\n".join([*([response] if response else []), *named])

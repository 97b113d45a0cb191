"""Results of tools in data sets whose conversations know no message of a tool."""

from typing import Any

import msgspec

from feedback import exact_json
from feedback.conversations import ConversationError, reading
from feedback.conversations.calls import with_results_of_users


def with_tool_results(messages: Any) -> Any:
    """Conversations with calls and no message of a tool: a user's JSON right after a call becomes its result.

    Anything else is returned as it is, the same object.
    """
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        return messages
    if not any("tool_calls" in message for message in messages) or any("tool_call_id" in one for one in messages):
        return messages
    try:
        read = reading.read(exact_json.encode(messages)).messages
    except (ConversationError, msgspec.MsgspecError, TypeError, UnicodeError, RecursionError):
        return messages  # What is wrong with it is told when it is sent.
    if len(read) != len(messages):
        return messages
    known = [before.role != after.role for before, after in zip(read, with_results_of_users(read), strict=True)]
    if not any(known):
        return messages
    return [
        message | {"role": "tool"} if is_result else message for message, is_result in zip(messages, known, strict=True)
    ]

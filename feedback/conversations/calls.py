"""Joins tool results to the calls that they answer."""

from collections import deque
from collections.abc import Sequence
from operator import is_

import msgspec
from msgspec import UnsetType
from msgspec.structs import replace

from feedback.conversations.intake import Intake
from feedback.conversations.messages import Block, Message, ToolCallBlock, ToolResultBlock

_WITH_TOOLS = frozenset({"assistant", "tool"})
_TOOLS = (ToolCallBlock, ToolResultBlock)


def joined(messages: Sequence[Message], intake: Intake) -> list[Message]:
    """Give each call an id and each result the id of its call.

    Parameters
    ----------
    messages : sequence of Message
        Calls and results without an id have '' as id.
    intake : Intake
        Takes a note of each result without a call, and of each call that was not answered before the conversation went
        on.

    Returns
    -------
    list of Message
        A missing id is call_<n> for the n-th call. A result without an id belongs to the first open call of the same
        name, or else to the first open call.

    Examples
    --------
    >>> call, result = Message("assistant", [ToolCallBlock("", "add")]), Message("tool", [ToolResultBlock("")])
    >>> joined([call, result], Intake())[1].tool_call_id
    'call_1'
    """
    for message in messages:
        if _has_tools(message):
            break
    else:
        return list(messages)
    joining = _Joining(messages, intake)
    return [joining.next(index, message) for index, message in enumerate(messages)]


def with_results_of_users(messages: Sequence[Message]) -> list[Message]:
    """Turn JSON that stands as the user's message right after a call into the result of the call.

    Parameters
    ----------
    messages : sequence of Message
        Of a data set without messages of tools; calls and results have been joined.

    Returns
    -------
    list of Message
        A user's message that is a JSON array or object, after an assistant's message with calls, is a tool's.

    Examples
    --------
    >>> from feedback.conversations.messages import TextBlock
    >>> call = Message("assistant", [ToolCallBlock("call_1", "find")])
    >>> sent = [call, Message("user", [TextBlock("[]")]), call, Message("user", [TextBlock("Thanks")])]
    >>> [message.role for message in with_results_of_users(sent)]
    ['assistant', 'tool', 'assistant', 'user']
    """
    read: list[Message] = []
    for message in messages:
        calls = read[-1].calls if read else []
        if calls and message.role == "user" and _is_json(message.content):
            result = ToolResultBlock(calls[0].id, calls[0].name, blocks=message.blocks)
            message = replace(message, role="tool", blocks=[result])
        read.append(message)
    return read


def _is_json(content: str | None | UnsetType) -> bool:
    if not isinstance(content, str) or content.strip()[:1] not in {"[", "{"}:
        return False
    try:
        msgspec.json.decode(content, type=list[msgspec.Raw] | dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return False
    return True


def _has_tools(message: Message) -> bool:
    if message.role in _WITH_TOOLS:
        for block in message.blocks:
            if isinstance(block, _TOOLS):
                return True
    return False


class _Joining:
    def __init__(self, messages: Sequence[Message], intake: Intake):
        self._intake = intake
        self._taken = {block.id for message in messages for block in message.calls if block.id}
        self._taken |= {block.call_id for message in messages for block in message.results if block.call_id}
        self._calls: set[str] = set()
        self._open: dict[str, None] = {}
        self._by_name: dict[str, deque[str]] = {}
        self._count = 0

    def next(self, index: int, message: Message) -> Message:
        path = f"[{index}]"
        if message.role != "tool" and self._open:
            self._close(path)
        if not _has_tools(message):
            return message
        blocks = [self._named(block, path) for block in message.blocks]
        return message if all(map(is_, blocks, message.blocks)) else replace(message, blocks=blocks)

    def _named(self, block: Block, path: str) -> Block:
        if isinstance(block, ToolCallBlock):
            self._count += 1
            call_id = block.id or self._made()
            self._calls.add(call_id)
            self._open[call_id] = None
            self._by_name.setdefault(block.name, deque()).append(call_id)
            return block if block.id else replace(block, id=call_id)
        if isinstance(block, ToolResultBlock):
            return self._answered(block, path)
        return block

    def _answered(self, block: ToolResultBlock, path: str) -> ToolResultBlock:
        call_id = block.call_id or self._first_open(block.name)
        if call_id not in self._calls:
            self._intake.note(path, "result_without_call", "no earlier message calls the tool that this result is of")
            self._count += not call_id
            call_id = call_id or self._made()
        self._open.pop(call_id, None)
        return block if block.call_id else replace(block, call_id=call_id)

    def _first_open(self, name: str | None) -> str:
        named = self._by_name.get(name or "", deque())
        while named:
            if (call_id := named.popleft()) in self._open:
                return call_id
        return next(iter(self._open), "")

    def _made(self) -> str:
        call_id = f"call_{self._count}"
        while call_id in self._taken:
            call_id += "_"
        self._taken.add(call_id)
        return call_id

    def _close(self, path: str) -> None:
        self._intake.note(path, "call_without_result", f"{len(self._open)} tool calls have no result before it")
        self._open.clear()
        self._by_name.clear()

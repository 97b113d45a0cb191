"""Which messages of an event the session has shown already: a client sends the conversation again with every turn."""

from collections import Counter
from collections.abc import Hashable, Sequence

import msgspec

from feedback import exact_json
from feedback.conversations.messages import (
    Block,
    MediaBlock,
    Message,
    OtherBlock,
    RefusalBlock,
    TextBlock,
    ToolCallBlock,
    ToolResultBlock,
)


class Repeats:
    """Remembers the turns of a session in their order.

    A message is a repeat if earlier turns hold one like it, as often. One of the user after the last answer, which may
    well say "Yes" again, must also follow the same message as before. Reasoning, ids of calls and the spelling of
    arguments make no difference: clients leave them out or write them anew.
    """

    def __init__(self):
        self._seen: Counter[Hashable] = Counter()
        self._following: set[tuple[Hashable, Hashable]] = set()

    def new(self, messages: Sequence[Message]) -> list[int]:
        """The positions of the messages that are no repeats."""
        last_answer = max((at for at, message in enumerate(messages) if message.role == "assistant"), default=-1)
        counted: Counter[Hashable] = Counter()
        before: Hashable = None
        found = []
        for at, message in enumerate(messages):
            key = _key(message)
            counted[key] += 1
            is_repeat = counted[key] <= self._seen[key]
            if is_repeat and message.role == "user" and at > last_answer and before is not None:
                is_repeat = (before, key) in self._following
            if not is_repeat:
                found.append(at)
            before = before if _is_instruction(message) else key
        return found

    def add(self, messages: Sequence[Message], answer: Message) -> None:
        """Remember a turn."""
        keys = [(_key(message), _is_instruction(message)) for message in (*messages, answer)]
        for key, times in Counter(key for key, _ in keys).items():
            self._seen[key] = max(self._seen[key], times)
        said = [key for key, is_instruction in keys if not is_instruction]
        self._following.update(zip(said, said[1:], strict=False))


def _is_instruction(message: Message) -> bool:
    return message.role in ("system", "developer")


def _key(message: Message) -> Hashable:
    return message.role, *_content(message.blocks)


def _content(blocks: Sequence[Block]) -> tuple[Hashable, ...]:
    text = "".join(block.text for block in blocks if isinstance(block, TextBlock | RefusalBlock)).strip()
    return text, *filter(None, map(_other, blocks))


def _other(block: Block) -> Hashable:
    match block:
        case ToolCallBlock():
            return "call", block.name, _arguments(block.arguments)
        case ToolResultBlock():
            return "result", *_content(block.blocks)
        case MediaBlock():
            return "media", block.sha256 or block.url or block.name
        case OtherBlock():
            return "other", block.kind
    return None


def _arguments(text: str) -> Hashable:
    try:
        return msgspec.json.encode(exact_json.decode(text), order="sorted")
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError):
        return text

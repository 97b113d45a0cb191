"""The canonical form: conversations, messages, and the blocks of text, media, calls, results and reasoning in them."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

Role = Literal["system", "developer", "user", "assistant", "tool"]
ContentState = Literal["present", "null", "absent"]
Dialect = Literal["openai_chat", "openai_responses", "anthropic", "gemini", "sharegpt", "mixed"]
MediaKind = Literal["image", "audio", "video", "file"]
Extra = dict[str, Any]


class TextBlock(Struct, tag="text", omit_defaults=True, frozen=True):
    """Text as it was sent."""

    text: str
    extra: Extra | None = None


class MediaBlock(Struct, tag="media", omit_defaults=True, frozen=True):
    """A reference to an image, a sound, a video or a file. The bytes themselves are not kept.

    sha256 and size are of the bytes, if they were sent; url has no credentials and no secrets in its query.
    """

    kind: MediaKind
    media_type: str | None = None
    sha256: str | None = None
    size: int | None = None
    url: str | None = None
    name: str | None = None
    extra: Extra | None = None


class ToolCallBlock(Struct, tag="tool_call", omit_defaults=True, frozen=True):
    """A call of a tool. The arguments are the JSON text that was sent; a custom tool takes any text."""

    id: str
    name: str
    arguments: str = "{}"
    kind: Literal["function", "custom"] = "function"
    extra: Extra | None = None


class ReasoningBlock(Struct, tag="reasoning", omit_defaults=True, frozen=True):
    """What the model wrote before its answer. A summary and a redacted block are reasoning as well."""

    text: str
    extra: Extra | None = None


class RefusalBlock(Struct, tag="refusal", omit_defaults=True, frozen=True):
    """A refusal in a field of its own, as structured output has it."""

    text: str
    extra: Extra | None = None


class OtherBlock(Struct, tag="other", omit_defaults=True, frozen=True):
    """A part of a type that is not known here; its keys are in extra."""

    kind: str
    extra: Extra | None = None


class ToolResultBlock(Struct, tag="tool_result", omit_defaults=True, frozen=True):
    """What a tool returned. is_error is None where the dialect does not report it."""

    call_id: str
    name: str | None = None
    is_error: bool | None = None
    blocks: list["Block"] = []
    extra: Extra | None = None


Block = TextBlock | MediaBlock | ToolCallBlock | ToolResultBlock | ReasoningBlock | RefusalBlock | OtherBlock


class ConversationError(Exception):
    """A conversation that cannot be read. path leads to the value, from the list or message that was read."""

    def __init__(self, path: str, code: str, message: str):
        self.path, self.code, self.message = path.lstrip("."), code, message
        super().__init__(f"{self.path}: {message}" if self.path else message)


class Note(Struct, frozen=True):
    """Something that was changed or discarded while a conversation was read."""

    path: str
    code: str
    message: str


class Message(Struct, omit_defaults=True, frozen=True):
    """One message. Content that was absent, null and "" differ in content_state and blocks.

    Examples
    --------
    >>> message = Message("assistant", [ReasoningBlock("It is in France."), TextBlock("Paris")])
    >>> message.content, message.reasoning
    ('Paris', 'It is in France.')
    """

    role: Role
    blocks: list[Block] = []
    name: str | None = None
    content_state: ContentState = "present"
    extra: Extra = {}

    @property
    def content(self) -> str | None | UnsetType:
        """The text, without reasoning and refusals; None for null, UNSET if it was absent."""
        texts = [block.text for block in self._inner() if isinstance(block, TextBlock)]
        if texts or self.content_state == "present":
            return "".join(texts)
        return None if self.content_state == "null" else UNSET

    @property
    def answer(self) -> str:
        """What a reader sees as text: the content, or else the refusal. '' for a bare tool call."""
        return self.content or "".join(block.text for block in self.blocks if isinstance(block, RefusalBlock))

    @property
    def reasoning(self) -> str | None:
        """The text of all reasoning, or None if there is none."""
        texts = [block.text for block in self.blocks if isinstance(block, ReasoningBlock)]
        return "\n\n".join(filter(None, texts)) if texts else None

    @property
    def refusal(self) -> str | None:
        """The text of the refusal blocks, or None if there is none."""
        texts = [block.text for block in self.blocks if isinstance(block, RefusalBlock)]
        return "".join(texts) if texts else None

    @property
    def calls(self) -> list[ToolCallBlock]:
        """The tool calls."""
        return [block for block in self.blocks if isinstance(block, ToolCallBlock)]

    @property
    def results(self) -> list[ToolResultBlock]:
        """The tool results."""
        return [block for block in self.blocks if isinstance(block, ToolResultBlock)]

    @property
    def tool_calls(self) -> list[dict[str, Any]] | None:
        """The tool calls as OpenAI's Chat Completions has them, or None if there is none."""
        return [_openai_call(block) for block in self.blocks if isinstance(block, ToolCallBlock)] or None

    @property
    def tool_call_id(self) -> str | None:
        """The id of the call that a tool's message answers."""
        return next((block.call_id for block in self.blocks if isinstance(block, ToolResultBlock)), None)

    @property
    def preview(self) -> str:
        """The text with a mark such as [image] for each block that is no text."""
        return "".join(_mark(block) for block in self._inner())

    def _inner(self) -> Iterator[Block]:
        for block in self.blocks:
            if isinstance(block, ToolResultBlock):
                yield from block.blocks
            else:
                yield block


_STRINGS: dict[type[Block], tuple[str, ...]] = {
    TextBlock: ("text",),
    ReasoningBlock: ("text",),
    RefusalBlock: ("text",),
    OtherBlock: ("kind",),
    MediaBlock: ("media_type", "url", "name"),
    ToolCallBlock: ("id", "name", "arguments"),
    ToolResultBlock: ("call_id", "name"),
}


class Conversation(Struct, frozen=True):
    """The messages of an event, the dialect they came in, and what was changed while they were read."""

    messages: list[Message]
    dialect: Dialect
    notes: list[Note] = []


def without_reasoning(messages: Iterable[Message]) -> list[Message]:
    """Discard all reasoning.

    Parameters
    ----------
    messages : iterable of Message

    Returns
    -------
    list of Message
        The same messages without reasoning blocks.

    Examples
    --------
    >>> without_reasoning([Message("assistant", [ReasoningBlock("Hm."), TextBlock("Yes.")])])[0].blocks
    [TextBlock(text='Yes.', extra=None)]
    """
    return [
        Message(
            message.role,
            [block for block in message.blocks if not isinstance(block, ReasoningBlock)],
            message.name,
            message.content_state,
            message.extra,
        )
        for message in messages
    ]


def strings(messages: Iterable[Message]) -> Iterator[str]:
    """List every string that a client sent, outside unknown keys.

    Parameters
    ----------
    messages : iterable of Message

    Returns
    -------
    iterator of str
        Texts, names, ids, arguments, URLs and types; empty ones are left out.

    Examples
    --------
    >>> list(strings([Message("assistant", [TextBlock("I add."), ToolCallBlock("c1", "add")], "bot")]))
    ['bot', 'I add.', 'c1', 'add', '{}']
    """
    for message in messages:
        if message.name:
            yield message.name
        for block in message.blocks:
            for field in _STRINGS[type(block)]:
                if text := getattr(block, field):
                    yield text
            if isinstance(block, ToolResultBlock):
                yield from strings([Message("tool", block.blocks)])


def rewritten(message: Message, *, text: Callable[[str], str], value: Callable[[Any], Any]) -> Message:
    """Replace every string that a client sent, and all unknown keys.

    Parameters
    ----------
    message : Message
    text : callable
        Called with each of `strings`.
    value : callable
        Called with the unknown keys of the message and of each block that has some.

    Returns
    -------
    Message

    Examples
    --------
    >>> rewritten(Message("user", [TextBlock("Hi", {"seed": 7})]), text=str.upper, value=list).blocks
    [TextBlock(text='HI', extra=['seed'])]
    """

    def block_of(block: Block) -> Block:
        fields = {field: text(sent) for field in _STRINGS[type(block)] if (sent := getattr(block, field))}
        changes: dict[str, Any] = fields | ({"extra": value(block.extra)} if block.extra else {})
        if isinstance(block, ToolResultBlock):
            changes["blocks"] = [block_of(inner) for inner in block.blocks]
        return replace(block, **changes) if changes else block

    return Message(
        message.role,
        [block_of(block) for block in message.blocks],
        text(message.name) if message.name else message.name,
        message.content_state,
        value(message.extra) if message.extra else message.extra,
    )


def _openai_call(block: ToolCallBlock) -> dict[str, Any]:
    if block.kind == "custom":
        return {"id": block.id, "type": "custom", "custom": {"name": block.name, "input": block.arguments}}
    return {"id": block.id, "type": "function", "function": {"name": block.name, "arguments": block.arguments}}


def _mark(block: Block) -> str:
    if isinstance(block, TextBlock | RefusalBlock):
        return block.text
    if isinstance(block, MediaBlock | OtherBlock):
        return f"[{block.kind}]"
    return f"[tool_call {block.name}]" if isinstance(block, ToolCallBlock) else ""

"""JSON Schemas of conversations in each dialect, for the description of the API; they say less than what is read."""

from collections.abc import Sequence
from typing import Any

from feedback.conversations.dialects.sharegpt import SPEAKERS
from feedback.conversations.intake import MAX_LABEL_CHARACTERS, MAX_TEXT_CHARACTERS
from feedback.conversations.reading import MAX_MESSAGES

Schema = dict[str, Any]

REFERENCE = "#/components/schemas/{name}"
_TEXT: Schema = {"type": "string", "maxLength": MAX_TEXT_CHARACTERS}
_LABEL: Schema = {"type": "string", "maxLength": MAX_LABEL_CHARACTERS}
_OBJECT: Schema = {"type": "object"}


def _referred(name: str) -> Schema:
    return {"$ref": REFERENCE.format(name=name)}


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def _object(description: str, required: Sequence[str], **properties: Schema) -> Schema:
    """An object that may have other keys as well: they are kept."""
    schema: Schema = {"type": "object", "properties": properties}
    if description:
        schema["description"] = description
    if required:
        schema["required"] = list(required)
    return schema


def _one_of(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


def _text_or(*others: Schema) -> Schema:
    return {"anyOf": [_TEXT, *others]}


def _nullable(schema: Schema) -> Schema:
    return schema | {"nullable": True}


def _chat(description: str, *roles: str) -> Schema:
    return _object(
        description,
        ["role"],
        role=_one_of(*roles),
        content=_nullable(_text_or(_list(_referred("ChatPart")))),
        name=_nullable(_LABEL),
        tool_calls=_nullable(_list(_referred("ChatToolCall"))),
        tool_call_id=_nullable(_LABEL),
        reasoning_content=_nullable(_TEXT),
        refusal=_nullable(_TEXT),
    )


def _anthropic(description: str, *roles: str) -> Schema:
    content = _text_or(_list(_referred("AnthropicBlock")))
    return _object(description, ["role", "content"], role=_one_of(*roles), content=content)


def _gemini(description: str, *roles: str) -> Schema:
    return _object(description, ["role", "parts"], role=_one_of(*roles), parts=_list(_referred("GeminiPart")))


COMPONENTS: dict[str, Schema] = {
    "ChatMessage": _chat(
        "A message of OpenAI's Chat Completions.", "system", "developer", "user", "assistant", "tool", "function"
    ),
    "ChatAnswer": _chat("An answer of OpenAI's Chat Completions.", "assistant"),
    "ChatPart": _object(
        "A part of a message: text, an image, audio or a file.",
        ["type"],
        type={"type": "string", "example": "text"},
        text=_TEXT,
        image_url=_object("", ["url"], url={"type": "string"}),
    ),
    "ChatToolCall": _object(
        "A call of a tool. Arguments are kept as the JSON text that was sent.",
        ["function"],
        id=_LABEL,
        type=_one_of("function"),
        function=_object("", ["name"], name=_LABEL, arguments=_text_or(_OBJECT)),
    ),
    "ResponsesItem": _object(
        "An item of OpenAI's Responses.",
        ["type"],
        type=_one_of("message", "function_call", "function_call_output", "reasoning"),
        role=_one_of("system", "developer", "user", "assistant"),
        content=_text_or(_list(_referred("ChatPart"))),
        call_id=_LABEL,
        name=_LABEL,
        arguments=_TEXT,
        output=_TEXT,
        summary=_list(_referred("ChatPart")),
    ),
    "AnthropicMessage": _anthropic("A message of Anthropic's Messages.", "user", "assistant"),
    "AnthropicAnswer": _anthropic("An answer of Anthropic's Messages.", "assistant"),
    "AnthropicBlock": _object(
        "A block of a message.",
        ["type"],
        type=_one_of("text", "thinking", "redacted_thinking", "tool_use", "tool_result", "image", "document"),
        text=_TEXT,
        thinking=_TEXT,
        id=_LABEL,
        name=_LABEL,
        input=_OBJECT,
        tool_use_id=_LABEL,
        content=_text_or(_list(_OBJECT)),
        is_error={"type": "boolean"},
    ),
    "GeminiContent": _gemini("A content of Gemini.", "user", "model", "function"),
    "GeminiAnswer": _gemini("An answer of Gemini.", "model"),
    "GeminiPart": _object(
        "A part of a content.",
        [],
        text=_TEXT,
        functionCall=_object("", ["name"], name=_LABEL, args=_OBJECT),
        functionResponse=_object("", ["name"], name=_LABEL, response=_OBJECT),
        inlineData=_object("", [], mimeType=_LABEL, data={"type": "string"}),
        fileData=_object("", [], mimeType=_LABEL, fileUri={"type": "string"}),
    ),
    "ShareGptTurn": _object("A turn of ShareGPT.", ["from", "value"], **{"from": _one_of(*SPEAKERS), "value": _TEXT}),
}

_DIALECTS = ("ChatMessage", "ResponsesItem", "AnthropicMessage", "GeminiContent", "ShareGptTurn")
_ANSWERS = ("ChatAnswer", "AnthropicAnswer", "GeminiAnswer")

MESSAGES: Schema = {
    "anyOf": [_list(_referred(name)) | {"minItems": 1, "maxItems": MAX_MESSAGES} for name in _DIALECTS],
    "nullable": True,
}
RESPONSE: Schema = {"anyOf": [_TEXT, *map(_referred, _ANSWERS), _list(_referred("ResponsesItem"))], "nullable": True}
SYSTEM: Schema = {"anyOf": [_TEXT, _list(_referred("AnthropicBlock")), _referred("GeminiContent")], "nullable": True}

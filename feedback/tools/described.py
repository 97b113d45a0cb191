"""The JSON Schema of a list of tools, for the description of the API."""

from typing import Any

from feedback.tools.sets import MAX_NAME_CHARACTERS, MAX_TOOLS

_NAME = {"type": "string", "maxLength": MAX_NAME_CHARACTERS, "minLength": 1}
_PARAMETERS = {"type": "object", "description": "The JSON Schema of the arguments."}
_FUNCTION = {"name": _NAME, "description": {"type": "string"}, "parameters": _PARAMETERS}

COMPONENTS: dict[str, dict[str, Any]] = {
    "ChatTool": {
        "type": "object",
        "description": "A tool of OpenAI's Chat Completions.",
        "required": ["type", "function"],
        "properties": {
            "type": {"type": "string", "enum": ["function"]},
            "function": {"type": "object", "required": ["name"], "properties": _FUNCTION},
        },
    },
    "ResponsesTool": {
        "type": "object",
        "description": "A tool of OpenAI's Responses.",
        "required": ["type", "name"],
        "properties": {"type": {"type": "string", "enum": ["function"]}, **_FUNCTION},
    },
    "AnthropicTool": {
        "type": "object",
        "description": "A tool of Anthropic's Messages.",
        "required": ["name", "input_schema"],
        "properties": {"name": _NAME, "description": {"type": "string"}, "input_schema": _PARAMETERS},
    },
}
TOOLS: dict[str, Any] = {
    "type": "array",
    "maxItems": MAX_TOOLS,
    "items": {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in COMPONENTS]},
    "nullable": True,
}

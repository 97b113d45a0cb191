"""The schemas of fine-tuning examples in https://github.com/openai/openai-openapi, without deprecated keys."""

NAME = {"type": "string", "pattern": "^[a-zA-Z0-9_-]{1,64}$"}
TEXT = {"type": "string"}


def closed(required, **properties):
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


TEXT_PART = closed(["type", "text"], type={"const": "text"}, text=TEXT)
IMAGE_PART = closed(
    ["type", "image_url"],
    type={"const": "image_url"},
    image_url=closed(["url"], url=TEXT, detail={"enum": ["auto", "low", "high"]}),
)
CONTENT = {"anyOf": [TEXT, {"type": "array", "minItems": 1, "items": TEXT_PART}]}
CALL = closed(
    ["id", "type", "function"],
    id=TEXT,
    type={"const": "function"},
    function=closed(["name", "arguments"], name=NAME, arguments=TEXT),
)
ANSWER = {
    "role": {"const": "assistant"},
    "content": {"anyOf": [CONTENT, {"type": "null"}]},
    "refusal": {"type": ["string", "null"]},
    "name": NAME,
    "tool_calls": {"type": "array", "minItems": 1, "items": CALL},
}
SYSTEM = closed(["role", "content"], role={"const": "system"}, content=CONTENT, name=NAME)
USER = closed(
    ["role", "content"],
    role={"const": "user"},
    content={"anyOf": [TEXT, {"type": "array", "minItems": 1, "items": {"anyOf": [TEXT_PART, IMAGE_PART]}}]},
    name=NAME,
)
TOOL = closed(["role", "content", "tool_call_id"], role={"const": "tool"}, content=CONTENT, tool_call_id=TEXT)
TOOLS = {
    "type": "array",
    "minItems": 1,
    "items": closed(
        ["type", "function"],
        type={"const": "function"},
        function=closed(
            ["name"], name=NAME, description=TEXT, parameters={"type": "object"}, strict={"type": ["boolean", "null"]}
        ),
    ),
}


def messages(**beside):
    roles = [SYSTEM, USER, closed(["role"], **ANSWER, **beside), TOOL]
    return {"type": "array", "minItems": 1, "items": {"anyOf": roles}}


OUTPUT = {"type": "array", "minItems": 1, "maxItems": 1, "items": closed(["role"], **ANSWER)}
CHAT = closed(["messages"], messages=messages(weight={"enum": [0, 1]}), tools=TOOLS)
PREFERENCE = closed(
    ["input", "preferred_output", "non_preferred_output"],
    input=closed(["messages"], messages=messages(), tools=TOOLS),
    preferred_output=OUTPUT,
    non_preferred_output=OUTPUT,
)

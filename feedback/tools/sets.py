"""Lists of tools, from the forms in which they are sent to the one in which they are stored."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Raw

from feedback import exact_json

MAX_TOOLS = 1_000
MAX_BYTES = 1_000_000
MAX_NAME_CHARACTERS = 255
FUNCTION, CUSTOM = "function", "custom"
_DIGEST_CHARACTERS = 32
# Under which key a form has the JSON Schema of the arguments.
_SCHEMA_KEYS = ("parameters", "input_schema")


class Tool(msgspec.Struct, frozen=True, omit_defaults=True):
    """A tool as it was declared.

    parameters: the JSON Schema of the arguments, or None if there is none. kind: "function", "custom" for a tool that
    takes any text, or the type of a tool that the vendor runs, such as web_search; its name is its type if it has none.
    """

    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None
    kind: str = FUNCTION
    strict: bool | None = None


class ToolsError(Exception):
    """A list of tools that cannot be read. path leads to the value, from the list."""

    def __init__(self, path: str, code: str, message: str):
        super().__init__(f"{path}: {message}" if path else message)
        self.path, self.code, self.message = path, code, message


def read(raw: bytes | str | Raw) -> list[Tool]:
    """Read a list of tools in the form of OpenAI (Chat Completions or Responses) or Anthropic.

    Parameters
    ----------
    raw : bytes, str or msgspec.Raw
        A JSON array of at most MAX_TOOLS tools and MAX_BYTES bytes.

    Returns
    -------
    list of Tool
        In the order in which they were sent; numbers in schemas are exact.

    Raises
    ------
    ToolsError
        If it is too long, no such array, or a tool has no name.

    Examples
    --------
    >>> read('[{"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}]')
    [Tool(name='add', description=None, parameters={'type': 'object'}, kind='function', strict=None)]
    >>> [tool.name for tool in read('[{"name": "add", "input_schema": {}}, {"type": "web_search"}]')]
    ['add', 'web_search']
    """
    data = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else bytes(raw)
    if len(data) > MAX_BYTES:
        raise ToolsError("", "too_long", f"tools have at most {MAX_BYTES:,} bytes as JSON")
    try:
        values = exact_json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, exact_json.NumberOutOfRange) as error:
        raise ToolsError("", "malformed", f"not JSON in UTF-8: {error}") from error
    except RecursionError as error:
        raise ToolsError("", "too_deep", "nested too deeply") from error
    if not isinstance(values, list):
        raise ToolsError("", "invalid", "expected a list of tools")
    if len(values) > MAX_TOOLS:
        raise ToolsError("", "too_long", f"at most {MAX_TOOLS:,} tools")
    return [_tool(value, f"[{index}]") for index, value in enumerate(values)]


def encode(tools: Iterable[Tool]) -> str:
    """Write tools as the JSON that is stored, in the form of OpenAI's Chat Completions.

    Parameters
    ----------
    tools : iterable of Tool

    Returns
    -------
    str
        Without white space; the keys of a schema keep their order, and numbers their digits.

    Examples
    --------
    >>> encode([Tool("add", parameters={"type": "object"}), Tool("web_search", kind="web_search")])
    '[{"type":"function","function":{"name":"add","parameters":{"type":"object"}}},{"type":"web_search"}]'
    """
    return exact_json.encode([_openai(tool) for tool in tools]).decode()


def decode(text: bytes | str) -> list[Tool]:
    """Read what `encode` wrote, also after masking made it longer.

    Parameters
    ----------
    text : bytes or str

    Returns
    -------
    list of Tool

    Raises
    ------
    ToolsError
        If it is no list of tools.

    Examples
    --------
    >>> decode(encode([Tool("add", "Adds.")])) == [Tool("add", "Adds.")]
    True
    """
    return [_tool(value, f"[{index}]") for index, value in enumerate(exact_json.decode(text))]


def digest(text: str) -> str:
    """Return the key under which a list of tools is stored once.

    Parameters
    ----------
    text : str
        What `encode` wrote.

    Returns
    -------
    str
        The first 32 hexadecimal digits of the SHA-256 of its UTF-8.

    Examples
    --------
    >>> digest("[]")
    '4f53cda18c2baa0c0354bb5f9a3ecbe5'
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_CHARACTERS]


def names_only(tools: Iterable[Tool]) -> list[Tool]:
    """Discard all that tools have besides their names and kinds.

    Parameters
    ----------
    tools : iterable of Tool

    Returns
    -------
    list of Tool

    Examples
    --------
    >>> encode(names_only([Tool("add", "Adds two numbers.", {"type": "object"})]))
    '[{"type":"function","function":{"name":"add"}}]'
    """
    return [Tool(tool.name, kind=tool.kind) for tool in tools]


def _tool(value: Any, path: str) -> Tool:
    if not isinstance(value, dict):
        raise ToolsError(path, "invalid", "a tool is an object")
    kind = value.get("type")
    if kind is None and isinstance(value.get(FUNCTION), dict):
        kind = FUNCTION
    # Anthropic's type "custom" is a function; OpenAI's takes any text.
    if kind is None or (kind == CUSTOM and "input_schema" in value):
        return _declared(value, FUNCTION, path)
    if not isinstance(kind, str) or not kind:
        raise ToolsError(f"{path}.type", "invalid", "the type of a tool is text")
    if kind not in (FUNCTION, CUSTOM):
        return Tool(_name(value.get("name") or kind, f"{path}.name"), kind=_name(kind, f"{path}.type"))
    if kind in value:
        path, value = f"{path}.{kind}", value[kind]
        if not isinstance(value, dict):
            raise ToolsError(path, "invalid", f"{kind} is an object")
    return _declared(value, kind, path)


def _declared(value: Mapping[str, Any], kind: str, path: str) -> Tool:
    description, strict = value.get("description"), value.get("strict")
    if description is not None and not isinstance(description, str):
        raise ToolsError(f"{path}.description", "invalid", "the description of a tool is text")
    schema_key = next((key for key in _SCHEMA_KEYS if value.get(key) is not None), "")
    schema = value[schema_key] if schema_key else None
    if schema is not None and not isinstance(schema, dict):
        raise ToolsError(f"{path}.{schema_key}", "invalid", "the parameters of a tool are a JSON Schema object")
    name = _name(value.get("name"), f"{path}.name")
    return Tool(name, description, schema, kind, strict if isinstance(strict, bool) else None)


def _name(value: Any, path: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ToolsError(path, "required", "a tool has a name")
    if len(value) > MAX_NAME_CHARACTERS:
        raise ToolsError(path, "too_long", f"the name of a tool has at most {MAX_NAME_CHARACTERS} characters")
    return value


def _openai(tool: Tool) -> dict[str, Any]:
    if tool.kind not in (FUNCTION, CUSTOM):
        return {"type": tool.kind} if tool.name == tool.kind else {"type": tool.kind, "name": tool.name}
    optional = {"description": tool.description, "parameters": tool.parameters, "strict": tool.strict}
    given = {key: value for key, value in optional.items() if value is not None}
    return {"type": tool.kind, tool.kind: {"name": tool.name, **given}}

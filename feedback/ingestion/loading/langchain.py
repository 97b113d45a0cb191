"""What traces have as input and output of a run, in the forms in which LangChain and SDKs write them."""

from collections.abc import Mapping
from typing import Any

from feedback import exact_json

_ROLES = {
    **dict.fromkeys(("human", "user", "HumanMessage", "HumanMessageChunk"), "user"),
    **dict.fromkeys(("ai", "assistant", "AIMessage", "AIMessageChunk"), "assistant"),
    **dict.fromkeys(("system", "SystemMessage", "SystemMessageChunk"), "system"),
    **dict.fromkeys(("tool", "function", "ToolMessage", "FunctionMessage", "ToolMessageChunk"), "tool"),
}
_TEXTS = ("input", "question", "query", "prompt", "text", "user_input", "output", "answer", "result", "response")
_MESSAGES = ("messages", "input", "chat_history", "output")


def asked(value: Any) -> dict[str, Any]:
    """The messages or the prompt that an input holds."""
    if (messages := _messages(value)) is not None:
        found: dict[str, Any] = {"messages": messages}
        if isinstance(value, dict):
            found |= {name: value[name] for name in ("tools", "system") if value.get(name)}
        return found
    text = _text(value)
    return {} if text is None else {"prompt": text}


def answered(value: Any) -> dict[str, Any]:
    """The answer that an output holds."""
    if value in (None, "", {}, []):
        return {} if value is None or not isinstance(value, str) else {"response": value}
    return {"response": _answer(value)}


def _answer(value: Any) -> Any:
    if isinstance(value, dict):
        if "generations" in value:
            generation = _first(_first(value["generations"]))
            if isinstance(generation, dict):
                return message(generation.get("message")) if generation.get("message") else generation.get("text")
        if "choices" in value or "candidates" in value or "role" in value:
            return value
        for name in ("message", "output"):
            if isinstance(value.get(name), dict):
                return _answer(value[name])
        if _is_message(value):
            return message(value)
    if (messages := _messages(value)) is not None:
        return messages[-1]
    text = _text(value)
    return text if text is not None else exact_json.encode(value).decode()


def message(value: Any) -> Any:
    """A message as Chat Completions has it; what is none of LangChain's stays as it is."""
    if not isinstance(value, dict) or "role" in value:
        return value
    kind, inner = value.get("type"), value
    if isinstance(value.get("kwargs"), dict):
        inner = value["kwargs"]
        path = value.get("id")
        kind = path[-1] if isinstance(path, list) and path else inner.get("type")
    elif isinstance(value.get("data"), dict):
        inner = value["data"]
    role = _ROLES.get(kind) if isinstance(kind, str) else None
    if role is None:
        return value
    written = {"role": role, "content": inner.get("content")}
    others = inner.get("additional_kwargs")
    calls = inner.get("tool_calls") or (others.get("tool_calls") if isinstance(others, dict) else None)
    if isinstance(calls, list) and calls:
        written["tool_calls"] = [_call(call) for call in calls]
    return written | {name: inner[name] for name in ("tool_call_id", "name") if inner.get(name)}


def _call(call: Any) -> Any:
    if not isinstance(call, dict) or "args" not in call:
        return call
    return {name: call[name] for name in ("id", "name", "args") if call.get(name) is not None}


def _messages(value: Any) -> list[Any] | None:
    """The list of messages that a value is or holds; LangChain nests it in a list of batches."""
    if isinstance(value, dict):
        for name in _MESSAGES:
            if isinstance(value.get(name), list) and (inner := _messages(value[name])) is not None:
                return inner
        return None
    if not isinstance(value, list) or not value:
        return None
    if isinstance(value[0], list):
        return _messages(value[0])
    read = [message(one) for one in value]
    return read if all(_is_message(one) for one in read) else None


def _is_message(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    kind = value.get("type")
    is_of_langchain = isinstance(kind, str) and kind in _ROLES and ("content" in value or "data" in value)
    return "role" in value or "parts" in value or is_of_langchain or isinstance(value.get("kwargs"), dict)


def _text(value: Any) -> str | None:
    """The text that a value is, or the only one that it holds under a usual name or any."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        usual = [value[name] for name in _TEXTS if isinstance(value.get(name), str)]
        texts = usual or [inner for inner in value.values() if isinstance(inner, str)]
        if len(texts) == 1:
            return texts[0]
    return None


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value

"""Conversations of every dialect in its normal form, with any text and any JSON number."""

import json

from hypothesis import strategies as st

# Lone surrogates are no text of JSON in UTF-8.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SOME_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
LABEL = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
NUMBER = st.from_regex(r"-?(0|[1-9][0-9]{0,40})(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)
_SCALAR = st.one_of(st.sampled_from(["null", "true", "false"]), NUMBER, TEXT.map(json.dumps))


def _array(items):
    return f"[{', '.join(items)}]"


def _object(members):
    return f"{{{', '.join(f'{json.dumps(name)}: {value}' for name, value in members.items())}}}"


VALUE = st.recursive(
    _SCALAR,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(_array), st.dictionaries(TEXT, inner, max_size=3).map(_object)
    ),
    max_leaves=6,
)
# The JSON text of an object, with numbers that no float and no 64 bits hold.
OBJECT = st.dictionaries(TEXT, VALUE, max_size=3).map(_object)
URL = st.from_regex(r"https://[a-z]{1,8}\.example/[a-z0-9/]{0,12}\.png(\?width=[0-9]{1,3})?", fullmatch=True)


class Verbatim(str):
    """JSON text that stands in a document as it is."""


def dump(value):
    """JSON in which Verbatim texts are not quoted."""
    if isinstance(value, Verbatim):
        return str(value)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{json.dumps(name)}: {dump(inner)}' for name, inner in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(dump, value))}]"
    return json.dumps(value)


def _numbered(turns):
    """Ids for the calls, and for each a result, in one list."""
    return [message for index, turn in enumerate(turns) for message in turn(index)]


def _of(*turns):
    return st.lists(st.one_of(*turns), min_size=1, max_size=4).map(_numbered)


def _optional(name, values):
    return st.one_of(st.just({}), values.map(lambda value: {name: value}))


# Chat Completions
_chat_media = st.one_of(
    URL.map(lambda url: {"type": "image_url", "image_url": {"url": url}}),
    URL.map(lambda url: {"type": "video_url", "video_url": {"url": url}}),
)
_chat_text = TEXT.map(lambda text: {"type": "text", "text": text})
_chat_parts = st.tuples(st.lists(_chat_text, max_size=2), _chat_media, st.lists(_chat_text, max_size=2)).map(
    lambda parts: [*parts[0], parts[1], *parts[2]]
)
_chat_content = st.one_of(st.just({}), st.one_of(st.none(), TEXT).map(lambda content: {"content": content}))
_chat_said = st.builds(
    lambda role, content, name: lambda index: [{"role": role} | content | name],
    st.sampled_from(["system", "developer", "user"]),
    st.one_of(_chat_content, _chat_parts.map(lambda parts: {"content": parts})),
    _optional("name", LABEL),
)
_chat_answered = st.builds(
    lambda content, reasoning, refusal: lambda index: [{"role": "assistant"} | content | reasoning | refusal],
    _chat_content,
    _optional("reasoning_content", SOME_TEXT),
    _optional("refusal", SOME_TEXT),
)
_chat_called = st.builds(
    lambda content, name, arguments, result: (
        lambda index: [
            {"role": "assistant"}
            | content
            | {
                "tool_calls": [
                    {"id": f"c{index}", "type": "function", "function": {"name": name, "arguments": arguments}},
                    {"id": f"d{index}", "type": "custom", "custom": {"name": name, "input": arguments}},
                ]
            },
            {"role": "tool", "tool_call_id": f"c{index}"} | result,
        ]
    ),
    _chat_content,
    LABEL,
    st.one_of(OBJECT, TEXT),
    _chat_content,
)
OPENAI_CHAT = _of(_chat_said, _chat_answered, _chat_called)

# Responses
_items_said = st.builds(
    lambda role, texts, urls: (
        lambda index: [
            {
                "type": "message",
                "role": role,
                "content": [{"type": "input_text", "text": text} for text in texts]
                + [{"type": "input_image", "image_url": url} for url in urls],
            }
        ]
    ),
    st.sampled_from(["system", "developer", "user"]),
    st.lists(TEXT, min_size=1, max_size=2),
    st.lists(URL, max_size=1),
)
_items_answered = st.builds(
    lambda thought, kind, texts, name, arguments, output: (
        lambda index: [
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Go on"}]},
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": thought}], "id": f"rs_{index}"},
            {
                "type": "message",
                "role": "assistant",
                "content": [{"type": kind, kind.removeprefix("output_"): t} for t in texts],
            },
            {
                "type": "function_call",
                "call_id": f"c{index}",
                "name": name,
                "arguments": arguments,
                "id": f"fc_{index}",
            },
            {"type": "custom_tool_call", "call_id": f"d{index}", "name": name, "input": arguments},
            {"type": "function_call_output", "call_id": f"c{index}", "output": output},
            {"type": "web_search_call", "id": f"ws_{index}", "status": "completed"},
        ]
    ),
    SOME_TEXT,
    st.sampled_from(["output_text", "refusal"]),
    st.lists(TEXT, min_size=1, max_size=2),
    LABEL,
    st.one_of(OBJECT, TEXT),
    TEXT,
)
OPENAI_RESPONSES = _of(_items_said, _items_answered)

# Anthropic
_anthropic_text = SOME_TEXT.map(lambda text: {"type": "text", "text": text, "cache_control": {"type": "ephemeral"}})
_anthropic_image = URL.map(lambda url: {"type": "image", "source": {"type": "url", "url": url}})
_anthropic_said = st.lists(st.one_of(_anthropic_text, _anthropic_image), min_size=1, max_size=3).map(
    lambda parts: lambda index: [{"role": "user", "content": parts}]
)
_anthropic_called = st.builds(
    lambda thought, text, name, arguments, result, is_error: (
        lambda index: [
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": thought, "signature": "c2ln"},
                    {"type": "redacted_thinking", "data": "cmVk"},
                    {"type": "text", "text": text},
                    {"type": "tool_use", "id": f"t{index}", "name": name, "input": Verbatim(arguments)},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": f"t{index}", "content": result} | is_error,
                    {"type": "text", "text": "Go on"},
                ],
            },
        ]
    ),
    SOME_TEXT,
    TEXT,
    LABEL,
    OBJECT,
    st.lists(_anthropic_text, min_size=1, max_size=2),
    _optional("is_error", st.booleans()),
)
ANTHROPIC = _of(_anthropic_said, _anthropic_called)

# Gemini
_gemini_said = st.builds(
    lambda role, texts: lambda index: [{"role": role, "parts": [{"text": text} for text in texts]}],
    st.sampled_from(["user", "model"]),
    st.lists(TEXT, min_size=1, max_size=2),
)
_gemini_called = st.builds(
    lambda thought, url, name, arguments, response: (
        lambda index: [
            {"role": "user", "parts": [{"text": "Go on"}, {"fileData": {"fileUri": url, "mimeType": "image/png"}}]},
            {
                "role": "model",
                "parts": [
                    {"text": thought, "thought": True},
                    {
                        "functionCall": {"id": f"c{index}", "name": name, "args": Verbatim(arguments)},
                        "thoughtSignature": "c2ln",
                    },
                    {"executableCode": {"language": "PYTHON", "code": "1"}},
                ],
            },
            {
                "role": "user",
                "parts": [{"functionResponse": {"id": f"c{index}", "name": name, "response": Verbatim(response)}}],
            },
            {"role": "model", "parts": [{"text": "Done"}]},
        ]
    ),
    TEXT,
    URL,
    LABEL,
    OBJECT,
    OBJECT,
)
GEMINI = _of(_gemini_said, _gemini_called)

# ShareGPT
_sharegpt_said = st.builds(
    lambda speaker, value: lambda index: [{"from": speaker, "value": value}],
    st.sampled_from(["system", "human", "gpt", "observation"]),
    TEXT,
)
_sharegpt_called = st.builds(
    lambda name, arguments: (
        lambda index: [
            {
                "from": "function_call",
                "value": f'{{"name": {json.dumps(name, ensure_ascii=False)}, "arguments": {arguments}}}',
            },
            {"from": "observation", "value": "3"},
        ]
    ),
    st.from_regex(r"[a-z_é]{1,8}", fullmatch=True),
    OBJECT,
)
SHAREGPT = _of(_sharegpt_said, _sharegpt_called)

"""What the calls of a tool look like: how many arguments of which kind, their names, and what comes back."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import regex

from feedback import exact_json
from feedback.conversations.messages import Message, ToolCallBlock, ToolResultBlock
from feedback.tools.sets import Tool

MAX_NAMES = 200
_MAX_DEPTH = 3
# How often an argument is sent that a schema does not require.
_OPTIONAL = 0.5
_KINDS = {
    "date": regex.compile(r"\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}"),
    "moment": regex.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*"),
    "time": regex.compile(r"\d{1,2}:\d\d(?::\d\d)?(?:\s*[ap]\.?m\.?)?", regex.IGNORECASE),
    "integer": regex.compile(r"[-+]?\d{1,9}"),
    "number": regex.compile(r"[-+]?\d+(?:[.,]\d+)?(?:e[-+]?\d+)?%?", regex.IGNORECASE),
    "boolean": regex.compile(r"true|false|yes|no", regex.IGNORECASE),
    "url": regex.compile(r"(?:https?|s3|gs|file)://\S+"),
    "id": regex.compile(r"(?=\S*\d)[A-Za-z0-9_.:-]{8,}"),
    "mask": regex.compile(r"\[[A-Z][A-Z0-9_]{0,31}\]"),
}
# What a schema without a format says of a text.
STRING = "string"
TEXTUAL = frozenset((*_KINDS, "word", "phrase", "text", STRING))
_FORMATS = {"date": "date", "date-time": "moment", "time": "time", "uri": "url", "url": "url", "uuid": "id"}
_TYPES = {"integer": "integer", "number": "number", "boolean": "boolean", "array": "array", "object": "object"}
_PHRASE_WORDS, _TEXT_WORDS = 4, 8
_NOT_JSON = (msgspec.DecodeError, UnicodeEncodeError, exact_json.NumberOutOfRange, RecursionError)


@dataclass(frozen=True, slots=True)
class Shape:
    """What the calls of one tool look like, without what they say.

    kinds: how many arguments of each kind a call has; arguments: the share of calls that have an argument, by its
    name; results: the share of results with a key, or "(text)" for one that is no JSON. calls: how many were read; 0
    for a tool that is only declared. typical: the most frequent kind of each argument.
    """

    name: str
    kinds: Mapping[str, float] = field(default_factory=dict)
    arguments: Mapping[str, float] = field(default_factory=dict)
    results: Mapping[str, float] = field(default_factory=dict)
    calls: int = 0
    typical: Mapping[str, str] = field(default_factory=dict)


def shapes_of_calls(conversations: Iterable[Sequence[Message]]) -> list[Shape]:
    """Describe the tools that conversations call.

    Parameters
    ----------
    conversations : iterable of sequence of Message

    Returns
    -------
    list of Shape
        By name. What is no JSON object among arguments is left out.

    Examples
    --------
    >>> call = Message("assistant", [ToolCallBlock("1", "hours", '{"day": "2026-03-02"}')])
    >>> shapes_of_calls([[call]])
    [Shape(name='hours', kinds={'date': 1.0}, arguments={'day': 1.0}, results={}, calls=1, typical={'day': 'date'})]
    """
    seen: defaultdict[str, _Seen] = defaultdict(_Seen)
    for messages in conversations:
        names: dict[str, str] = {}
        for message in messages:
            for block in message.blocks:
                if isinstance(block, ToolCallBlock):
                    names[block.id] = block.name
                    seen[block.name].add_call(block.arguments)
                elif isinstance(block, ToolResultBlock) and (name := names.get(block.call_id, block.name or "")):
                    seen[name].add_result("".join(getattr(inner, "text", "") for inner in block.blocks))
    return [seen[name].shape(name) for name in sorted(seen)]


def shapes_of_tools(tools: Iterable[Tool]) -> list[Shape]:
    """Describe tools by what they declare.

    Parameters
    ----------
    tools : iterable of Tool

    Returns
    -------
    list of Shape
        In the same order. An argument that is not required counts half.

    Examples
    --------
    >>> day = {"type": "string", "format": "date"}
    >>> shapes_of_tools([Tool("hours", parameters={"properties": {"day": day}, "required": ["day"]})])[0].kinds
    {'date': 1.0}
    """
    return [_declared(tool) for tool in tools]


def joined(declared: Iterable[Shape], called: Iterable[Shape]) -> list[Shape]:
    """Describe declared tools by their calls where there are any.

    Parameters
    ----------
    declared, called : iterable of Shape

    Returns
    -------
    list of Shape
        One for each declared tool, in order: kinds and results of the calls, names of arguments of both.

    Examples
    --------
    >>> [add] = joined([Shape("add", {"text": 1.0}, {"a": 0.5})], [Shape("add", {"integer": 1.0}, {"a": 1.0}, calls=3)])
    >>> add.kinds, add.arguments, add.calls
    ({'integer': 1.0}, {'a': 1.0}, 3)
    """
    by_name = {shape.name: shape for shape in called}
    return [_with_calls(shape, by_name.get(shape.name)) for shape in declared]


def kind_of(value: Any) -> str:
    """Name the kind of an argument's value.

    Parameters
    ----------
    value : Any
        Of JSON.

    Returns
    -------
    str
        What a text looks like, such as "date" or "integer", else "word", "phrase" or "text" by its length; or the type
        of JSON.

    Examples
    --------
    >>> [kind_of(one) for one in ("2026-03-02", "18:30", "2", "True", "Rome", "By the window, please, not at the door")]
    ['date', 'time', 'integer', 'boolean', 'word', 'text']
    """
    if isinstance(value, str):
        text = value.strip()
        for kind, expression in _KINDS.items():
            if len(text) < 2_000 and expression.fullmatch(text):
                return kind
        words = len(text.split())
        return "word" if words < _PHRASE_WORDS else "phrase" if words < _TEXT_WORDS else "text"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, list | dict):
        return "array" if isinstance(value, list) else "object"
    return "null" if value is None else "number"


class _Seen:
    def __init__(self) -> None:
        self.calls = self.answered = 0
        self.kinds: Counter[str] = Counter()
        self.arguments: Counter[str] = Counter()
        self.results: Counter[str] = Counter()
        self.by_argument: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def add_call(self, arguments: str) -> None:
        value = _decoded(arguments)
        if isinstance(value, dict):
            self.calls += 1
            self.arguments.update(value.keys())
            for name, argument in value.items():
                kind = kind_of(argument)
                self.kinds[kind] += 1
                self.by_argument[name][kind] += 1

    def add_result(self, text: str) -> None:
        self.answered += 1
        self.results.update(set(_keys(_decoded(text), 0)) or {"(text)"})

    def shape(self, name: str) -> Shape:
        arguments = _shares(self.arguments, self.calls)
        return Shape(
            name,
            _shares(self.kinds, self.calls),
            arguments,
            _shares(self.results, self.answered),
            self.calls,
            {argument: self.by_argument[argument].most_common(1)[0][0] for argument in arguments},
        )


def _shares(counts: Counter[str], whole: int) -> dict[str, float]:
    return {name: count / whole for name, count in counts.most_common(MAX_NAMES)} if whole else {}


def _keys(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, dict) and depth < _MAX_DEPTH:
        for name, inner in value.items():
            yield name
            yield from _keys(inner, depth + 1)
    elif isinstance(value, list) and depth < _MAX_DEPTH:
        yield "(list)"
        for inner in value[:10]:
            yield from _keys(inner, depth + 1)


def _decoded(text: str) -> Any:
    try:
        return exact_json.decode(text) if text.strip() else {}
    except _NOT_JSON:
        return None


def _declared(tool: Tool) -> Shape:
    schema = tool.parameters or {}
    properties, required = schema.get("properties"), schema.get("required")
    if not isinstance(properties, dict):
        return Shape(tool.name)
    needed = set(required) if isinstance(required, list) else set()
    arguments = {name: 1.0 if name in needed else _OPTIONAL for name in list(properties)[:MAX_NAMES]}
    typical = {name: _kind_of_schema(properties[name]) for name in arguments}
    kinds: defaultdict[str, float] = defaultdict(float)
    for name, share in arguments.items():
        kinds[typical[name]] += share
    return Shape(tool.name, dict(kinds), arguments, typical=typical)


def _kind_of_schema(schema: Any) -> str:
    if not isinstance(schema, dict):
        return STRING
    values = schema.get("enum")
    if isinstance(values, list) and values:
        return Counter(map(kind_of, values)).most_common(1)[0][0]
    kind, form = schema.get("type"), schema.get("format")
    if isinstance(kind, list):
        kind = next((name for name in kind if name != "null"), None)
    if isinstance(form, str) and form in _FORMATS:
        return _FORMATS[form]
    return _TYPES.get(kind, STRING) if isinstance(kind, str) else STRING


def _with_calls(declared: Shape, called: Shape | None) -> Shape:
    if called is None or not called.calls:
        return declared
    arguments = {**declared.arguments, **called.arguments}
    typical = {**declared.typical, **called.typical}
    return Shape(declared.name, called.kinds, arguments, called.results, called.calls, typical)

"""Which calls of a message fit the tools that were offered."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Struct

from feedback import exact_json
from feedback.conversations.messages import ToolCallBlock
from feedback.tools import schemas, sets
from feedback.tools.schemas import Budget, Schema, Unjudged, Violation

# Longer arguments are read, but not judged by a schema.
MAX_ARGUMENTS_CHARACTERS = 256_000
# Lists of tools whose schemas are kept ready.
_KEPT = 64


class Problem(Struct, frozen=True, omit_defaults=True):
    """Why a call is invalid. It holds nothing of the arguments.

    code: "not_json", "not_object", "undeclared" (no such tool was offered), "forbidden" (tool_choice allows no call or
    another one), "missing" (required arguments) or "schema" (another rule of the schema). names: the missing arguments;
    keyword: of JSON Schema; path: a JSON Pointer into the arguments.
    """

    code: str
    path: str = ""
    keyword: str = ""
    names: tuple[str, ...] = ()


class CheckedCall(Struct, frozen=True, omit_defaults=True):
    """One call: its name, its problems, and why its arguments could not be judged by the schema, if so."""

    name: str
    problems: tuple[Problem, ...] = ()
    unjudged: str = ""

    @property
    def is_valid(self) -> bool:
        return not self.problems


class Choice(Struct, frozen=True):
    """What tool_choice demands: no call, at least one, or one of some tools (None for any)."""

    may_call: bool = True
    must_call: bool = False
    names: frozenset[str] | None = None


class Offered:
    """Tools that were offered, by name, with their schemas ready to judge."""

    def __init__(self, tools: Sequence[sets.Tool]):
        self.by_name = {tool.name: tool for tool in tools}
        self._schemas: dict[str, Schema | str | None] = {}

    def schema(self, name: str) -> Schema | None:
        """The schema of a tool's arguments, None if it has none. Raises Unjudged."""
        if name not in self._schemas:
            self._schemas[name] = _ready(self.by_name[name].parameters)
        found = self._schemas[name]
        if isinstance(found, str):
            raise Unjudged(found)
        return found


def check_calls(
    calls: Sequence[ToolCallBlock], *, tools: str | None = None, tool_choice: str | None = None
) -> list[CheckedCall]:
    """Judge each call of a message.

    Parameters
    ----------
    calls : sequence of ToolCallBlock
        In the order of the message.
    tools : str, optional
        What `sets.encode` wrote. Without it no name is undeclared.
    tool_choice : str, optional
        The JSON text of tool_choice as it was sent.

    Returns
    -------
    list of CheckedCall
        In the same order. A call without problems is valid, also where `unjudged` says why its schema gave no verdict:
        "schema_invalid", "schema_reference" or "too_complex".

    Notes
    -----
    All calls share one budget of steps, so the time is bounded.

    Examples
    --------
    >>> tools = sets.encode([sets.Tool("add", parameters={"type": "object", "required": ["a"]})])
    >>> calls = [ToolCallBlock("1", "add", '{"a": 1}'), ToolCallBlock("2", "add", "{}"), ToolCallBlock("3", "sub")]
    >>> [[problem.code for problem in call.problems] for call in check_calls(calls, tools=tools)]
    [[], ['missing'], ['undeclared']]
    """
    offered, choice, budget = offered_tools(tools) if tools else None, choice_of(tool_choice), Budget()
    return [_checked(call, offered, choice, budget) for call in calls]


@lru_cache(maxsize=_KEPT)
def offered_tools(text: str) -> Offered | None:
    """Return the tools of a list with their schemas, which are prepared once for each list.

    Parameters
    ----------
    text : str
        What `sets.encode` wrote.

    Returns
    -------
    Offered or None
        None if the text cannot be read, so that nothing is judged by it.

    Examples
    --------
    >>> sorted(offered_tools(sets.encode([sets.Tool("add"), sets.Tool("sub")])).by_name)
    ['add', 'sub']
    """
    try:
        return Offered(sets.decode(text))
    except (sets.ToolsError, msgspec.DecodeError, exact_json.NumberOutOfRange, RecursionError):
        return None


def choice_of(text: str | None) -> Choice:
    """Read what a tool_choice demands, in the form of OpenAI or Anthropic.

    Parameters
    ----------
    text : str or None
        JSON, or a bare word such as auto.

    Returns
    -------
    Choice
        For anything unknown the one that demands nothing.

    Examples
    --------
    >>> choice_of('"none"').may_call, choice_of('{"type": "any"}').must_call
    (False, True)
    >>> sorted(choice_of('{"type": "function", "function": {"name": "add"}}').names)
    ['add']
    """
    value = _json(text) if text else None
    if isinstance(value, str):
        value = {"type": value}
    if not isinstance(value, dict):
        return Choice()
    kind = value.get("type")
    if kind == "none":
        return Choice(may_call=False)
    if kind == "allowed_tools":
        return _allowed(value)
    if kind in ("required", "any"):
        return Choice(must_call=True)
    name = _named(value)
    return Choice(must_call=True, names=frozenset((name,))) if name else Choice()


def judge_json(value: Any, schema: Schema | None) -> tuple[tuple[Violation, ...], str]:
    """Judge one value by a schema within bounds.

    Parameters
    ----------
    value : Any
        Of `exact_json.decode`.
    schema : Schema or None

    Returns
    -------
    violations : tuple of Violation
    unjudged : str
        Why there is no verdict, or "".

    Examples
    --------
    >>> judge_json({"a": "x"}, Schema({"properties": {"a": {"type": "integer"}}}))
    ((Violation(keyword='type', path='/a', names=()),), '')
    """
    return _violations(value, schema, Budget())


def _checked(call: ToolCallBlock, offered: Offered | None, choice: Choice, budget: Budget) -> CheckedCall:
    problems = []
    if not choice.may_call or choice.names is not None and call.name not in choice.names:
        problems.append(Problem("forbidden"))
    is_declared = offered is None or call.name in offered.by_name
    if not is_declared:
        problems.append(Problem("undeclared"))
    if call.kind == sets.CUSTOM:
        return CheckedCall(call.name, tuple(problems))
    arguments, code = _arguments(call.arguments)
    if code:
        return CheckedCall(call.name, (*problems, Problem(code)))
    if offered is None or not is_declared:
        return CheckedCall(call.name, tuple(problems))
    if len(call.arguments) > MAX_ARGUMENTS_CHARACTERS:
        return CheckedCall(call.name, tuple(problems), "too_complex")
    try:
        violations, unjudged = _violations(arguments, offered.schema(call.name), budget)
    except Unjudged as error:
        return CheckedCall(call.name, tuple(problems), error.reason)
    return CheckedCall(call.name, (*problems, *map(_problem, violations)), unjudged)


def _arguments(text: str) -> tuple[Any, str]:
    """The arguments, and what is wrong with them. Some clients send '' for a call without arguments."""
    if not text.strip():
        return {}, ""
    try:
        arguments = exact_json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, exact_json.NumberOutOfRange, RecursionError):
        return None, "not_json"
    return arguments, "" if isinstance(arguments, dict) else "not_object"


def _violations(value: Any, schema: Schema | None, budget: Budget) -> tuple[tuple[Violation, ...], str]:
    if schema is None:
        return (), ""
    try:
        return tuple(schema.violations(value, budget)), ""
    except Unjudged as error:
        return (), error.reason


def _problem(violation: Violation) -> Problem:
    code = "missing" if violation.keyword == "required" else "schema"
    return Problem(code, violation.path, violation.keyword, violation.names)


def _ready(parameters: Mapping[str, Any] | None) -> Schema | str | None:
    try:
        return None if parameters is None else schemas.Schema(parameters)
    except Unjudged as error:
        return error.reason


def _allowed(value: Mapping[str, Any]) -> Choice:
    inner = value.get("allowed_tools")
    held = inner if isinstance(inner, dict) else value
    tools = held.get("tools")
    names = [_named(tool) for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []
    known = frozenset(name for name in names if name)
    return Choice(must_call=held.get("mode") == "required", names=known or None)


def _named(value: Mapping[str, Any]) -> str | None:
    for held in (value.get("function"), value.get("custom"), value):
        if isinstance(held, dict) and isinstance(held.get("name"), str):
            return str(held["name"])
    return None


def _json(text: str) -> Any:
    try:
        return exact_json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, exact_json.NumberOutOfRange, RecursionError):
        return text.strip()

"""Whether the tool calls of an answer are valid."""

from collections.abc import Sequence
from typing import Any

import regex

from feedback.quality.answers import Answer
from feedback.quality.checks.base import AnswerCheck
from feedback.quality.results import CheckResult
from feedback.tools.checking import CheckedCall, Problem, check_calls, choice_of

_NAME, _VERSION = "tool_calls", "tool_calls-1"
MOST_PROBLEMS = 20
# Any other name may be text of the model.
_ORDINARY_NAME = regex.compile(r"[\w.:/-]{1,64}")


def judge(answer: Answer) -> CheckResult | None:
    """Judge the tool calls of an answer.

    Parameters
    ----------
    answer : Answer

    Returns
    -------
    CheckResult or None
        Score: valid calls / calls, and 0 for an answer without calls where tool_choice demands one. None for any
        other answer without calls. details: `calls`, `valid`, `unjudged` (calls whose schema gave no verdict) and
        `problems`, each with the index of its call, its name, a code and where it is.

    Examples
    --------
    >>> from feedback.conversations.messages import ToolCallBlock
    >>> judge(Answer(calls=(ToolCallBlock("1", "add", '{"a": 1}'), ToolCallBlock("2", "add", "a=1")))).details
    {'calls': 2, 'valid': 1, 'unjudged': 0, 'problems': [{'call': 1, 'name': 'add', 'code': 'not_json'}]}
    """
    if not answer.calls:
        return _without_calls(answer)
    checked = check_calls(answer.calls, tools=answer.tools, tool_choice=answer.tool_choice)
    valid = sum(call.is_valid for call in checked)
    problems = [_shown(index, call, one) for index, call in enumerate(checked) for one in call.problems]
    unjudged = sum(bool(call.unjudged) for call in checked)
    return _result(valid / len(checked), calls=len(checked), valid=valid, unjudged=unjudged, problems=problems)


def may_apply(answers: Sequence[Answer]) -> list[bool]:
    """Tell which answers have calls or may lack one.

    Parameters
    ----------
    answers : sequence of Answer

    Returns
    -------
    list of bool

    Examples
    --------
    >>> may_apply([Answer("Hello"), Answer("Hello", tool_choice="required")])
    [False, True]
    """
    return [bool(answer.calls or answer.tool_choice) for answer in answers]


def _without_calls(answer: Answer) -> CheckResult | None:
    choice = choice_of(answer.tool_choice)
    if not choice.must_call or answer.is_refusal:
        return None
    return _result(0.0, calls=0, valid=0, unjudged=0, problems=[{"code": "no_call"}])


def _shown(index: int, call: CheckedCall, problem: Problem) -> dict[str, Any]:
    name = call.name if _ORDINARY_NAME.fullmatch(call.name) else ""
    optional = {"path": problem.path, "keyword": problem.keyword, "names": list(problem.names)}
    return {"call": index, "name": name, "code": problem.code} | {key: held for key, held in optional.items() if held}


def _result(score: float, *, problems: list[dict[str, Any]], **counts: int) -> CheckResult:
    return CheckResult(_NAME, score, score == 1, {**counts, "problems": problems[:MOST_PROBLEMS]}, _VERSION)


TOOL_CALLS = AnswerCheck(_NAME, _VERSION, judge, may_apply)

"""What every check keeps to, tried on awkward answers. It runs on the shipped checks and on those of others."""

import json
import re
from collections.abc import Iterator
from typing import Any

from feedback.conversations.messages import ToolCallBlock
from feedback.quality.answers import Answer, readable
from feedback.quality.checks.base import AnswerCheck, Check, Context
from feedback.quality.checks.guarded import MAX_DETAILS_BYTES, problem_of

_VERSION = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
TEXTS = (
    "",
    " \n\t ",
    "Paris",
    "The parcel left on Monday and should arrive by Thursday.",
    "I'm sorry, but I can't help with that.",
    '{"a": 1}',
    '{"a": ',
    "```python\nprint(1)\n```",
    "a,b\n1,2\n3,4",
    "Go on. " * 2_000,
    "x" * 200_000,
    "\x00\x01\x02",
    readable("\ud800 lone"),
    "\u202eright to left: \u0634\u0643\u0631\u0627",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 " * 50,
    "\u4f60\u597d\uff0c\u4e16\u754c\u3002" * 20,
    "e\u0301" * 500,
    "%s {0} ${x} \\ ' \"",
)


_TOOLS = json.dumps([{"name": "add", "input_schema": _SCHEMA}])
_STRUCTURED = json.dumps({"type": "json_object"})
# Texts, calls with and without tools, a refusal, media, and answers that were to have a structure.
ANSWERS = (
    *(Answer(text) for text in TEXTS),
    Answer(calls=(ToolCallBlock("1", "add", '{"a": 1}'),), tools=_TOOLS),
    Answer(calls=(ToolCallBlock("1", "add", "a="), ToolCallBlock("2", "", "")), tools="[]"),
    Answer("Wait.", calls=(ToolCallBlock("1", "add"),), tool_choice='"required"'),
    Answer(tool_choice='"required"', tools=_TOOLS),
    Answer("No.", is_refusal=True),
    Answer(has_media=True),
    Answer('{"a": 1}', response_format=_STRUCTURED),
    Answer("no JSON", response_format=_STRUCTURED, finish_reason="length"),
)


def problems(check: Check | AnswerCheck) -> Iterator[str]:
    """Tell what a check does that no check may do.

    Parameters
    ----------
    check : Check or AnswerCheck

    Returns
    -------
    iterator of str
        One sentence each; none for a check that can be used.

    Examples
    --------
    >>> from feedback.quality.checks import LENGTH
    >>> list(problems(LENGTH))
    []
    >>> list(problems(Check("loud", "loud-1", lambda prompt, response, context: response.upper())))[0]
    "it gives no result for ''."
    """
    if problem := problem_of_version(check.version):
        yield problem
    yield from _problems_of_texts(check) if isinstance(check, Check) else _problems_of_answers(check)


def _problems_of_texts(check: Check) -> Iterator[str]:
    context = Context()
    singly: list[Any] = []
    for text in TEXTS:
        try:
            first, second = check.judge("Why?", text, context), check.judge("Why?", text, context)
        except Exception as error:  # noqa: BLE001 - whatever it raises is what is wrong with it
            yield f"it raises {type(error).__name__} for {_shown(text)}."
            return
        if problem := problem_of(first, check):
            yield f"{_sentence(problem)} for {_shown(text)}."
            return
        if first != second:
            yield f"it gives two results for {_shown(text)}."
        singly.append(first)
    if check.judge_many is not None and check.judge_many(["Why?"] * len(TEXTS), TEXTS, context) != singly:
        yield "judge_many gives other results than judge."


def _problems_of_answers(check: AnswerCheck) -> Iterator[str]:
    for answer in ANSWERS:
        try:
            [applies] = check.may_apply([answer])
            first, second = check.judge(answer), check.judge(answer)
        except Exception as error:  # noqa: BLE001 - whatever it raises is what is wrong with it
            yield f"it raises {type(error).__name__} for {_shown(answer.text)}."
            return
        if first is not None and (problem := problem_of(first, check)):
            yield f"{_sentence(problem)} for {_shown(answer.text)}."
            return
        if first != second:
            yield f"it gives two results for {_shown(answer.text)}."
        if first is not None and not applies:
            yield f"may_apply says that it does not apply to {_shown(answer.text)}, and it does."


def problem_of_version(version: Any) -> str:
    """Tell what is wrong with the version of a check.

    Parameters
    ----------
    version
        Of a check.

    Returns
    -------
    str
        A sentence, or "".

    Examples
    --------
    >>> problem_of_version("polite-1"), problem_of_version("")
    ('', 'its version must be 1 to 64 characters of a-z 0-9 _ . -, such as polite-1.')
    """
    is_usable = isinstance(version, str) and _VERSION.fullmatch(version)
    return "" if is_usable else "its version must be 1 to 64 characters of a-z 0-9 _ . -, such as polite-1."


def _sentence(problem: str) -> str:
    return {
        "no result": "it gives no result",
        "score out of range": "its score is not from 0 to 1",
        "unusable details": f"its details are no JSON object of at most {MAX_DETAILS_BYTES:,} bytes",
    }.get(problem, "its result has another name or version, or a cap,")


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}…")
